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

/// The format, detected from the first bytes. Throws Error for any other.
ImageFormat image_format(ByteView bytes);

/// Width and height from the header of an encoded image. Throws Error unless it is a JPEG, PNG or WebP (detected from
/// the bytes), or if it claims more than 2^28 pixels.
ImageSize image_size(ByteView bytes);
/// The size of the decoded image under an orientation option.
ImageSize image_size(ByteView bytes, Orientation orientation);

/// The EXIF orientation of an encoded image: 2 to 8; 1 (upright) if it is missing, corrupt or out of range. XMP's
/// tiff:Orientation counts if EXIF has none, as in Pillow. Throws Error when it is not an image.
int exif_orientation(ByteView image);

/// Decodes images and reuses the decoder's memory. Use one per thread.
///
/// Converts color to gray as Pillow's `convert("L")` does (ITU-R 601-2 luma), but uses a JPEG's luma unchanged. Drops
/// alpha, or adds opaque alpha; converts CMYK to RGB. Decodes the first frame of an animated WebP.
class ImageDecoder {
 public:
  ImageDecoder();
  ~ImageDecoder();
  ImageDecoder(ImageDecoder&&) noexcept;
  ImageDecoder& operator=(ImageDecoder&&) noexcept;

  /// Decodes into height × width × channels bytes. Throws Error when the image is corrupt or has another size.
  void decode(ByteView bytes, Channels channels, ImageSize size, std::byte* to);
  /// The same under an orientation option; `size` is that of the result.
  void decode(ByteView bytes, Channels channels, ImageSize size, std::byte* to, Orientation orientation);
  /// The same into a buffer that grows as needed; returns the image's size.
  ImageSize decode(ByteView bytes, Channels channels, std::vector<std::byte>& to);
  /// Decodes at least a region, and as little more as the format allows: of a JPEG its blocks, of others the image.
  /// `region` becomes the decoded region; each pixel is as in the decoded whole image.
  void decode_region(ByteView bytes, Channels channels, Region& region, ImageBuffer& to);
  /// The same for the image shrunk by `shrink` (2, 4 or 8), in whose pixels `region` is given. Returns false unless it
  /// is a gray or YCbCr JPEG. Each pixel is nearly the mean of those that it covers: the transform uses fewer
  /// frequencies.
  bool decode_shrunk(ByteView bytes, Channels channels, int shrink, Region& region, ImageBuffer& to);

 private:
  struct Jpeg;
  Jpeg& jpeg();

  std::unique_ptr<Jpeg> jpeg_;
  std::vector<std::byte> rows_;
  ImageBuffer stored_;  // an image before it is turned
};

/// A PNG of 8 bits a channel.
std::vector<std::byte> encode_png(const std::byte* pixels, Channels channels, ImageSize size);
/// A JPEG (gray or rgb), 4:2:0, with a quality of 1 to 100.
std::vector<std::byte> encode_jpeg(const std::byte* pixels, Channels channels, ImageSize size, int quality = 90);

/// The values of a segmentation mask, from a PNG that is gray with 1 to 16 bits, a palette (its indices), or, for
/// `bits` 24 and 32, colors whose channels are the bytes of a number, the first the most significant. `bits` 0 accepts
/// any number of bits; another value must match the file.
struct MaskInfo {
  ImageSize size;
  int bits = 8;
};
MaskInfo mask_info(ByteView png, int bits);
/// Decodes into height × width numbers, written by `element` bytes each: 1, 2, 4 or 8. `room` is temporary memory, and
/// grows as needed. Throws Error when a value does not fit.
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
