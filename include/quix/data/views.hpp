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

/// One sample while it is augmented: its images, and the masks and boxes on them, which follow the images' geometry.
/// An image is decoded when it is looked at, and a crop of a JPEG decodes no more than the crop.
class Views {
 public:
  /// Width and height, which all images and masks share.
  ImageSize size() const { return size_; }
  std::size_t images() const { return image_count_; }
  /// The pixels of an image, decoded if they were not yet.
  Picture& image(std::size_t i);
  /// Room for operations that need a second picture.
  Picture& scratch() { return scratch_; }

  /// Makes an image of size `to` of a region. Masks take the nearest pixel; boxes are cut at the region's border.
  /// With `draft`, a JPEG that is at least twice as large as needed is decoded at a half, a quarter or an eighth.
  void crop(Region region, ImageSize to, Interpolation interpolation, bool draft = false);
  void flip_horizontal();
  void flip_vertical();
  /// Nearest pixels, black outside (0 in masks); boxes become those around their moved corners.
  void transform(const Affine& map);

  // What the data layer does with it, for each sample.
  void clear();
  /// Room for the encoded bytes of the next image, then add_image() with what was read.
  std::vector<std::byte>& next_bytes();
  /// The bytes are read when the image is decoded; until then they must stay.
  void add_image(ByteView encoded, Channels channels, ImageDecoder& decoder,
                 Orientation orientation = Orientation::ignore);
  template <std::same_as<std::vector<std::byte>> B>
  void add_image(const B&&, Channels, ImageDecoder&, Orientation = Orientation::ignore) {
    static_assert(detail::refused<B>,
                  "quix: add_image keeps a view of the encoded bytes; pass a variable that outlives the sample, not a "
                  "temporary");
  }
  /// An image whose pixels are there already, to be filled.
  Picture& add_picture(ImageSize size, Channels channels);
  /// An image or a mask of `element` bytes a pixel, to be filled.
  Picture& add_mask(ImageSize size, std::size_t element);
  void add_boxes(std::vector<Box>& boxes) { boxes_.push_back(&boxes); }
  Picture& mask(std::size_t i) { return masks_[i].pixels; }

 private:
  struct Image {
    Picture pixels, other;
    std::vector<std::byte> bytes;
    ByteView encoded;
    Channels channels = Channels::rgb;
    ImageDecoder* decoder = nullptr;
    int turn = 1;  ///< the EXIF orientation that is applied
    bool decoded = false;
  };
  struct MaskView {
    Picture pixels, other;
  };
  void require_size(ImageSize size, int turn = 1);
  void decode(Image& image);
  /// Decodes a region, or more, of an image; returns where the region is in its pixels.
  Region decode_part(Image& image, Region region, int shrink);

  std::vector<Image> images_;
  std::vector<MaskView> masks_;
  std::vector<std::vector<Box>*> boxes_;
  std::size_t image_count_ = 0, mask_count_ = 0;
  ImageSize size_{};
  Picture scratch_;
  ResizeScratch resize_;
};

/// Which sample an augmentation is drawn for: draws are a pure function of it.
struct Moment {
  std::uint64_t seed = 0;
  std::uint64_t epoch = 0;
  std::uint64_t position = 0;
  bool train = false;
};

/// An augmentation of samples as the code sees it that does not depend on its type.
struct SampleTransform {
  const void* ops = nullptr;
  void (*apply)(const void* ops, Views& views, const Moment& moment) = nullptr;
  explicit operator bool() const { return apply != nullptr; }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/views.ipp>
#endif
