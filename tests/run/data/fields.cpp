// Every kind of field in batches: written by the typed writer, read back; arrays in memory and safetensors files by the
// same loader.
#include <check.hpp>

#include <numeric>

#include <quix/data.hpp>
#include <quix/io.hpp>

using namespace quix;

namespace {

struct Caption {
  std::string text = "";
  int stars = 0;
};
struct All {
  Npy<"npy", float> vector;
  Npy<"any.npy"> any;
  Padded<"pad.npy", std::int32_t, 5> padded;
  Ragged<"ragged.npy", double> ragged;
  Rle<"rle", std::uint16_t> rle;
  Mask<"seg8", std::int64_t> mask;
  Text<"txt"> text;
  Bytes<"bin"> raw;
  Json<"json", Caption> caption;
  Boxes<"boxes.npy"> boxes;
  Class<"cls"> label;
  Key key;
  Index number;
};
/// What a user adds: ten lines.
template <Literal Suffix>
struct Hex : Array {
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::input;
  static Layout inspect(ByteView) { return {.dtype = DType::i64, .shape = {}, .strides = {}}; }
  static void decode(ByteView bytes, const Layout&, std::byte* to) {
    *reinterpret_cast<std::int64_t*>(to) =
        std::stoll(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), nullptr, 16);
  }
  static std::vector<std::byte> encode(const Array&) { return {}; }
};
struct Own {
  Hex<"hex"> value;
};
struct Small {
  Image<"image"> image;
  Npy<"x", float> x;
  Class<"y"> y;
  Index number;
};

constexpr int count = 23;

All sample(int i) {
  const auto f = static_cast<float>(i);
  const auto rows = i % 6, extra = i % 3;
  return {.vector = array_of<float>({3}, {f, f + 0.5f, -f}),
          .any = array_of<std::int8_t>({2, 1}, {static_cast<std::int8_t>(i), 5}),
          .padded = array_of<std::int32_t>({rows, 2}, std::vector<std::int32_t>(static_cast<std::size_t>(rows) * 2, i)),
          .ragged = Tensor<double>{{extra, 2}, std::vector<double>(static_cast<std::size_t>(extra) * 2, i)},
          .rle = {{2, 2}, std::vector<std::uint16_t>{1, 1, static_cast<std::uint16_t>(i * 1000), 7}.data()},
          .mask = {std::vector<std::int64_t>{0, i, 2, 3, 4, 5}.data(), {3, 2}},
          .text = "text " + std::to_string(i) + std::string(static_cast<std::size_t>(i) * 10, '.'),
          .raw = std::vector<std::byte>(static_cast<std::size_t>(i), static_cast<std::byte>(i)),
          .caption = Caption{.text = "c" + std::to_string(i), .stars = extra},
          .boxes = std::vector<Box>(static_cast<std::size_t>(i % 4), Box{0, 1, 2, f}),
          .label = i % 3,
          .key = {},
          .number = {}};
}

