#include "raw_png.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace quix::tool {
namespace {

void check_png(int code, const char* what) {
  if (code) throw Error("", what + std::string(spng_strerror(code)));
}

/// Bytes of a row as it is packed in the file.
std::size_t packed_row(const spng_ihdr& header, std::size_t pixel) {
  return header.bit_depth < 8 ? (header.width * std::size_t{header.bit_depth} + 7) / 8 : header.width * pixel;
}

}  // namespace

Png open_png(ByteView bytes, spng_ihdr& header) {
  Png png(spng_ctx_new(0), &spng_ctx_free);
  spng_set_image_limits(png.get(), 1 << 16, 1 << 16);
  check_png(spng_set_png_buffer(png.get(), bytes.data(), bytes.size()), "the PNG is damaged: ");
  check_png(spng_get_ihdr(png.get(), &header), "the PNG is damaged: ");
  return png;
}

RawPng read_png(ByteView bytes) {
  image_size(bytes);  // refuses what is too large
  RawPng out;
  const auto png = open_png(bytes, out.header);
  const auto& header = out.header;
  const std::size_t channels[] = {1, 0, 3, 1, 2, 0, 4};
  out.pixel = std::max<std::size_t>(1, channels[header.color_type] * header.bit_depth / 8);
  std::size_t length = 0;
  check_png(spng_decoded_image_size(png.get(), SPNG_FMT_RAW, &length), "the PNG is damaged: ");
  std::vector<std::byte> raw(length);
  check_png(spng_decode_image(png.get(), raw.data(), length, SPNG_FMT_RAW, 0), "the PNG is damaged: ");
  if (spng_plte palette{}; spng_get_plte(png.get(), &palette) == 0) out.palette = palette;
  if (spng_trns transparency{}; spng_get_trns(png.get(), &transparency) == 0) out.transparency = transparency;
  if (header.bit_depth >= 8) {
    out.pixels = std::move(raw);
    return out;
  }
  out.pixels.resize(std::size_t{header.width} * header.height);
  const auto row = packed_row(header, 1);
  for (std::size_t i = 0; i < out.pixels.size(); ++i) {
    const auto bit = i % header.width * header.bit_depth;
    out.pixels[i] = raw[i / header.width * row + bit / 8] >> (8 - header.bit_depth - bit % 8) &
                    static_cast<std::byte>((1 << header.bit_depth) - 1);
  }
  return out;
}

std::vector<std::byte> exif_of(int orientation) {
  std::vector<std::byte> out;
  for (const int b :
       {0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0})
    out.push_back(static_cast<std::byte>(b));
  return out;
}

std::vector<std::byte> write_png(const RawPng& image, int orientation) {
  const Png png(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
  const auto check = [](int code) { check_png(code, "the PNG cannot be encoded: "); };
  auto header = image.header;
  header.interlace_method = 0;
  check(spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check(spng_set_ihdr(png.get(), &header));
  if (auto palette = image.palette) check(spng_set_plte(png.get(), &*palette));
  if (auto transparency = image.transparency) check(spng_set_trns(png.get(), &*transparency));
  auto tiff = exif_of(orientation);
  spng_exif exif{tiff.size(), reinterpret_cast<char*>(tiff.data())};
  if (orientation != 1) check(spng_set_exif(png.get(), &exif));
  auto raw = image.pixels;
  if (header.bit_depth < 8) {
    const auto row = packed_row(header, 1);
    raw.assign(row * header.height, std::byte{0});
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      const auto bit = i % header.width * header.bit_depth;
      raw[i / header.width * row + bit / 8] |= image.pixels[i] << (8 - header.bit_depth - bit % 8);
    }
  }
  check(spng_encode_image(png.get(), raw.data(), raw.size(), SPNG_FMT_RAW, SPNG_ENCODE_FINALIZE));
  std::size_t length = 0;
  int code = 0;
  const std::unique_ptr<void, decltype(&std::free)> buffer(spng_get_png_buffer(png.get(), &length, &code), &std::free);
  check(code);
  const auto* begin = static_cast<const std::byte*>(buffer.get());
  return {begin, begin + length};
}

RawPng png_of(const ImageBuffer& picture) {
  RawPng out;
  out.header.width = static_cast<std::uint32_t>(picture.size.width);
  out.header.height = static_cast<std::uint32_t>(picture.size.height);
  out.header.bit_depth = 8;
  out.header.color_type = picture.channels == 1   ? SPNG_COLOR_TYPE_GRAYSCALE
                          : picture.channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR
                                                  : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  out.pixel = static_cast<std::size_t>(picture.channels);
  const auto* begin = reinterpret_cast<const std::byte*>(picture.data());
  out.pixels.assign(begin, begin + picture.bytes());
  return out;
}

}  // namespace quix::tool
