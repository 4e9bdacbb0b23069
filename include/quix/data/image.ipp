#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <spng.h>

#include <quix/data/image.hpp>
#include <quix/io/format.hpp>

namespace quix {

QUIX_INLINE ImageFormat image_format(ByteView bytes) {
  const auto begins = [&](std::string_view magic, std::size_t at = 0) {
    return bytes.size() >= at + magic.size() && std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
  };
  if (begins("\xff\xd8\xff")) return ImageFormat::jpeg;
  if (begins("\x89PNG\r\n\x1a\n")) return ImageFormat::png;
  if (begins("RIFF") && begins("WEBP", 8)) return ImageFormat::webp;
  if (bytes.empty()) throw Error("", "not a JPEG, PNG or WebP image: it is empty");
  std::string first;
  for (std::size_t i = 0; i < bytes.size() && i < 4; ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned>(bytes[i]);
    first += {digits[byte >> 4], digits[byte & 15], ' '};
  }
  const auto text =
      std::string_view(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 512));
  if (const auto what = io::stand_in(text); !what.empty()) throw Error("", "not a JPEG, PNG or WebP image but " + what);
  if (const auto tool = io::compression(text); !tool.empty())
    throw Error("", "not a JPEG, PNG or WebP image but compressed by " + std::string(tool));
  const std::pair<std::string_view, const char*> others[] = {
      {"GIF8", "a GIF"}, {"BM", "a BMP"}, {"II*", "a TIFF"}, {"MM", "a TIFF"}, {"PK\x03\x04", "a ZIP archive"},
      {"%PDF", "a PDF"}};
  for (const auto& [magic, name] : others)
    if (begins(magic)) throw Error("", std::string("not a JPEG, PNG or WebP image but ") + name);
  throw Error("", "not a JPEG, PNG or WebP image: it begins with " + first.substr(0, first.size() - 1));
}

namespace detail {

using Png = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

inline void check_png(int code) {
  if (code) throw Error("", std::string("the PNG is corrupt: ") + spng_strerror(code));
}

inline Png open_png(ByteView bytes, spng_ihdr& header) {
  if (image_format(bytes) != ImageFormat::png) throw Error("", "expected a PNG for a mask, got another image format");
  Png png(spng_ctx_new(0), &spng_ctx_free);
  if (!png) throw Error("", "no memory for a PNG decoder");
  check_png(spng_set_image_limits(png.get(), 1 << 16, 1 << 16));
  check_png(spng_set_png_buffer(png.get(), bytes.data(), bytes.size()));
  check_png(spng_get_ihdr(png.get(), &header));
  return png;
}

ImageSize jpeg_size(ByteView bytes);
ImageSize webp_size(ByteView bytes);
void decode_webp(ByteView bytes, Channels channels, ImageSize size, std::byte* to, std::vector<std::byte>& rows);

/// Every image of a batch has one size.
inline void require_size(ImageSize found, ImageSize wanted) {
  if (found != wanted)
    throw Error("", "the image is " + size_text(found) + ", but the dataset's first is " + size_text(wanted) +
                        "; add quix::Resize or quix::RandomResizedCrop to augment");
}

inline void luma(const unsigned char* colour, std::size_t count, std::byte* to) {
  for (std::size_t i = 0; i < count; ++i)
    to[i] = static_cast<std::byte>(
        (19595u * colour[3 * i] + 38470u * colour[3 * i + 1] + 7471u * colour[3 * i + 2] + 0x8000u) >> 16);
}

inline void decode_png(ByteView bytes, Channels channels, ImageSize size, std::byte* to, std::vector<std::byte>& rows) {
  spng_ihdr header{};
  const auto png = open_png(bytes, header);
  const auto count = static_cast<std::size_t>(size.width * size.height);
  if (channels != Channels::gray)
    return check_png(spng_decode_image(png.get(), to, count * static_cast<std::size_t>(channel_count(channels)),
                                       channels == Channels::rgb ? SPNG_FMT_RGB8 : SPNG_FMT_RGBA8,
                                       channels == Channels::rgb ? 0 : SPNG_DECODE_TRNS));
  if (header.color_type == SPNG_COLOR_TYPE_GRAYSCALE && header.bit_depth <= 8)
    return check_png(spng_decode_image(png.get(), to, count, SPNG_FMT_G8, 0));
  rows.resize(3 * count);
  check_png(spng_decode_image(png.get(), rows.data(), rows.size(), SPNG_FMT_RGB8, 0));
  luma(reinterpret_cast<const unsigned char*>(rows.data()), count, to);
}

}  // namespace detail

