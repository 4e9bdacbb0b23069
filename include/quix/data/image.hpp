#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Which channels an image has in memory, whatever its file holds.
enum class Channels : std::uint8_t { gray = 1, rgb = 3, rgba = 4 };
inline constexpr Channels gray = Channels::gray, rgb = Channels::rgb, rgba = Channels::rgba;

constexpr std::int64_t channel_count(Channels channels) { return static_cast<std::int64_t>(channels); }

struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool operator==(const ImageSize&) const = default;
};

/// Width and height from the header of an encoded image. Throws Error when it is no image that quix reads (PNG).
ImageSize image_size(std::span<const std::byte> bytes);

/// Decodes into height × width × channels bytes. Colour becomes gray as Pillow's `convert("L")` does it (ITU-R 601-2
/// luma). Throws Error when the image is damaged or not of that size.
void decode_image(std::span<const std::byte> bytes, Channels channels, ImageSize size, std::byte* to);

/// A PNG of 8 bits a channel.
std::vector<std::byte> encode_png(const std::byte* pixels, Channels channels, ImageSize size);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/image.ipp>
#endif
