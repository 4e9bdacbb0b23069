#pragma once

#include <cstddef>
#include <cstdint>

#include <quix/data/pixels.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// How an image codec treats the EXIF orientation, the rotation that makes the stored pixels upright.
enum class Orientation : std::uint8_t {
  ignore,  ///< the pixels as stored, as Pillow's `Image.open`
  apply,   ///< upright, as Pillow's `ImageOps.exif_transpose`
};

/// Whether an EXIF orientation, 1 (upright) to 8, exchanges width and height.
constexpr bool swaps_sides(int orientation) { return orientation >= 5; }
/// The upright size of a stored image, and the stored size of an upright one.
constexpr ImageSize turned(ImageSize size, int orientation) {
  return swaps_sides(orientation) ? ImageSize{size.height, size.width} : size;
}
/// Maps a region of the upright image to the stored one, whose size is given.
Region stored_region(Region upright, ImageSize stored, int orientation);
/// Maps a region of the stored image, whose size is given, to the upright one.
Region upright_region(Region region, ImageSize stored, int orientation);

/// Writes the upright image of stored pixels of `channels` bytes.
void make_upright(const std::byte* pixels, ImageSize stored, std::int64_t channels, int orientation, std::byte* to);
void make_upright(const ImageBuffer& stored, int orientation, ImageBuffer& to);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/orientation.ipp>
#endif
