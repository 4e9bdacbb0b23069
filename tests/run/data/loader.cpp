// Batches: the same whatever the threads, from any position, and with every thread gone at the end.
#include <check.hpp>

#include <chrono>
#include <fstream>
#include <thread>

#include <quix/data.hpp>

using namespace quix;

namespace {

struct Labelled {
  Image<"png", gray> image;
  Class<"cls"> label;
};

constexpr std::size_t count = 203;

/// Sample i: an image of 5 × 3 pixels that says i, with class i % 7.
void fill(const std::filesystem::path& folder, std::size_t odd = count) {
  Writer writer(folder, {.max_samples = 50});
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::byte> pixels(15);
    for (std::size_t p = 0; p < 15; ++p) pixels[p] = static_cast<std::byte>(i * 31 + p);
    auto png = encode_png(pixels.data(), gray, {5, 3});
    if (i == odd) png.resize(png.size() / 2);
    const auto label = std::to_string(i % 7);
    writer.write("train", std::to_string(i), {{"png", png}, {"cls", std::as_bytes(std::span(label))}});
  }
  writer.finish();
}

unsigned threads_now() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "Threads:") {
      unsigned n = 0;
      status >> n;
      return n;
    }
  return 0;
}

/// How many threads there were.
struct Threads {
  unsigned before = threads_now();
  /// A joined thread leaves the kernel's list a moment later.
  bool all_gone() const {
    for (int i = 0; i < 200 && threads_now() != before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return threads_now() == before;
  }
};

struct Flip {
  RandomResizedCrop crop{.size = 3};
  HorizontalFlip flip{};
};

/// The same batches whatever the threads, from any position.
void any_threads(const Split<Labelled>& split, const Order& order) {
  for (const unsigned threads : {0u, 1u, 2u, 7u})
    for (const unsigned prefetch : {1u, 2u, 5u})
      for (const std::size_t batch_size : {std::size_t{1}, std::size_t{16}, std::size_t{203}, std::size_t{500}})
        for (const std::uint64_t begin : {std::uint64_t{0}, std::uint64_t{48}, std::uint64_t{203}}) {
          Loader<Labelled> loader(split, {.batch_size = batch_size, .threads = threads, .prefetch = prefetch});
          std::uint64_t position = begin;
          for (auto& batch : loader.epoch(order, begin)) {
            CHECK_EQ(batch.first, position);
            CHECK_EQ(batch.image.shape(), Dims({static_cast<std::int64_t>(batch.size), 1, 3, 5}));
            CHECK_EQ(batch.label.shape(), Dims({static_cast<std::int64_t>(batch.size)}));
            for (std::size_t row = 0; row < batch.size; ++row, ++position) {
              const auto i = order[position];
              CHECK_EQ(batch.label.data<std::int64_t>()[row], static_cast<std::int64_t>(i % 7));
              for (std::size_t p = 0; p < 15; ++p)
                CHECK(batch.image.data()[row * 15 + p] == static_cast<std::byte>(i * 31 + p));
            }
          }
          CHECK_EQ(position, count);
          if (test::failures > 5) return;
        }
}

/// Leaving early, by break or exception, stops the workers; epochs follow one another on the same memory.
void early_leave(Loader<Labelled>& loader, const Threads& running) {
  for (int e = 0; e < 20; ++e)
    for (auto& batch : loader.epoch(shuffled(count, 1, static_cast<std::uint64_t>(e))))
      if (batch.first > 40) break;
  try {
    for (auto& batch : loader.epoch())
      if (batch.first == 16) throw 1;
  } catch (int) {}
  CHECK(running.all_gone());
}

/// A batch that somebody keeps is not written over.
void kept_batches(Loader<Labelled>& loader) {
  std::vector<Array> kept;
  for (auto& batch : loader.epoch()) kept.push_back(batch.label);
  for (std::size_t b = 0; b < kept.size(); ++b)
    for (std::int64_t row = 0; row < kept[b].shape()[0]; ++row)
      CHECK_EQ(kept[b].data<std::int64_t>()[row], (static_cast<std::int64_t>(b) * 8 + row) % 7);
}

/// The parts of all ranks together are the epoch, and what is drawn for a sample does not depend on how many there are.
void ranks_together(const std::filesystem::path& folder, const Order& order) {
  Flip flip;
  Split<Labelled> flipped(folder / "set", "train");
  flipped.augment(sample_transform(flip));
  const auto pixels = [&](std::uint32_t rank, std::uint32_t world, RankEnd end) {
    std::vector<std::string> out;
    Loader<Labelled> part(flipped,
                          {.batch_size = 10, .threads = 2, .rank = rank, .world_size = world, .rank_end = end});
    for (auto& batch : part.epoch(order, 0, ~std::uint64_t{0}, {.seed = 3, .epoch = 1, .position = 0, .train = true}))
      for (std::size_t row = 0; row < batch.size; ++row)
        out.emplace_back(reinterpret_cast<const char*>(batch.image.data()) + row * 9, 9);
    return out;
  };
  const auto whole = pixels(0, 1, RankEnd::exact);
  CHECK_EQ(whole.size(), count);
  for (const std::uint32_t world : {2u, 3u, 5u})
    for (std::uint32_t rank = 0; rank < world; ++rank) {
      const auto exact = pixels(rank, world, RankEnd::exact);
      CHECK_EQ(exact.size(), (count + world - 1 - rank) / world);
      for (std::size_t i = 0; i < exact.size(); ++i) CHECK(exact[i] == whole[i * world + rank]);
      CHECK_EQ(pixels(rank, world, RankEnd::pad).size(), (count + world - 1) / world);
      CHECK_EQ(pixels(rank, world, RankEnd::drop).size(), count / world);
    }
}

/// A damaged image: the error names shard, member and offset, comes with its own batch, and is the same for any
/// threads.
void damaged_image(const Split<Labelled>& odd, const Threads& running) {
  for (const unsigned threads : {0u, 1u, 4u}) {
    Loader<Labelled> broken(odd, {.batch_size = 16, .threads = threads});
    std::uint64_t batches = 0;
    const auto read = [&] {
      for ([[maybe_unused]] auto& batch : broken.epoch()) ++batches;
    };
    CHECK_ERROR((read(), 0), "odd/train_0002.tar, member 120.png (offset ", "the PNG is corrupt");
    CHECK_EQ(batches, 7u);
  }
  CHECK(running.all_gone());
}

/// A batch goes on without a damaged sample, or with another in its place, the same for any threads.
void damaged_batch_goes_on(const Split<Labelled>& odd) {
  for (const auto policy : {OnError::skip, OnError::replace}) {
    std::vector<std::vector<std::byte>> all;
    for (const unsigned threads : {0u, 1u, 4u}) {
      Loader<Labelled> going(odd, {.batch_size = 16, .threads = threads, .on_error = policy});
      std::vector<std::byte> bytes;
      std::uint64_t batches = 0;
      for (auto& batch : going.epoch()) {
        bytes.insert(bytes.end(), batch.image.data(), batch.image.data() + batch.size * 15);
        const bool here = batch.first == 112;
        CHECK_EQ(batch.bad.size(), here ? 1u : 0u);
        CHECK_EQ(batch.all_good(), !here || policy == OnError::replace);
        CHECK_EQ(batch.good_rows().size(), batch.size - (batch.all_good() ? 0 : 1));
        ++batches;
        if (!here) continue;
        CHECK_EQ(batch.bad[0].row, 8u);
        CHECK(batch.bad[0].what.find("member 120.png (offset ") != std::string::npos);
        const auto label = batch.label.data<std::int64_t>()[8];
        const auto first = static_cast<int>(batch.image.data()[8 * 15]);
        if (policy == OnError::skip)
          CHECK(label == 0 && first == 0);
        else
          CHECK(batch.bad[0].replaced &&
                first == static_cast<int>(batch.image.data()[8 * 15 + 1]) - 1);  // some sample's pixels
      }
      CHECK_EQ(batches, (count + 15) / 16);
      all.push_back(bytes);
    }
    CHECK(all[0] == all[1] && all[1] == all[2]);
  }
}

/// Shapes are those of the first sample that can be decoded. One has no header, one is cut after it, one's header is of
/// another size.
void first_sample_damaged(const std::filesystem::path& folder) {
  Flip flip;
  for (const int damage : {0, 1, 2}) {
    const auto set = folder / ("first" + std::to_string(damage));
    {
      Writer writer(set);
      for (int i = 0; i < 6; ++i) {
        const bool large = i == 0 && damage == 2;
        auto png = encode_png(std::vector<std::byte>(64, std::byte(i)).data(), gray,
                              large ? ImageSize{8, 8} : ImageSize{4, 4});
        if (i == 0) png.resize(damage == 0 ? 20 : 45);
        const auto cls = std::to_string(i);
        writer.write("train", cls, {{"png", png}, {"cls", std::as_bytes(std::span(cls))}});
      }
      writer.finish();
    }
    if (damage == 0) CHECK_ERROR(Split<Labelled>(set, "train"), "member 0.png (offset ");
    for (const auto policy : {OnError::skip, OnError::replace}) {
      Split<Labelled> going(set, "train", policy);
      for (const bool augmented : {false, true}) {
        if (augmented) going.augment(sample_transform(flip));
        Loader<Labelled> loader6(going, {.batch_size = 6, .threads = 1, .on_error = policy});
        for (auto& batch : loader6.epoch()) {
          CHECK_EQ(batch.image.shape(), augmented ? Dims({6, 1, 3, 3}) : Dims({6, 1, 4, 4}));
          CHECK_EQ(batch.bad.size(), 1u);
          CHECK_EQ(batch.good_rows().size(), policy == OnError::replace ? 6u : 5u);
        }
      }
    }
  }
}

void none_decodable(const std::filesystem::path& folder) {
  {
    Writer writer(folder / "none");
    for (const char* key : {"a", "b"})
      writer.write("train", key,
                   {{"png", std::as_bytes(std::span("no image", 8))}, {"cls", std::as_bytes(std::span("1", 1))}});
    writer.finish();
  }
  CHECK_ERROR(Split<Labelled>(folder / "none", "train", OnError::skip), "member a.png (offset ");
}

/// A label that is none: the sample is left out, and named.
void wrong_labels(const std::filesystem::path& folder) {
  {
    Writer writer(folder / "labels");
    const auto png = encode_png(std::vector<std::byte>(16).data(), gray, {4, 4});
    for (const std::string label : {"one", "2", "3", ""})
      writer.write("train", "k" + label, {{"png", png}, {"cls", std::as_bytes(std::span(label))}});
    writer.finish();
  }
  CHECK_ERROR(Split<Labelled>(folder / "labels", "train"), "member kone.cls (offset ", "got \"one\"");
  for (const auto policy : {OnError::skip, OnError::replace}) {
    const Split<Labelled> labels(folder / "labels", "train", policy);
    CHECK_EQ(labels.size(), 2u);
    CHECK_EQ(labels.index().class_of(0, 1), 2);
    std::string remarks;
    for (const auto& remark : labels.remarks()) remarks += remark + "\n";
    CHECK(remarks.find("lack") == std::string::npos && labels.index().left_out() == 2);  // one cause, the true one
    CHECK(remarks.find("2 members are not class indices (the first: ") != std::string::npos);
    CHECK(remarks.find("member kone.cls: expected a class index, got \"one\")") != std::string::npos);
  }
}

void two_sizes(const std::filesystem::path& folder) {
  {
    Writer writer(folder / "sizes");
    for (const int w : {4, 5})
      writer.write("train", std::to_string(w),
                   {{"png", encode_png(std::vector<std::byte>(20).data(), gray, {w, 4})},
                    {"cls", std::as_bytes(std::span("1", 1))}});
    writer.finish();
  }
  const Split<Labelled> sizes(folder / "sizes", "train");
  Loader<Labelled> mixed(sizes, {.batch_size = 2, .threads = 1});
  CHECK_ERROR(
      [&] {
        for ([[maybe_unused]] auto& batch : mixed.epoch()) {}
        return 0;
      }(),
      "the image is 5x4, but the dataset's first is 4x4");
}

}  // namespace

TESTS {
  const test::Folder folder("loader");
  fill(folder.path / "set");
  const Split<Labelled> split(folder.path / "set", "train");
  CHECK_EQ(split.size(), count);
  CHECK_EQ(split.layout(0).shape.text(), "[1, 3, 5]");
  CHECK_EQ(split.classes(1), 7);
  std::thread([] {}).join();  // a sanitizer starts a thread of its own with the first
  const Threads running;

  const auto order = shuffled(count, 4, 2);
  any_threads(split, order);
  if (test::failures > 5) return 1;
  Loader<Labelled> loader(split, {.batch_size = 8, .threads = 3});
  early_leave(loader, running), kept_batches(loader), ranks_together(folder.path, order);

  fill(folder.path / "odd", 120);
  const Split<Labelled> odd(folder.path / "odd", "train");
  damaged_image(odd, running), damaged_batch_goes_on(odd);
  first_sample_damaged(folder.path), none_decodable(folder.path), wrong_labels(folder.path), two_sizes(folder.path);
  return 0;
}
