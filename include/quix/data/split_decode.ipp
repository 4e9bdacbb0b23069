#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <quix/data/split_data.hpp>
#include <quix/data/split_data.ipp>

namespace quix {

QUIX_INLINE void SplitData::make_views(std::size_t sample, const Row* row, Scratch& scratch,
                                       const RngKey& moment) const {
  using AugmentKind = detail::FieldCodec::AugmentKind;
  auto& views = scratch.views;
  views.clear();
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    const auto& codec = codecs_[i];
    if (codec.view == AugmentKind::none) continue;
    try {
      if (source_ == Source::arrays) {
        const auto& shape = arrays_[i].shape();
        if (codec.view == AugmentKind::mask && shape.size() != 3)
          throw Error("", "augmented masks must be [N, H, W], got " + shape.text());
        auto& pixels = codec.view == AugmentKind::image
                           ? views.add_picture({shape[3], shape[2]}, codec.channels)
                           : views.add_mask({shape[2], shape[1]}, size_of(arrays_[i].dtype()));
        copy(sample, i, reinterpret_cast<std::byte*>(pixels.data()));
      } else if (codec.view == AugmentKind::image) {
        views.add_image(read(sample, i, views.next_bytes()), codec.channels, scratch.images, codec.orientation);
      } else if (codec.view == AugmentKind::mask) {
        const auto bytes = read(sample, i, scratch.bytes);
        const auto layout = codec.inspect(bytes);
        if (layout.shape.size() != 2) throw Error("", "an augmented mask must be [H, W], got " + layout.shape.text());
        auto& mask = views.add_mask({layout.shape[1], layout.shape[0]}, size_of(layout.dtype));
        codec.decode(bytes, layout, reinterpret_cast<std::byte*>(mask.data()), scratch);
      } else if (row) {
        auto* boxes = field_of(*row, i);
        codec.decode(read(sample, i, scratch.bytes), {}, boxes, scratch);
        views.add_boxes(*reinterpret_cast<std::vector<Box>*>(boxes));
      }
    } catch (const Error& error) {
      rethrow(error, sample, i);
    }
  }
  try {
    transform_.apply(transform_.ops, views, moment);
    for (std::size_t i = 0; i < views.images(); ++i) views.image(i);
  } catch (const Error& error) {
    for (std::size_t i = 0; i < codecs_.size(); ++i)
      if (codecs_[i].view != AugmentKind::none) rethrow(error, sample, i);
  }
}

QUIX_INLINE void SplitData::augment(SampleTransform transform) {
  using AugmentKind = detail::FieldCodec::AugmentKind;
  const bool any = std::any_of(codecs_.begin(), codecs_.end(), [](const auto& codec) {
    return codec.view == AugmentKind::image || codec.view == AugmentKind::mask;
  });
  if (!transform || !any) return;
  transform_ = transform;
  heavy_ = true;
  if (size() == 0) return;
  Scratch scratch;
  look_at_first([&](std::size_t sample) { make_views(sample, nullptr, scratch, {}); });
  const auto size = scratch.views.size();
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    auto& layout = layouts_[i];
    if (codecs_[i].view == AugmentKind::image) {
      const auto c = layout.shape[0];
      layout.shape = {c, size.height, size.width}, layout.strides = {1, size.width * c, c};
    } else if (codecs_[i].view == AugmentKind::mask) {
      layout.shape = {size.height, size.width}, layout.strides = {size.width, 1};
    }
  }
}

QUIX_INLINE void SplitData::decode(std::size_t sample, std::byte* memory, const std::vector<std::size_t>& offsets,
                                   std::size_t row, Scratch& scratch, const RngKey& moment) const {
  using Kind = detail::FieldCodec::Kind;
  using AugmentKind = detail::FieldCodec::AugmentKind;
  const Row place{memory, offsets, row};
  if (transform_) make_views(sample, &place, scratch, moment);
  std::size_t image = 0, mask = 0;
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    const auto& codec = codecs_[i];
    auto* to = field_of(place, i);
    switch (codec.kind) {
      case Kind::label: *reinterpret_cast<std::int64_t*>(to) = class_of(sample, i); continue;
      case Kind::index: *reinterpret_cast<std::int64_t*>(to) = static_cast<std::int64_t>(sample); continue;
      case Kind::key: read_key(sample, *reinterpret_cast<std::string*>(to)); continue;
      case Kind::array:
      case Kind::list: break;
    }
    try {
      if (transform_ && codec.view != AugmentKind::none) {
        if (codec.view == AugmentKind::boxes) continue;
        const auto& picture =
            codec.view == AugmentKind::image ? scratch.views.image(image++) : scratch.views.mask(mask++);
        if (picture.bytes() != layouts_[i].bytes() ||
            picture.size.width != layouts_[i].shape[layouts_[i].shape.size() - 1])
          throw Error("", "size " + detail::size_text(picture.size) + " after augmentation, but other samples have " +
                              layouts_[i].shape.text() + "; add RandomResizedCrop, Resize or CenterCrop");
        std::memcpy(to, picture.data(), picture.bytes());
        continue;
      }
      if (source_ == Source::arrays)
        copy(sample, i, to);
      else
        codec.decode(read(sample, i, scratch.bytes), layouts_[i], to, scratch);
    } catch (const Error& error) {
      rethrow(error, sample, i);
    }
  }
}

}  // namespace quix