void shards(const std::filesystem::path& folder) {
  {
    Writer writer(folder, {.max_samples = 9});
    for (int i = 0; i < count; ++i) writer.write("train", "key" + std::to_string(i), sample(i));
    writer.finish();
  }
  const Split<All> split(folder, "train");
  CHECK_EQ(split.size(), static_cast<std::size_t>(count));
  const auto order = shuffled(count, 3, 1);
  for (const unsigned threads : {0u, 1u, 3u}) {
    Loader<All> loader(split, {.batch_size = 5, .threads = threads, .prefetch = 2});
    List<std::string> kept;
    for (int epoch = 0; epoch < 3; ++epoch)
      for (auto& batch : loader.epoch(order)) {
        const auto b = static_cast<std::int64_t>(batch.size);
        CHECK_EQ(batch.vector.shape(), Dims({b, 3}));
        CHECK_EQ(batch.any.shape(), Dims({b, 2, 1}));
        CHECK(batch.any.dtype() == DType::i8 && batch.mask.dtype() == DType::i64 && batch.rle.dtype() == DType::u16);
        CHECK_EQ(batch.padded.shape(), Dims({b, 5, 2}));
        CHECK_EQ(batch.text.size(), batch.size);
        for (std::size_t row = 0; row < batch.size; ++row) {
          const int i = static_cast<int>(order[batch.first + row]);
          const auto f = static_cast<float>(i);
          CHECK_EQ(batch.number.data<std::int64_t>()[row], i);
          CHECK_EQ(batch.key[row], "key" + std::to_string(i));
          CHECK_EQ(batch.label.data<std::int64_t>()[row], i % 3);
          CHECK(batch.vector.data<float>()[row * 3 + 1] == f + 0.5f && batch.any.data<std::int8_t>()[row * 2] == i);
          for (int k = 0; k < 10; ++k)
            CHECK_EQ(batch.padded.data<std::int32_t>()[row * 10 + static_cast<std::size_t>(k)], k < i % 6 * 2 ? i : 0);
          CHECK(batch.ragged[row].shape == Dims({i % 3, 2}) &&
                batch.ragged[row].values == std::vector<double>(static_cast<std::size_t>(i % 3) * 2, i));
          CHECK_EQ(batch.rle.data<std::uint16_t>()[row * 4 + 2], i * 1000);
          CHECK_EQ(batch.mask.data<std::int64_t>()[row * 6 + 1], i);
          CHECK_EQ(batch.text[row], "text " + std::to_string(i) + std::string(static_cast<std::size_t>(i) * 10, '.'));
          CHECK(batch.raw[row].size() == static_cast<std::size_t>(i) &&
                (i == 0 || batch.raw[row][0] == static_cast<std::byte>(i)));
          CHECK(batch.caption[row].text == "c" + std::to_string(i) && batch.caption[row].stars == i % 3);
          CHECK(batch.boxes[row].size() == static_cast<std::size_t>(i % 4) &&
                (i % 4 == 0 || batch.boxes[row][0].y1 == f));
        }
        if (epoch == 0 && batch.first == 0) kept = batch.text;
      }
    // What somebody keeps is not written over.
    CHECK_EQ(kept.size(), 5u);
    CHECK_EQ(kept[4].substr(0, 5 + std::to_string(order[4]).size()), "text " + std::to_string(order[4]));
  }
  // Fields of other shapes than the first sample's, and of another type.
  struct Double {
    Npy<"npy", double> vector;
  };
  CHECK_ERROR(Split<Double>(folder, "train"), "member key0.npy (offset ",
              "the file has dtype F32, but the field has F64");
  struct Short {
    Padded<"pad.npy", std::int32_t, 4> padded;
  };
  const Split<Short> few(folder, "train");
  Loader<Short> loader(few, {.batch_size = count, .threads = 0});
  CHECK_ERROR(
      [&] {
        for ([[maybe_unused]] auto& batch : loader.epoch()) {}
      }(),
      "member key5.pad.npy", "the array has 5 rows, but the field is padded to 4");
  struct Ragged2 {
    Npy<"ragged.npy", double> ragged;
  };
  const Split<Ragged2> ragged(folder, "train");
  Loader<Ragged2> other(ragged, {.batch_size = 2, .threads = 1});
  CHECK_ERROR(
      [&] {
        for ([[maybe_unused]] auto& batch : other.epoch()) {}
      }(),
      "the array is [1, 2], but the dataset's first is [0, 2]", "quix::Ragged or quix::Padded");
}

/// Two samples: the second is asked to be like the first, though its header is known, or nearly so.
void unlike(const std::filesystem::path& folder) {
  struct One {
    Npy<"npy"> value;
  };
  struct Runs {
    Rle<"rle", std::uint8_t> value;
  };
  const std::vector<float> numbers{1, 2, 3, 4, 5, 6};
  const auto* data = reinterpret_cast<const std::byte*>(numbers.data());
  const auto bytes = [](const std::vector<std::byte>& from, std::size_t less = 0) {
    return ByteView(from).first(from.size() - less);
  };
  const auto error = [&]<class S>(S, const char* suffix, ByteView one, ByteView two, std::string_view what) {
    std::filesystem::remove_all(folder);
    {
      Writer writer(folder);
      writer.write("train", "a", {{suffix, one}});
      writer.write("train", "b", {{suffix, two}});
      writer.finish();
    }
    const Split<S> split(folder, "train");
    Loader<S> loader(split, {.batch_size = 2, .threads = 0});
    CHECK_ERROR(
        [&] {
          for ([[maybe_unused]] auto& batch : loader.epoch()) {}
        }(),
        std::string("member b.") + suffix, what);
  };
  const auto good = io::write_npy(DType::f32, {6}, data), ints = io::write_npy(DType::i32, {6}, data),
             few = io::write_npy(DType::f32, {5}, data);
  error(One{}, "npy", bytes(good), bytes(good, 1), "the NPY data are truncated: [6] F32 needs 24 bytes, got 23");
  error(One{}, "npy", bytes(good), bytes(ints), "the file has dtype I32, but the field has F32");
  error(One{}, "npy", bytes(good), bytes(few), "the array is [5], but the dataset's first is [6]");
  const auto runs = write_rle(DType::u8, {2, 3}, data), other = write_rle(DType::u8, {3, 2}, data);
  error(Runs{}, "rle", bytes(runs), bytes(other), "the array is [3, 2], but the dataset's first is [2, 3]");
  error(Runs{}, "rle", bytes(runs), bytes(runs, 1), "truncated in the middle of a run");
}

