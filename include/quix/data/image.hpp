#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/data/orientation.hpp>
#include <quix/data/pixels.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

enum class ImageFormat : std::uint8_t { jpeg, png, webp };

/// The format, told from the first bytes. Throws Error when it is none of these.
ImageFormat image_format(ByteView bytes);

/// Width and height from the header of an encoded image. Throws Error when it is no image that quix reads (JPEG, PNG,
/// WebP, told from the bytes), or claims more than 2^28 pixels.
ImageSize image_size(ByteView bytes);
/// The size of what is decoded under an orientation option.
ImageSize image_size(ByteView bytes, Orientation orientation);

/// The EXIF orientation of an encoded image: 2 to 8; 1 (upright) where it has none, a damaged one, or one out of range.
/// XMP's tiff:Orientation counts where EXIF has none, as in Pillow. Throws Error when it is not an image.
int exif_orientation(ByteView image);

/// Decodes images; keeps the decoder's memory from one to the next. One for each thread.
///
/// Colour becomes gray as Pillow's `convert("L")` does it (ITU-R 601-2 luma), but a JPEG's own luma is taken as it is.
/// Alpha is dropped, or opaque where there is none; CMYK becomes RGB. Of an animated WebP the first frame is decoded.
class ImageDecoder {
 public:
  ImageDecoder();
  ~ImageDecoder();
  ImageDecoder(ImageDecoder&&) noexcept;
  ImageDecoder& operator=(ImageDecoder&&) noexcept;

  /// Decodes into height × width × channels bytes. Throws Error when the image is damaged or not of that size.
  void decode(ByteView bytes, Channels channels, ImageSize size, std::byte* to);
  /// The same under an orientation option; `size` is that of the result.
  void decode(ByteView bytes, Channels channels, ImageSize size, std::byte* to, Orientation orientation);
  /// The same into a buffer that grows as needed; returns the image's size.
  ImageSize decode(ByteView bytes, Channels channels, std::vector<std::byte>& to);
  /// Decodes at least a region, and as little more as the format allows: of a JPEG its blocks, of others the image.
  /// What it did decode becomes `region`; each pixel is what decoding the whole image gives.
  void decode_region(ByteView bytes, Channels channels, Region& region, Picture& to);
  /// The same of an image made smaller by `shrink` (2, 4 or 8), in whose pixels `region` is then given; false for what
  /// is no JPEG of gray or YCbCr colours. Each pixel is the mean of those that it covers, nearly: the transform of
  /// fewer frequencies.
  bool decode_shrunk(ByteView bytes, Channels channels, int shrink, Region& region, Picture& to);

 private:
  struct Jpeg;
  Jpeg& jpeg();

  std::unique_ptr<Jpeg> jpeg_;
  std::vector<std::byte> rows_;
  Picture stored_;  // an image before it is turned
};

/// A PNG of 8 bits a channel.
std::vector<std::byte> encode_png(const std::byte* pixels, Channels channels, ImageSize size);
/// A JPEG (gray or rgb), 4:2:0, with a quality of 1 to 100.
std::vector<std::byte> encode_jpeg(const std::byte* pixels, Channels channels, ImageSize size, int quality = 90);

/// The values of a segmentation mask, from a PNG that is gray with 1 to 16 bits, a palette (its indices), or, for
/// `bits` 24 and 32, colours whose channels are the bytes of a number, the first the most significant. `bits` 0 takes
/// what the file has; another number has to be the file's.
struct MaskInfo {
  ImageSize size;
  int bits = 8;
};
MaskInfo mask_info(ByteView png, int bits);
/// Decodes into height × width numbers, written by `element` bytes each: 1, 2, 4 or 8. `room` is for what comes in
/// between, and grows as needed. Throws Error when a value does not fit.
void decode_mask(ByteView png, int bits, ImageSize size, std::size_t element, std::byte* to,
                 std::vector<std::byte>& room);
/// A PNG of gray 8 or 16 bits, or RGB (24) or RGBA (32). Throws Error when a value needs more bits.
std::vector<std::byte> encode_mask(const std::byte* values, std::size_t element, ImageSize size, int bits);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/exif.ipp>
#include <quix/data/image.ipp>
#include <quix/data/jpeg.ipp>
#include <quix/data/webp.ipp>
#endif