QUIX_INLINE ImageSize image_size(ByteView bytes) {
  ImageSize size;
  switch (image_format(bytes)) {
    case ImageFormat::jpeg: size = detail::jpeg_size(bytes); break;
    case ImageFormat::png: {
      spng_ihdr header{};
      detail::open_png(bytes, header);
      size = {header.width, header.height};
      break;
    }
    case ImageFormat::webp: size = detail::webp_size(bytes); break;
  }
  if (size.width <= 0 || size.height <= 0 || size.width * size.height > (std::int64_t{1} << 28))
    throw Error("", "the image claims to be " + detail::size_text(size) + "; the maximum is 2^28 pixels");
  return size;
}

namespace detail {

/// Encodes rows of the header's format.
inline std::vector<std::byte> write_png(spng_ihdr header, const void* pixels, std::size_t bytes) {
  const Png png(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
  if (!png) throw Error("", "no memory for a PNG encoder");
  const auto check = [](int code) {
    if (code) throw Error("", std::string("the image cannot be encoded: ") + spng_strerror(code));
  };
  check(spng_set_option(png.get(), SPNG_ENCODE_TO_BUFFER, 1));
  check(spng_set_ihdr(png.get(), &header));
  check(spng_encode_image(png.get(), pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE));
  std::size_t length = 0;
  int code = 0;
  const std::unique_ptr<void, decltype(&std::free)> buffer(spng_get_png_buffer(png.get(), &length, &code), &std::free);
  check(code);
  const auto* begin = static_cast<const std::byte*>(buffer.get());
  return {begin, begin + length};
}

inline spng_ihdr png_header(ImageSize size, int depth, int colour) {
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(size.width), header.height = static_cast<std::uint32_t>(size.height);
  header.bit_depth = static_cast<std::uint8_t>(depth), header.color_type = static_cast<std::uint8_t>(colour);
  return header;
}

}  // namespace detail

QUIX_INLINE std::vector<std::byte> encode_png(const std::byte* pixels, Channels channels, ImageSize size) {
  const auto colour = channels == Channels::gray  ? SPNG_COLOR_TYPE_GRAYSCALE
                      : channels == Channels::rgb ? SPNG_COLOR_TYPE_TRUECOLOR
                                                  : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
  return detail::write_png(detail::png_header(size, 8, colour), pixels,
                           static_cast<std::size_t>(size.width * size.height * channel_count(channels)));
}

QUIX_INLINE MaskInfo mask_info(ByteView png, int bits) {
  spng_ihdr header{};
  detail::open_png(png, header);
  const ImageSize size{header.width, header.height};
  if (size.width * size.height > (std::int64_t{1} << 28))
    throw Error("", "the mask claims to be " + detail::size_text(size) + "; the maximum is 2^28 pixels");
  int found = 0;
  if (header.color_type == SPNG_COLOR_TYPE_GRAYSCALE) found = header.bit_depth <= 8 ? 8 : 16;
  if (header.color_type == SPNG_COLOR_TYPE_INDEXED && bits == 0) found = 8;
  if (header.color_type == SPNG_COLOR_TYPE_TRUECOLOR && header.bit_depth == 8) found = 24;
  if (header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA && header.bit_depth == 8) found = 32;
  if (found == 0 || (bits != 0 && found != bits))
    throw Error("", "a mask of " + std::string(bits ? std::to_string(bits) : "1 to 32") + " bits is a PNG of " +
                        (bits == 24   ? "RGB"
                         : bits == 32 ? "RGBA"
                         : bits == 0  ? "gray, palette, RGB or RGBA"
                                      : "gray") +
                        " pixels; this one has color type " + std::to_string(header.color_type) + " with " +
                        std::to_string(header.bit_depth) + " bits");
  return {size, found};
}

QUIX_INLINE void decode_mask(ByteView bytes, int bits, ImageSize size, std::size_t element, std::byte* to,
                             std::vector<std::byte>& room) {
  const auto info = mask_info(bytes, bits);
  detail::require_size(info.size, size);
  spng_ihdr header{};
  const auto png = detail::open_png(bytes, header);
  const auto count = static_cast<std::size_t>(size.width * size.height);
  const auto width = static_cast<std::size_t>(info.bits / 8);
  const bool packed = header.bit_depth < 8 && header.color_type == SPNG_COLOR_TYPE_INDEXED;
  const auto* raw = reinterpret_cast<unsigned char*>(to);
  if (packed) {  // indices of 1, 2 or 4 bits, rows filled up to bytes
    std::size_t length = 0;
    detail::check_png(spng_decoded_image_size(png.get(), SPNG_FMT_RAW, &length));
    room.resize(length + count);
    const auto* rows = reinterpret_cast<const unsigned char*>(room.data());
    auto* indices = reinterpret_cast<unsigned char*>(room.data() + length);
    detail::check_png(spng_decode_image(png.get(), room.data(), length, SPNG_FMT_RAW, 0));
    const auto w = static_cast<std::size_t>(size.width), row = length / static_cast<std::size_t>(size.height);
    for (std::size_t i = 0; i < count; ++i) {
      const auto bit = (i % w) * header.bit_depth;
      indices[i] = static_cast<unsigned char>(rows[i / w * row + bit / 8] >> (8 - header.bit_depth - bit % 8) &
                                              ((1 << header.bit_depth) - 1));
    }
    raw = indices;
  } else {
    auto* out = to;
    if (const bool in_place = width == 1 && element == 1; !in_place) {
      room.resize(count * width);
      out = room.data();
    }
    const bool gray8 = info.bits == 8 && header.color_type == SPNG_COLOR_TYPE_GRAYSCALE;
    detail::check_png(spng_decode_image(png.get(), out, count * width,
                                        gray8 && header.bit_depth == 8 ? SPNG_FMT_RAW
                                        : gray8                        ? SPNG_FMT_G8
                                                                       : SPNG_FMT_RAW,
                                        0));
    if (out == to) return;
    raw = reinterpret_cast<unsigned char*>(out);
  }
  // A number's bytes come most significant first, in the file as in PNG's own 16 bits.
  std::memset(to, 0, count * element);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t value = 0;
    for (std::size_t b = 0; b < width; ++b) value = value << 8 | raw[i * width + b];
    if (element < 8 && value >> (8 * element))
      throw Error("",
                  "the mask holds the value " + std::to_string(value) + ", which does not fit into the field's type");
    std::memcpy(to + i * element, &value, element);
  }
}

