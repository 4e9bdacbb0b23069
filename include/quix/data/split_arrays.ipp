#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <quix/data/split_data.hpp>

namespace quix {
namespace detail {

/// Images [N, C, H, W] with adjacent channels, as in batches: [N, H, W, C] in memory.
inline Array channels_last(const Array& images) {
  const auto& shape = images.shape();
  const auto n = static_cast<std::size_t>(shape[0]), c = static_cast<std::size_t>(shape[1]),
             pixels = static_cast<std::size_t>(shape[2] * shape[3]);
  auto out = new_array({.dtype = images.dtype(), .shape = shape, .strides = images.strides()});
  auto* to = out.data();
  for (const auto *from = images.data(), *end = from + n * c * pixels; from != end; from += c * pixels)
    for (std::size_t p = 0; p < pixels; ++p)
      for (std::size_t k = 0; k < c; ++k) *to++ = from[k * pixels + p];
  return out;
}

}  // namespace detail

QUIX_INLINE SplitData::SplitData(std::string name, std::vector<Array> arrays,
                                 std::span<const detail::FieldCodec> codecs)
    : codecs_(codecs),
      source_(Source::arrays),
      name_(std::move(name)),
      arrays_(std::move(arrays)),
      columns_(codecs.size()),
      layouts_(codecs.size()) {
  using Kind = detail::FieldCodec::Kind;
  using View = detail::FieldCodec::AugmentKind;
  arrays_.resize(codecs.size());
  raw_bytes_.resize(codecs.size());
  bool first = true;
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    const auto& codec = codecs[i];
    const auto& array = arrays_[i];
    const auto fail = [&](const std::string& what) { throw Error(name_ + ", " + std::string(codec.suffix), what); };
    if (codec.kind == Kind::index) {
      layouts_[i] = codec.inspect({});
      continue;
    }
    if (codec.kind == Kind::key) continue;
    if (codec.is_list()) fail("a list; arrays in memory support only fields of one shape");
    if (array.shape().empty()) fail("missing, or without a sample dimension");
    if (array.strides() != detail::strides_of(array.shape())) fail("not contiguous");
    const auto n = static_cast<std::size_t>(array.shape()[0]);
    if (!std::exchange(first, false) && n != size_)
      fail("expected " + std::to_string(size_) + " samples like the previous field, got " + std::to_string(n));
    size_ = n;
    Dims shape;
    for (std::size_t d = 1; d < array.shape().size(); ++d) shape.push_back(array.shape()[d]);
    if (codec.kind == Kind::label) {
      if (!shape.empty() || (array.dtype() != DType::i64 && array.dtype() != DType::i32 && array.dtype() != DType::u8))
        fail("expected class indices [N] of I64, I32 or U8, got " + array.shape().text() + " " +
             std::string(name_of(array.dtype())));
      layouts_[i] = codec.inspect({});
      continue;
    }
    if (codec.dtype && array.dtype() != *codec.dtype)
      fail("the array has dtype " + std::string(name_of(array.dtype())) + ", but the field has " +
           std::string(name_of(*codec.dtype)) + "; change the field's type");
    layouts_[i] = {.dtype = array.dtype(), .shape = shape, .strides = detail::strides_of(shape)};
    raw_bytes_[i] = layouts_[i].bytes();
    if (codec.view != View::image) continue;
    if (array.dtype() != DType::u8 || shape.size() != 3 || shape[0] != channel_count(codec.channels))
      fail("expected images [N, " + std::to_string(channel_count(codec.channels)) + ", H, W] of U8, got " +
           array.shape().text() + " " + std::string(name_of(array.dtype())));
    layouts_[i].strides = {1, shape[2] * shape[0], shape[0]};
    if (shape[0] > 1) arrays_[i] = detail::channels_last(array);
  }
}

QUIX_INLINE void SplitData::copy(std::size_t sample, std::size_t field, std::byte* to) const {
  const auto bytes = raw_bytes_[field];
  if (bytes) std::memcpy(to, arrays_[field].data() + sample * bytes, bytes);
}

}  // namespace quix