void own_codec(const std::filesystem::path& folder) {
  {
    Writer writer(folder);
    for (const std::string_view text : {"ff", "10"})
      writer.write("train", std::string(text), {{"hex", std::as_bytes(std::span(text.data(), text.size()))}});
    writer.finish();
  }
  const Split<Own> split(folder, "train");
  Loader<Own> loader(split, {.batch_size = 2, .threads = 1});
  for (auto& batch : loader.epoch())
    CHECK(batch.value.data<std::int64_t>()[0] == 255 && batch.value.data<std::int64_t>()[1] == 16);
}

void memory(const std::filesystem::path& folder) {
  std::vector<std::uint8_t> pixels(7 * 3 * 2 * 4);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i);
  std::vector<float> x(14);
  std::iota(x.begin(), x.end(), 0.0f);
  const std::vector<Array> arrays{array_of<std::uint8_t>({7, 3, 2, 4}, pixels),
                                  array_of<float>({7, 2}, x),
                                  array_of<std::int32_t>({7}, {0, 1, 2, 0, 1, 2, 0}),
                                  {}};
  const auto check = [&](const Split<Small>& split) {
    CHECK_EQ(split.size(), 7u);
    CHECK_EQ(split.classes(2), 3);
    Loader<Small> loader(split, {.batch_size = 3, .threads = 2});
    const auto order = split.order({}, 1, 1);
    for (auto& batch : loader.epoch(order))
      for (std::size_t row = 0; row < batch.size; ++row) {
        const auto i = order[batch.first + row];
        CHECK_EQ(batch.x.data<float>()[row * 2 + 1], static_cast<float>(2 * i + 1));
        CHECK_EQ(batch.y.data<std::int64_t>()[row], static_cast<std::int64_t>(i % 3));
        CHECK_EQ(batch.number.data<std::int64_t>()[row], static_cast<std::int64_t>(i));
        for (std::size_t c = 0; c < 3; ++c)
          for (std::size_t p = 0; p < 8; ++p)
            CHECK(batch.image.data()[row * 24 + p * 3 + c] == static_cast<std::byte>(i * 24 + c * 8 + p));
      }
  };
  check(Split<Small>("here", arrays));
  io::make_folder(folder);
  const auto view = [&](const char* name, std::size_t i) {
    const auto& shape = arrays[i].shape();
    return io::TensorView{
        .name = name, .dtype = arrays[i].dtype(), .shape = {shape.begin(), shape.end()}, .data = arrays[i].data()};
  };
  io::write_safetensors(folder / "train.safetensors", {view("image", 0), view("x", 1), view("y", 2)});
  const Files<Small> files{.path = folder};
  CHECK(files.has("train") && !files.has("val"));
  check(files.open("train"));
  CHECK_EQ(Files<Small>::notes.size(), 8u);
  // Augmented like any other.
  struct Crop {
    RandomResizedCrop crop{.size = 2};
  } crop;
  Split<Small> cropped("here", arrays);
  cropped.augment(sample_transform(crop));
  Loader<Small> loader(cropped, {.batch_size = 7, .threads = 1});
  for (auto& batch : loader.epoch({}, 0, 7, {.seed = 1, .epoch = 0, .position = 0, .train = true}))
    CHECK_EQ(batch.image.shape(), Dims({7, 3, 2, 2}));
  // Side by side: the shorter one begins again.
  struct Numbers {
    Class<"n"> n;
  };
  const Split<Numbers> numbers("numbers", {array_of<std::int64_t>({3}, {10, 20, 30})});
  const Split<Small> seven("here", arrays);
  Loader<Small> a(seven, {.batch_size = 4, .threads = 1});
  Loader<Numbers> b(numbers, {.batch_size = 4, .threads = 1});
  Zip zip(a, b);
  std::vector<std::int64_t> pairs;
  for (auto [small, number] : zip.epoch(in_order(7), Order{2, 0, 1})) {
    CHECK_EQ(small.size, number.size);
    for (std::size_t row = 0; row < small.size; ++row)
      pairs.push_back(small.number.template data<std::int64_t>()[row] + number.n.template data<std::int64_t>()[row]);
  }
  CHECK(pairs == std::vector<std::int64_t>({30, 11, 22, 33, 14, 25, 36}));
  for (auto [small, number] : zip.epoch(in_order(7), Order{2, 0, 1}))
    if (small.first == 0 && number.size == 4) break;  // leaving early stops all threads
  // Of two ranks each gets its part of all of them, rows still side by side.
  for (const std::uint32_t rank : {0u, 1u}) {
    Loader<Small> part(seven, {.batch_size = 4, .threads = 1, .rank = rank, .world_size = 2});
    Loader<Numbers> other(numbers, {.batch_size = 4, .threads = 1, .rank = rank, .world_size = 2});
    pairs.clear();
    for (auto [small, number] : Zip(part, other).epoch(in_order(7), Order{2, 0, 1}))
      for (std::size_t row = 0; row < small.size; ++row) {
        const auto i = small.number.template data<std::int64_t>()[row];
        CHECK_EQ(number.n.template data<std::int64_t>()[row], 10 * ((i + 2) % 3 + 1));
        pairs.push_back(i);
      }
    CHECK(pairs == (rank == 0 ? std::vector<std::int64_t>{0, 2, 4, 6} : std::vector<std::int64_t>{1, 3, 5, 0}));
  }
  // A mask in memory is augmented with its image: where the pixels went, its numbers went.
  struct Segmented {
    Image<"image"> image;
    Mask<"mask", std::uint8_t> mask;
  };
  std::vector<std::uint8_t> picture(2 * 3 * 4 * 6), numbers_of(2 * 4 * 6);
  for (std::size_t i = 0; i < 2 * 24; ++i) {
    numbers_of[i] = static_cast<std::uint8_t>(i);
    for (std::size_t c = 0; c < 3; ++c) picture[(i / 24 * 3 + c) * 24 + i % 24] = static_cast<std::uint8_t>(i);
  }
  const std::vector<Array> masked{array_of<std::uint8_t>({2, 3, 4, 6}, picture),
                                  array_of<std::uint8_t>({2, 4, 6}, numbers_of)};
  struct Flip {
    HorizontalFlip flip{.p = 1};
  } flip;
  Split<Segmented> segmented("here", masked);
  segmented.augment(sample_transform(flip));
  Loader<Segmented> two(segmented, {.batch_size = 2, .threads = 1});
  for (auto& batch : two.epoch({}, 0, 2, {.seed = 1, .epoch = 0, .position = 0, .train = true}))
    for (std::size_t i = 0; i < 2 * 24; ++i) {
      const auto flipped = i / 6 * 6 + (5 - i % 6);
      CHECK_EQ(batch.mask.template data<std::uint8_t>()[i], numbers_of[flipped]);
      CHECK(batch.image.data()[i * 3 + 2] == static_cast<std::byte>(numbers_of[flipped]));
    }
  auto flat = masked;
  flat[1] = array_of<std::uint8_t>({2, 24}, numbers_of);
  Split<Segmented> shapeless("here", flat);
  CHECK_ERROR(shapeless.augment(sample_transform(flip)), "here", "augmented masks must be [N, H, W]");
  flat[1] = array_of<std::int32_t>({2, 4, 6}, std::vector<std::int32_t>(48));
  CHECK_ERROR(Split<Segmented>("here", flat), "here, mask: the array has dtype I32, but the field has U8");
  Loader<Numbers> odd(numbers, {.batch_size = 3, .threads = 1});
  CHECK_ERROR((Zip(a, odd)), "batch_size: zipped loaders must agree on it, got 4 and 3");
  Loader<Numbers> ranked(numbers, {.batch_size = 4, .threads = 1, .rank = 1, .world_size = 2});
  CHECK_ERROR((Zip(a, ranked)), "world_size: zipped loaders must agree on it, got 1 and 2");
  Loader<Small> first(seven, {.batch_size = 4, .threads = 1, .rank = 0, .world_size = 2});
  CHECK_ERROR((Zip(first, ranked)), "rank: zipped loaders must agree on it, got 0 and 1");
  CHECK_ERROR(zip.epoch(in_order(7), Order{}), "an empty split has no epoch of 7 samples");
  // What does not fit together.
  auto wrong = arrays;
  wrong[1] = array_of<float>({6, 2}, std::vector<float>(12));
  CHECK_ERROR(Split<Small>("here", wrong), "here, x: expected 7 samples like the previous field, got 6");
  wrong = arrays, wrong[0] = {};
  CHECK_ERROR(Split<Small>("here", wrong), "here, image: missing, or without a sample dimension");
  wrong = arrays, wrong[2] = array_of<float>({7}, std::vector<float>(7));
  CHECK_ERROR(Split<Small>("here", wrong), "here, y: expected class indices [N] of I64, I32 or U8, got [7] F32");
  wrong = arrays, wrong[2] = array_of<std::int64_t>({7}, {0, 0, 0, -1, 0, 0, 0});
  CHECK_ERROR(Split<Small>("here", wrong).classes(2), "y of sample 3", "class -1; class indices start at 0");
  io::write_safetensors(folder / "val.safetensors", {view("image", 0), view("x", 1)});
  CHECK_ERROR(files.open("val"), "val.safetensors", "tensor y not found; tensors: image, x");
  CHECK_ERROR(array_of<float>({2, 2}, {1}), "[2, 2] needs 4 values, got 1");
}

}  // namespace

TESTS {
  const test::Folder folder("fields");
  shards(folder.path / "all"), unlike(folder.path / "unlike"), own_codec(folder.path / "own"),
      memory(folder.path / "memory");
  return 0;
}
