// The EXIF orientation against Pillow's ImageOps.exif_transpose, and the first frame of animated WebPs
// (golden/make_orientation.py).
#include <check.hpp>

#include <cstdlib>
#include <filesystem>
#include <random>

#include <quix/data.hpp>
#include <quix/data/files.hpp>

using namespace quix;

namespace {

std::string golden;

ByteView view(const std::string& text) { return std::as_bytes(std::span(text)); }
std::string file(const std::string& name) { return io::read_text(golden + name); }

std::string decoded(const std::string& image, Channels channels, Orientation orientation) {
  const auto size = image_size(view(image), orientation);
  std::string out(static_cast<std::size_t>(size.width * size.height * channel_count(channels)), '\0');
  static ImageDecoder decoder;
  decoder.decode(view(image), channels, size, reinterpret_cast<std::byte*>(out.data()), orientation);
  return out;
}

void against_pillow() {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(golden)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("frame") || name.ends_with(".rgb")) continue;
    ++files;
    const auto image = file(name);
    const int orientation = exif_orientation(view(image));
    if (orientation != name[0] - '0')
      test::fail(__FILE__, __LINE__, name + ": orientation " + std::to_string(orientation));
    CHECK(image_size(view(image)) == ImageSize({45, 30}));
    CHECK(image_size(view(image), Orientation::apply) == turned({45, 30}, orientation));
    if (decoded(image, rgb, Orientation::apply) != file(name + ".rgb"))
      test::fail(__FILE__, __LINE__, name + " differs from Pillow's upright pixels");
    // The stored pixels are those of the upright file.
    if (name.ends_with(".jpg")) CHECK(decoded(image, rgb, Orientation::ignore) == file("1.jpg.rgb"));
  }
  CHECK_EQ(files, 18);
  for (const char* name : {"frames", "frame_opaque", "frame_alpha", "frame_lossy"}) {
    const auto image = file(std::string(name) + ".webp");
    for (const auto channels : {rgb, rgba})
      if (decoded(image, channels, Orientation::ignore) !=
          file(std::string(name) + (channels == rgb ? ".webp.rgb" : ".webp.rgba")))
        test::fail(__FILE__, __LINE__, std::string(name) + " differs from Pillow's first frame");
    CHECK_ERROR(decoded(image.substr(0, 60), rgb, Orientation::ignore), "the WebP image is corrupt");
  }
}

/// EXIF that is cut or lies is no orientation, and no error.
void damaged() {
  const auto image = file("6big.jpg");
  const auto at = image.find("MM");
  std::mt19937 random(3);
  for (int round = 0; round < 3000; ++round) {
    auto bad = image;
    for (int k = 0; k < 2; ++k) bad[at + random() % 34] = static_cast<char>(random());
    const int found = exif_orientation(view(bad));
    CHECK(found >= 1 && found <= 8);
  }
  for (std::size_t length = 3; length < image.size(); length += length < 200 ? 1 : 50) {
    const int found = exif_orientation(view(image.substr(0, length)));
    CHECK(found == 1 || found == 6);
  }
}

/// A crop decodes a part of the stored image, and is the same part of the upright one.
void crops() {
  ImageDecoder decoder;
  std::mt19937 random(5);
  const auto between = [&](std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(random()) % (to - from + 1);
  };
  for (const char* name : {"1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg", "7.jpg", "8.jpg", "6.png", "8.webp"}) {
    const auto image = file(name), whole = file(name + std::string(".rgb"));
    const auto size = image_size(view(image), Orientation::apply);
    for (int round = 0; round < 60; ++round) {
      Region region{between(0, size.width - 1), between(0, size.height - 1), 0, 0};
      region.width = between(1, size.width - region.x), region.height = between(1, size.height - region.y);
      ImageSample views;
      views.next_bytes();
      views.add_image(view(image), rgb, decoder, Orientation::apply);
      CHECK(views.size() == size);
      views.crop(region, {region.width, region.height}, Interpolation::nearest);
      const auto& part = views.image(0);
      bool equal = part.size == ImageSize({region.width, region.height});
      for (std::int64_t y = 0; equal && y < region.height; ++y)
        equal = std::memcmp(part.row(y), whole.data() + ((region.y + y) * size.width + region.x) * 3,
                            static_cast<std::size_t>(region.width * 3)) == 0;
      if (!equal) test::fail(__FILE__, __LINE__, std::string(name) + ": a crop differs from the whole");
    }
    // Decoded at a half: nearly the same, and not another part.
    ImageSample exact, draft;
    for (auto* views : {&exact, &draft}) {
      views->next_bytes();
      views->add_image(view(image), rgb, decoder, Orientation::apply);
      views->crop({2, 3, size.width - 9, size.height - 5}, {9, 9}, Interpolation::bilinear, views == &draft);
    }
    double sum = 0;
    for (std::size_t i = 0; i < exact.image(0).bytes(); ++i)
      sum += std::abs(exact.image(0).data()[i] - draft.image(0).data()[i]);
    CHECK(sum / static_cast<double>(exact.image(0).bytes()) < 10);
  }
}

