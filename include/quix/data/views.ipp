#pragma once

#include <algorithm>
#include <utility>

#include <quix/data/views.hpp>

namespace quix {

QUIX_INLINE void ImageSample::clear() {
  image_count_ = mask_count_ = 0;
  boxes_.clear();
  size_ = {};
}

QUIX_INLINE void ImageSample::require_size(ImageSize size, int turn) {
  if (image_count_ + mask_count_ == 0) size_ = size;
  if (size == size_) return;
  bool swapped = swaps_sides(turn);
  for (std::size_t i = 0; i < image_count_; ++i) swapped |= swaps_sides(images_[i].turn);
  throw Error("", "the image or mask is " + detail::size_text(size) + ", but the sample's others are " +
                      detail::size_text(size_) + "; images and masks that are augmented together must have one size" +
                      (swapped ? ". The image is turned by its EXIF orientation, and masks belong to the upright "
                                 "image; if they belong to the stored one, remove Orientation::apply"
                               : ""));
}

QUIX_INLINE std::vector<std::byte>& ImageSample::next_bytes() {
  if (images_.size() == image_count_) images_.emplace_back();
  return images_[image_count_].bytes;
}

QUIX_INLINE void ImageSample::add_image(ByteView encoded, Channels channels, ImageDecoder& decoder,
                                        Orientation orientation) {
  next_bytes();
  const int turn = orientation == Orientation::apply ? exif_orientation(encoded) : 1;
  require_size(turned(image_size(encoded), turn), turn);
  auto& image = images_[image_count_++];
  image.encoded = encoded, image.channels = channels, image.decoder = &decoder, image.turn = turn;
  image.decoded = false;
}

QUIX_INLINE ImageBuffer& ImageSample::add_picture(ImageSize size, Channels channels) {
  next_bytes();
  require_size(size);
  auto& image = images_[image_count_++];
  image.channels = channels, image.decoded = true, image.turn = 1;
  image.pixels.reset(size, channel_count(channels));
  return image.pixels;
}

QUIX_INLINE ImageBuffer& ImageSample::add_mask(ImageSize size, std::size_t element) {
  require_size(size);
  if (masks_.size() == mask_count_) masks_.emplace_back();
  auto& mask = masks_[mask_count_++];
  mask.pixels.reset(size, static_cast<std::int64_t>(element));
  return mask.pixels;
}

QUIX_INLINE void ImageSample::decode(Image& image) {
  if (std::exchange(image.decoded, true)) return;
  auto& stored = image.turn == 1 ? image.pixels : image.other;
  const auto size = turned(size_, image.turn);
  stored.reset(size, channel_count(image.channels));
  image.decoder->decode(image.encoded, image.channels, size, reinterpret_cast<std::byte*>(stored.data()));
  if (image.turn != 1) make_upright(image.other, image.turn, image.pixels);
}

QUIX_INLINE Region ImageSample::decode_part(Image& image, Region region, int shrink) {
  const auto stored = stored_region(region, turned(size_, image.turn), image.turn);
  auto& pixels = image.turn == 1 ? image.pixels : image.other;
  const auto shrunk = [&](std::int64_t n) { return (n + shrink / 2) / shrink; };
  Region part{shrunk(stored.x), shrunk(stored.y), shrunk(stored.width), shrunk(stored.height)}, decoded = part;
  if (shrink == 1 || !image.decoder->decode_shrunk(image.encoded, image.channels, shrink, decoded, pixels)) {
    part = decoded = stored;
    image.decoder->decode_region(image.encoded, image.channels, decoded, pixels);
  }
  image.decoded = true;
  part.x -= decoded.x, part.y -= decoded.y;
  part.width = std::min(part.width, pixels.size.width - part.x);
  part.height = std::min(part.height, pixels.size.height - part.y);
  if (image.turn == 1) return part;
  make_upright(image.other, image.turn, image.pixels);
  return upright_region(part, image.other.size, image.turn);
}

QUIX_INLINE ImageBuffer& ImageSample::image(std::size_t i) {
  decode(images_[i]);
  return images_[i].pixels;
}

QUIX_INLINE void ImageSample::crop(Region region, ImageSize to, Interpolation interpolation, bool draft) {
  int shrink = 1;
  while (draft && shrink < 8 && region.width / (2 * shrink) >= to.width && region.height / (2 * shrink) >= to.height)
    shrink *= 2;
  for (std::size_t i = 0; i < image_count_; ++i) {
    auto& image = images_[i];
    const auto part = image.decoded ? region : decode_part(image, region, shrink);
    resize(image.pixels, part, to, interpolation, image.other, resize_);
    std::swap(image.pixels, image.other);
  }
  for (std::size_t i = 0; i < mask_count_; ++i) {
    resize(masks_[i].pixels, region, to, Interpolation::nearest, masks_[i].other, resize_);
    std::swap(masks_[i].pixels, masks_[i].other);
  }
  const auto along = [](float v, std::int64_t begin, std::int64_t length, std::int64_t now) {
    return std::clamp((v - static_cast<float>(begin)) * static_cast<float>(now) / static_cast<float>(length), 0.0f,
                      static_cast<float>(now));
  };
  for (auto* boxes : boxes_)
    for (auto& box : *boxes) {
      box.x0 = along(box.x0, region.x, region.width, to.width),
      box.x1 = along(box.x1, region.x, region.width, to.width);
      box.y0 = along(box.y0, region.y, region.height, to.height),
      box.y1 = along(box.y1, region.y, region.height, to.height);
    }
  size_ = to;
}

QUIX_INLINE void ImageSample::flip_horizontal() {
  for (std::size_t i = 0; i < image_count_; ++i) quix::flip_horizontal(image(i));
  for (std::size_t i = 0; i < mask_count_; ++i) quix::flip_horizontal(masks_[i].pixels);
  const auto width = static_cast<float>(size_.width);
  for (auto* boxes : boxes_)
    for (auto& box : *boxes) box = {width - box.x1, box.y0, width - box.x0, box.y1};
}

QUIX_INLINE void ImageSample::flip_vertical() {
  for (std::size_t i = 0; i < image_count_; ++i) quix::flip_vertical(image(i));
  for (std::size_t i = 0; i < mask_count_; ++i) quix::flip_vertical(masks_[i].pixels);
  const auto height = static_cast<float>(size_.height);
  for (auto* boxes : boxes_)
    for (auto& box : *boxes) box = {box.x0, height - box.y1, box.x1, height - box.y0};
}

QUIX_INLINE void ImageSample::transform(const Affine& map) {
  for (std::size_t i = 0; i < image_count_; ++i) {
    quix::transform(image(i), map, images_[i].other);
    std::swap(images_[i].pixels, images_[i].other);
  }
  for (std::size_t i = 0; i < mask_count_; ++i) {
    quix::transform(masks_[i].pixels, map, masks_[i].other);
    std::swap(masks_[i].pixels, masks_[i].other);
  }
  const double det = map[0] * map[4] - map[1] * map[3];
  const double w = static_cast<double>(size_.width) / 2, h = static_cast<double>(size_.height) / 2;
  for (auto* boxes : boxes_)
    for (auto& box : *boxes) {
      double x0 = 2 * w, y0 = 2 * h, x1 = 0, y1 = 0;
      for (const auto& [x, y] : {std::pair{box.x0, box.y0}, {box.x1, box.y0}, {box.x0, box.y1}, {box.x1, box.y1}}) {
        const double dx = static_cast<double>(x) - w - map[2], dy = static_cast<double>(y) - h - map[5];
        const double px = (map[4] * dx - map[1] * dy) / det + w, py = (map[0] * dy - map[3] * dx) / det + h;
        x0 = std::min(x0, px), x1 = std::max(x1, px), y0 = std::min(y0, py), y1 = std::max(y1, py);
      }
      const auto cut = [](double v, double most) { return static_cast<float>(std::clamp(v, 0.0, most)); };
      box = {cut(x0, 2 * w), cut(y0, 2 * h), cut(x1, 2 * w), cut(y1, 2 * h)};
    }
}

}  // namespace quix
