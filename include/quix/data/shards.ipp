#pragma once

#include <quix/data/shards.hpp>

namespace quix {
namespace detail {

inline std::vector<TarIndex::Column> columns(std::span<const FieldCodec> codecs) {
  std::vector<TarIndex::Column> out;
  for (const auto& codec : codecs) out.push_back({std::string(codec.suffix), codec.is_class});
  return out;
}

/// Says where the bytes come from, when they are bad.
[[noreturn]] inline void rethrow_located(const Error& error, const TarIndex& index, std::size_t sample,
                                         std::size_t column) {
  throw Error(index.describe(sample, column), error.problems().front().what);
}

}  // namespace detail

QUIX_INLINE FoldData::FoldData(const std::filesystem::path& dataset, std::string_view fold,
                               std::span<const detail::FieldCodec> codecs)
    : codecs_(codecs), index_(find_shards(dataset, fold), detail::columns(codecs)), layouts_(codecs.size()) {
  if (size() == 0) return;
  std::vector<std::byte> buffer;
  for (std::size_t i = 0; i < codecs.size(); ++i) {
    try {
      layouts_[i] = codecs[i].inspect(codecs[i].is_class ? Bytes{} : index_.read(0, i, buffer));
    } catch (const Error& error) {
      detail::rethrow_located(error, index_, 0, i);
    }
  }
}

QUIX_INLINE std::int64_t FoldData::classes(std::size_t field) const {
  std::int64_t top = -1;
  for (std::size_t i = 0; i < size(); ++i) {
    const auto number = index_.class_of(i, field);
    if (number < 0)
      throw Error(index_.describe(i, field),
                  "is the class " + std::to_string(number) + "; classes are numbered from 0");
    top = std::max(top, number);
  }
  return top + 1;
}

QUIX_INLINE std::vector<std::size_t> FoldData::place(std::size_t batch_size) const {
  std::vector<std::size_t> offsets{0};
  for (const auto& layout : layouts_) offsets.push_back(offsets.back() + (layout.bytes() * batch_size + 63) / 64 * 64);
  offsets.back() = std::max<std::size_t>(offsets.back(), 64);
  return offsets;
}

QUIX_INLINE void FoldData::decode(std::size_t sample, std::byte* memory, const std::vector<std::size_t>& offsets,
                                  std::size_t row, std::vector<std::byte>& buffer) const {
  for (std::size_t i = 0; i < codecs_.size(); ++i) {
    auto* to = memory + offsets[i] + row * layouts_[i].bytes();
    if (codecs_[i].is_class) {
      *reinterpret_cast<std::int64_t*>(to) = index_.class_of(sample, i);
      continue;
    }
    try {
      codecs_[i].decode(index_.read(sample, i, buffer), layouts_[i], to);
    } catch (const Error& error) {
      detail::rethrow_located(error, index_, sample, i);
    }
  }
}

QUIX_INLINE Array FoldData::batch_field(std::size_t field, const std::shared_ptr<std::byte>& memory, std::size_t offset,
                                        std::size_t size) const {
  const auto& one = layouts_[field];
  Layout layout{.dtype = one.dtype, .shape = {static_cast<std::int64_t>(size)}, .strides = {one.shape.count()}};
  for (std::size_t d = 0; d < one.shape.size(); ++d)
    layout.shape.push_back(one.shape[d]), layout.strides.push_back(one.strides[d]);
  return {memory, memory.get() + offset, layout};
}

}  // namespace quix