template <Orientation Turn>
struct Scene {
  Image<"jpg", rgb, Turn> image;
  Mask<"seg.png", std::uint8_t> mask;
  Boxes<"boxes.npy"> boxes;
};

/// Masks and boxes belong to the image as the option gives it.
void samples(const std::filesystem::path& folder) {
  const auto write = [&](const char* split, ImageSize size) {
    Writer writer(folder / split);
    std::vector<std::uint8_t> mask(static_cast<std::size_t>(size.width * size.height));
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<std::uint8_t>(i % 7);
    const auto png = encode_mask(reinterpret_cast<const std::byte*>(mask.data()), 1, size, 8);
    const auto jpg = file("6.jpg");
    const auto boxes = Boxes<"boxes.npy">::encode({{2, 4, 10, 20}});
    writer.write("train", "000000", {{"jpg", view(jpg)}, {"seg.png", png}, {"boxes.npy", boxes}});
    writer.finish();
  };
  write("upright", {30, 45}), write("stored", {45, 30});
  HorizontalFlip flip{.p = 1};
  const RngKey training{.seed = 1, .epoch = 0, .position = 0, .train = true};
  Split<Scene<Orientation::apply>> upright(folder / "upright", "train");
  CHECK_EQ(upright.layout(0).shape, Dims({3, 45, 30}));
  upright.augment(sample_transform(flip));
  Loader<Scene<Orientation::apply>> loader(upright, {.batch_size = 1, .threads = 0});
  const auto pixels = file("6.jpg.rgb");
  for (auto& batch : loader.epoch({}, 0, 1, training)) {
    CHECK_EQ(batch.image.shape(), Dims({1, 3, 45, 30}));
    CHECK(batch.boxes[0][0] == Box({20, 4, 28, 20}));
    for (std::size_t y = 0; y < 45; ++y)
      for (std::size_t x = 0; x < 30; ++x) {
        CHECK(batch.mask.template data<std::uint8_t>()[y * 30 + x] == (y * 30 + 29 - x) % 7);
        CHECK(batch.image.data()[(y * 30 + x) * 3] == static_cast<std::byte>(pixels[(y * 30 + 29 - x) * 3]));
      }
  }
  // One archive is a dataset, and image files in folders are turned too.
  const auto archive = folder / "upright/train_0000.tar";
  const Shards<Scene<Orientation::apply>> one{.path = archive};
  CHECK(one.has("train") && !one.has("val") && one.open("train").size() == 1);
  CHECK(find_splits(archive) == std::vector<std::string>({"train"}) && !is_one_folder(archive));
  CHECK_ERROR(one.open("val"), "no shards of the split val match", "there are shards of train");
  CHECK_ERROR(Shards<Scene<Orientation::apply>>{.path = folder / "none.tar"}.open("train"), "not found; searched",
              "none.tar");
  std::filesystem::create_directories(folder / "files/train/cats");
  std::filesystem::copy(golden + "6.jpg", folder / "files/train/cats/6.jpg");
  struct Cat {
    Image<"jpg", rgb, Orientation::apply> image;
    Class<"cls"> label;
  };
  const auto cats = Files<Cat>{.path = folder / "files"}.open("train");
  Loader<Cat> reads(cats, {.batch_size = 1, .threads = 0});
  for (auto& batch : reads.epoch()) {
    CHECK_EQ(batch.image.shape(), Dims({1, 3, 45, 30}));
    CHECK(std::memcmp(batch.image.data(), pixels.data(), pixels.size()) == 0);
  }
  const Split<Scene<Orientation::ignore>> stored(folder / "stored", "train");
  CHECK_EQ(stored.layout(0).shape, Dims({3, 30, 45}));
  Split<Scene<Orientation::apply>> mixed(folder / "stored", "train");
  CHECK_ERROR(mixed.augment(sample_transform(flip)), "000000.seg.png", "is 45x30, but the sample's others are 30x45",
              "masks belong to the upright image");
}

}  // namespace

TESTS {
  golden = std::string(std::getenv("QUIX_GOLDEN")) + "/orientation/";
  against_pillow();
  damaged();
  crops();
  const test::Folder folder("orientation");
  samples(folder.path);
  return 0;
}