QUIX_INLINE std::vector<std::byte> encode_mask(const std::byte* values, std::size_t element, ImageSize size, int bits) {
  const auto count = static_cast<std::size_t>(size.width * size.height);
  const auto width = static_cast<std::size_t>(bits / 8);
  std::vector<unsigned char> raw(count * width);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t value = 0;
    std::memcpy(&value, values + i * element, element);
    if (value >> bits)
      throw Error(
          "", "the value " + std::to_string(value) + " does not fit into a mask of " + std::to_string(bits) + " bits");
    if (bits == 16) {  // the encoder takes this machine's order
      const auto half = static_cast<std::uint16_t>(value);
      std::memcpy(raw.data() + 2 * i, &half, 2);
    } else {
      for (std::size_t b = 0; b < width; ++b)
        raw[i * width + b] = static_cast<unsigned char>(value >> 8 * (width - 1 - b));
    }
  }
  const auto colour = bits == 24   ? SPNG_COLOR_TYPE_TRUECOLOR
                      : bits == 32 ? SPNG_COLOR_TYPE_TRUECOLOR_ALPHA
                                   : SPNG_COLOR_TYPE_GRAYSCALE;
  return detail::write_png(detail::png_header(size, bits == 16 ? 16 : 8, colour), raw.data(), raw.size());
}

}  // namespace quix
