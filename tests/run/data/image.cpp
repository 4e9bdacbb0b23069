// PNG against Pillow: files of every kind, and the pixels that Pillow reads (golden/make_images.py).
#include <check.hpp>

#include <cstdlib>
#include <random>

#include <quix/data/image.hpp>
#include <quix/io/file.hpp>

using namespace quix;

namespace {
std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }
}  // namespace

TESTS {
  const auto folder = std::string(std::getenv("QUIX_GOLDEN")) + "/images/";
  for (const char* name : {"gray8", "rgb8", "palette", "bilevel"}) {
    const auto png = io::read_text(folder + name + ".png");
    const auto size = image_size(bytes(png));
    CHECK(size == ImageSize({.width = 11, .height = 7}));
    for (const auto channels : {gray, rgb}) {
      std::string pixels(static_cast<std::size_t>(77 * channel_count(channels)), '\0');
      ImageDecoder().decode(bytes(png), channels, size, reinterpret_cast<std::byte*>(pixels.data()));
      if (pixels != io::read_text(folder + name + (channels == gray ? ".gray" : ".rgb")))
        test::fail(__FILE__, __LINE__,
                   std::string(name) + (channels == gray ? " as gray" : " as rgb") + " differs from Pillow's pixels");
    }
  }

  // What is encoded decodes to the same pixels.
  std::mt19937 random(1);
  for (const auto channels : {gray, rgb, rgba})
    for (const ImageSize size : {ImageSize{1, 1}, ImageSize{28, 28}, ImageSize{33, 5}}) {
      std::vector<std::byte> pixels(static_cast<std::size_t>(size.width * size.height * channel_count(channels))),
          back(pixels.size());
      for (auto& p : pixels) p = static_cast<std::byte>(random());
      const auto png = encode_png(pixels.data(), channels, size);
      CHECK(image_size(png) == size);
      ImageDecoder().decode(png, channels, size, back.data());
      CHECK(back == pixels);
    }

  // What is no PNG, is cut, or of another size.
  const auto png = io::read_text(folder + "gray8.png");
  std::vector<std::byte> out(77);
  CHECK_ERROR(image_size(bytes("GIF89a\xff JPEG")), "not a JPEG, PNG or WebP image but a GIF");
  CHECK_ERROR(image_size(bytes("\xff\xd9 JPEG")), "not a JPEG, PNG or WebP image: it begins with ff d9 20 4a");
  CHECK_ERROR(image_size({}), "not a JPEG, PNG or WebP image: it is empty");
  CHECK_ERROR(ImageDecoder().decode(bytes(png.substr(0, png.size() - 30)), gray, {11, 7}, out.data()),
              "the PNG is corrupt");
  CHECK_ERROR(ImageDecoder().decode(bytes(png), gray, {7, 11}, out.data()),
              "the image is 11x7, but the dataset's first is 7x11");
  return 0;
}
