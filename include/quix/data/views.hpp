#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <quix/data/image.hpp>
#include <quix/data/philox.hpp>
#include <quix/data/picture.hpp>
#include <quix/detail/refused.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// A rectangle in pixels: from (x0, y0) up to (x1, y1).
struct Box {
  float x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  bool operator==(const Box&) const = default;
};

/// One sample during augmentation: its images, and their masks and boxes, which follow the images' geometry. An image
/// is decoded on first access; a crop of a JPEG decodes only the crop.
class ImageSample {
 public:
  /// Width and height of all images and masks.
  ImageSize size() const { return size_; }
  std::size_t images() const { return image_count_; }
  /// The pixels of an image, decoded on first access.
  ImageBuffer& image(std::size_t i);
  /// Memory for operations that need a second image.
  ImageBuffer& scratch() { return scratch_; }

  /// Crops a region and resizes it to `to`. Masks use the nearest pixel; boxes are clipped to the region. With `draft`,
  /// a JPEG that is at least twice as large as needed is decoded at a half, a quarter or an eighth.
  void crop(Region region, ImageSize to, Interpolation interpolation, bool draft = false);
  void flip_horizontal();
  void flip_vertical();
  /// Nearest pixels, black outside (0 in masks); boxes become the bounds of their transformed corners.
  void transform(const Affine& map);

  // Used by the data layer, for each sample.
  void clear();
  /// Memory for the encoded bytes of the next image; call add_image() after reading them.
  std::vector<std::byte>& next_bytes();
  /// The bytes must remain valid until the image is decoded.
  void add_image(ByteView encoded, Channels channels, ImageDecoder& decoder,
                 Orientation orientation = Orientation::ignore);
  template <std::same_as<std::vector<std::byte>> B>
  void add_image(const B&&, Channels, ImageDecoder&, Orientation = Orientation::ignore) {
    static_assert(detail::refused<B>,
                  "quix: add_image keeps a view of the encoded bytes; pass a variable that outlives the sample, not a "
                  "temporary");
  }
  /// An image without encoded bytes, whose pixels the caller fills.
  ImageBuffer& add_picture(ImageSize size, Channels channels);
  /// A mask of `element` bytes per pixel, which the caller fills.
  ImageBuffer& add_mask(ImageSize size, std::size_t element);
  void add_boxes(std::vector<Box>& boxes) { boxes_.push_back(&boxes); }
  ImageBuffer& mask(std::size_t i) { return masks_[i].pixels; }

 private:
  struct Image {
    ImageBuffer pixels, other;
    std::vector<std::byte> bytes;
    ByteView encoded;
    Channels channels = Channels::rgb;
    ImageDecoder* decoder = nullptr;
    int turn = 1;  ///< the EXIF orientation that is applied
    bool decoded = false;
  };
  struct MaskView {
    ImageBuffer pixels, other;
  };
  void require_size(ImageSize size, int turn = 1);
  void decode(Image& image);
  /// Decodes at least a region of an image; returns the region's position in the decoded pixels.
  Region decode_part(Image& image, Region region, int shrink);

  std::vector<Image> images_;
  std::vector<MaskView> masks_;
  std::vector<std::vector<Box>*> boxes_;
  std::size_t image_count_ = 0, mask_count_ = 0;
  ImageSize size_{};
  ImageBuffer scratch_;
  ResizeScratch resize_;
};
using Views [[deprecated("renamed quix::ImageSample")]] = ImageSample;

/// The sample that is augmented: random numbers are a pure function of it.
struct RngKey {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  std::uint64_t position = 0;
  bool train = false;
};
using Moment [[deprecated("renamed quix::RngKey")]] = RngKey;

/// An augmentation of samples, for code that does not depend on its type.
struct SampleTransform {
  const void* ops = nullptr;
  void (*apply)(const void* ops, ImageSample& views, const RngKey& moment) = nullptr;
  explicit operator bool() const { return apply != nullptr; }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/views.ipp>
#endif
