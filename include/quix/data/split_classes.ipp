#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <quix/data/split_data.hpp>

namespace quix {

QUIX_INLINE std::int64_t SplitData::class_of(std::size_t sample, std::size_t field) const {
  if (source_ == Source::shards) return index_.class_of(sample, columns_[field]);
  if (source_ == Source::folders) return folders_.class_of(sample);
  const auto& array = arrays_[field];
  switch (array.dtype()) {
    case DType::i64: return array.data<std::int64_t>()[sample];
    case DType::i32: return array.data<std::int32_t>()[sample];
    default: return array.data<std::uint8_t>()[sample];
  }
}

QUIX_INLINE std::int64_t SplitData::classes(std::size_t field, std::int64_t known) const {
  const auto given = known > 0 ? known : field == class_field() ? declared_.count : 0;
  std::int64_t top = -1;
  std::size_t where = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    const auto number = class_of(i, field);
    if (number < 0) rethrow(Error("", detail::class_fault(number, given, known > 0, size())), i, field);
    if (number > top) top = number, where = i;
  }
  if (top >= 0)
    if (const auto fault = detail::class_fault(top, given, known > 0, size()); !fault.empty())
      rethrow(Error("", fault), where, field);
  return given > 0 ? given : top + 1;
}

QUIX_INLINE std::vector<std::int64_t> SplitData::class_numbers(std::size_t field) const {
  std::vector<std::int64_t> out(size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = class_of(i, field);
  return out;
}

QUIX_INLINE std::size_t SplitData::class_field() const {
  for (std::size_t i = 0; i < codecs_.size(); ++i)
    if (codecs_[i].kind == detail::FieldCodec::Kind::label) return i;
  throw Error("data.balanced", "needs samples with a class, a field like  quix::Class<\"cls\"> label;");
}

}  // namespace quix
