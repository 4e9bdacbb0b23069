#pragma once

#include <cstring>
#include <string_view>

#include <quix/data/image.ipp>
#include <quix/data/webp.ipp>

namespace quix {
namespace detail {

/// Numbers of 2 and 4 bytes in either order; 0 past the end.
struct Numbers {
  ByteView bytes;
  bool little = false;

  std::uint32_t get(std::size_t at, std::size_t size) const {
    if (at > bytes.size() || bytes.size() - at < size) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value |= static_cast<std::uint32_t>(bytes[at + i]) << 8 * (little ? i : size - 1 - i);
    return value;
  }
  bool begins(std::size_t at, std::string_view magic) const {
    return at <= bytes.size() && bytes.size() - at >= magic.size() &&
           std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
  }
};

/// The orientation in the first directory of a TIFF header (EXIF 2.32, 4.6.2); 0 where there is none.
inline int tiff_orientation(ByteView bytes) {
  Numbers tiff{bytes, true};
  if (tiff.begins(0, std::string_view("Exif\0\0", 6))) tiff.bytes = bytes.subspan(6);
  tiff.little = tiff.begins(0, "II");
  if ((!tiff.little && !tiff.begins(0, "MM")) || tiff.get(2, 2) != 42) return 0;
  const std::size_t directory = tiff.get(4, 4), entries = tiff.get(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const auto at = directory + 2 + 12 * i;
    if (at + 12 > tiff.bytes.size()) return 0;
    if (tiff.get(at, 2) != 0x0112) continue;
    const auto type = tiff.get(at + 2, 2);
    const std::size_t size = type == 3 ? 2 : type == 4 ? 4 : 0;  // SHORT, LONG; other types count for nothing in Pillow
    const auto value = size && tiff.get(at + 4, 4) == 1 ? tiff.get(at + 8, size) : 0;
    return value <= 8 ? static_cast<int>(value) : 0;
  }
  return 0;
}

/// The same in an XMP packet, as an attribute or an element.
inline int xmp_orientation(ByteView bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (const std::string_view name : {"tiff:Orientation=\"", "tiff:Orientation>"})
    if (const auto at = text.find(name); at != text.npos && at + name.size() < text.size())
      if (const char digit = text[at + name.size()]; digit >= '1' && digit <= '8') return digit - '0';
  return 0;
}

/// The orientations of an image's metadata; EXIF counts first.
struct Orientations {
  int exif = 0, xmp = 0;
  void add_exif(ByteView bytes) {
    if (!exif) exif = tiff_orientation(bytes);
  }
  void add_xmp(ByteView bytes) {
    if (!xmp) xmp = xmp_orientation(bytes);
  }
};

inline void jpeg_orientations(ByteView bytes, Orientations& out) {
  constexpr auto exif = std::string_view("Exif\0\0", 6), xmp = std::string_view("http://ns.adobe.com/xap/1.0/", 28);
  const Numbers jpeg{bytes};
  for (std::size_t at = 2; jpeg.get(at, 1) == 0xff;) {
    const auto marker = jpeg.get(at + 1, 1);
    if (marker == 0xff) {  // fill bytes
      ++at;
      continue;
    }
    const std::size_t size = jpeg.get(at + 2, 2);
    if (marker == 0xda || size < 2 || at + 2 + size > bytes.size()) return;
    const auto payload = bytes.subspan(at + 4, size - 2);
    if (marker == 0xe1 && jpeg.begins(at + 4, exif)) out.add_exif(payload);
    if (marker == 0xe1 && jpeg.begins(at + 4, xmp)) out.add_xmp(payload);
    at += 2 + size;
  }
}

inline void png_orientations(ByteView bytes, Orientations& out) {
  const Numbers png{bytes};
  for (std::size_t at = 8; at + 12 <= bytes.size();) {
    const std::size_t size = png.get(at, 4);
    if (size > bytes.size() - at - 12) return;
    const auto payload = bytes.subspan(at + 8, size);
    if (png.begins(at + 4, "eXIf")) out.add_exif(payload);
    if (png.begins(at + 4, "iTXt") && png.begins(at + 8, "XML:com.adobe.xmp")) out.add_xmp(payload);
    at += 12 + size;
  }
}

inline void webp_orientations(ByteView bytes, Orientations& out) {
  each_riff_chunk(bytes.subspan(12), [&](std::string_view name, ByteView payload) {
    if (name == "EXIF") out.add_exif(payload);
    if (name == "XMP ") out.add_xmp(payload);
    return false;
  });
}

}  // namespace detail

QUIX_INLINE int exif_orientation(ByteView image) {
  detail::Orientations found;
  switch (image_format(image)) {
    case ImageFormat::jpeg: detail::jpeg_orientations(image, found); break;
    case ImageFormat::png: detail::png_orientations(image, found); break;
    case ImageFormat::webp: detail::webp_orientations(image, found); break;
  }
  return found.exif ? found.exif : found.xmp ? found.xmp : 1;
}

QUIX_INLINE ImageSize image_size(ByteView bytes, Orientation orientation) {
  const auto size = image_size(bytes);
  return orientation == Orientation::apply ? turned(size, exif_orientation(bytes)) : size;
}

QUIX_INLINE void ImageDecoder::decode(ByteView bytes, Channels channels, ImageSize size, std::byte* to,
                                      Orientation orientation) {
  const int turn = orientation == Orientation::apply ? exif_orientation(bytes) : 1;
  if (turn == 1) return decode(bytes, channels, size, to);
  const auto stored = turned(size, turn);
  detail::require_size(turned(image_size(bytes), turn), size);
  stored_.reset(stored, channel_count(channels));
  decode(bytes, channels, stored, reinterpret_cast<std::byte*>(stored_.data()));
  make_upright(reinterpret_cast<const std::byte*>(stored_.data()), stored, channel_count(channels), turn, to);
}

}  // namespace quix
