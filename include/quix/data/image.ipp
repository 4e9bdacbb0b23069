#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <spng.h>

#include <quix/data/image.hpp>

namespace quix {
namespace detail {

using Png = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

inline void check_png(int code) {
  if (code) throw Error("", std::string("the PNG is damaged: ") + spng_strerror(code));
}

inline Png open_png(std::span<const std::byte> bytes, spng_ihdr& header) {
  constexpr unsigned char magic[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  if (bytes.size() < 8 || std::memcmp(bytes.data(), magic, 8) != 0) {
    std::string first;
    for (std::size_t i = 0; i < bytes.size() && i < 4; ++i) {
      constexpr std::string_view digits = "0123456789abcdef";
      const auto byte = static_cast<unsigned>(bytes[i]);
      first += {digits[byte >> 4], digits[byte & 15], ' '};
    }
    throw Error("", "no PNG image: it has " + std::to_string(bytes.size()) + " bytes and begins with " +
                        (first.empty() ? "nothing" : first.substr(0, first.size() - 1)));
  }
  Png png(spng_ctx_new(0), &spng_ctx_free);
  if (!png) throw Error("", "no memory for a PNG decoder");
  check_png(spng_set_image_limits(png.get(), 1 << 16, 1 << 16));
  check_png(spng_set_png_buffer(png.get(), bytes.data(), bytes.size()));
  check_png(spng_get_ihdr(png.get(), &header));
  return png;
}

}  // namespace detail

QUIX_INLINE ImageSize image_size(std::span<const std::byte> bytes) {
  spng_ihdr header{};
  detail::open_png(bytes, header);
  return {header.width, header.height};
}

QUIX_INLINE void decode_image(std::span<const std::byte> bytes, Channels channels, ImageSize size, std::byte* to) {
  spng_ihdr header{};
  const auto png = detail::open_png(bytes, header);
  if (ImageSize{header.width, header.height} != size)
    throw Error("", "the image is " + std::to_string(header.width) + "x" + std::to_string(header.height) +
                        ", the dataset's first is " + std::to_string(size.width) + "x" + std::to_string(size.height) +
                        "; all images of a batch have one size");
  const auto count = static_cast<std::size_t>(size.width * size.height);
  if (channels != Channels::gray)
    return detail::check_png(spng_decode_image(png.get(), to, count * static_cast<std::size_t>(channel_count(channels)),
                                               channels == Channels::rgb ? SPNG_FMT_RGB8 : SPNG_FMT_RGBA8, 0));
  const bool is_gray = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE && header.bit_depth <= 8;
  if (is_gray) return detail::check_png(spng_decode_image(png.get(), to, count, SPNG_FMT_G8, 0));
  std::vector<unsigned char> colour(3 * count);
  detail::check_png(spng_decode_image(png.get(), colour.data(), colour.size(), SPNG_FMT_RGB8, 0));
  for (std::size_t i = 0; i < count; ++i)
    to[i] = static_cast<std::byte>(
        (19595u * colour[3 * i] + 38470u * colour[3 * i + 1] + 7471u * colour[3 * i + 2] + 0x8000u) >> 16);
}

QUIX_INLINE std::vector<std::byte> encode_png(const std::byte* pixels, Channels channels, ImageSize size) {
  const detail::Png png(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
  if (!png) throw Error("", "no memory for a PNG encoder");
  const auto check = [](int code) {
    if (code) throw Error("", std::string("the image cannot be encoded: ") + spng_strerror(code));
  };
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(size.width), header.height = static_cast<std::uint32_t>(size.height),
  header.bit_depth = 8;
  header.color_type = channels == Channels::gray  ? SPNG_COLOR_TYPE_GRAYSCALE
                      : channels == Channels::rgb ? SPNG_COLOR_TYPE_TRUECOLOR
                                                  : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  check(spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check(spng_set_ihdr(png.get(), &header));
  check(spng_encode_image(png.get(), pixels,
                          static_cast<std::size_t>(size.width * size.height * channel_count(channels)), SPNG_FMT_PNG,
                          SPNG_ENCODE_FINALIZE));
  std::size_t length = 0;
  int code = 0;
  const std::unique_ptr<void, decltype(&std::free)> buffer(spng_get_png_buffer(png.get(), &length, &code), &std::free);
  check(code);
  const auto* begin = static_cast<const std::byte*>(buffer.get());
  return {begin, begin + length};
}

}  // namespace quix
