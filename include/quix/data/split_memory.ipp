#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <quix/data/split_data.hpp>

namespace quix {

QUIX_INLINE std::vector<std::size_t> SplitData::field_offsets(std::size_t batch_size) const {
  std::vector<std::size_t> offsets{0};
  for (std::size_t i = 0; i < codecs_.size(); ++i)
    offsets.push_back(offsets.back() + (row_bytes(i) * batch_size + 63) / 64 * 64);
  offsets.back() = std::max<std::size_t>(offsets.back(), 64);
  return offsets;
}

QUIX_INLINE Pool SplitData::pool(const std::vector<std::size_t>& offsets, std::size_t batch_size,
                                 Allocate allocate) const {
  // Lists are objects in the batch's memory: constructed with it, and kept for the next batch.
  const auto each = [codecs = codecs_, offsets, batch_size](bool make) {
    return [=](std::byte* memory) {
      for (std::size_t i = 0; i < codecs.size(); ++i)
        for (std::size_t row = 0; codecs[i].is_list() && row < batch_size; ++row)
          (make ? codecs[i].construct : codecs[i].destroy)(memory + offsets[i] + row * codecs[i].element);
    };
  };
  if (std::none_of(codecs_.begin(), codecs_.end(), [](const auto& codec) { return codec.is_list(); }))
    return Pool(offsets.back(), allocate);
  return Pool(offsets.back(), allocate, each(true), each(false));
}

QUIX_INLINE void SplitData::blank(std::byte* memory, const std::vector<std::size_t>& offsets, std::size_t row) const {
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    auto* at = field_of({memory, offsets, row}, i);
    if (codecs_[i].is_list())
      codecs_[i].destroy(at), codecs_[i].construct(at);
    else
      std::memset(at, 0, row_bytes(i));
  }
}

QUIX_INLINE Array SplitData::batch_field(std::size_t field, const std::shared_ptr<std::byte>& memory,
                                         std::size_t offset, std::size_t size) const {
  const auto& one = layouts_[field];
  Layout layout{.dtype = one.dtype, .shape = {static_cast<std::int64_t>(size)}, .strides = {one.shape.count()}};
  for (std::size_t d = 0; d < one.shape.size(); ++d)
    layout.shape.push_back(one.shape[d]), layout.strides.push_back(one.strides[d]);
  return {memory, memory.get() + offset, layout};
}

}  // namespace quix
