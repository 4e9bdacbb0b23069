#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <xxhash.h>

#include <quix/data/split_data.hpp>

namespace quix {
namespace detail {

/// A hash of numbers and texts, one after another.
class RowHash {
 public:
  void add(std::uint64_t number) {
    rows_.push_back(number);
    if (rows_.size() == 8192) flush();
  }
  void add(std::string_view text) { add(XXH3_64bits(text.data(), text.size())); }
  /// 0 of nothing.
  std::uint64_t value() {
    if (!any_ && rows_.empty()) return 0;
    flush();
    return std::max<std::uint64_t>(hash_, 1);
  }

 private:
  void flush() {
    if (rows_.empty()) return;
    hash_ = XXH3_64bits_withSeed(rows_.data(), rows_.size() * sizeof rows_[0], hash_);
    rows_.clear(), any_ = true;
  }
  std::vector<std::uint64_t> rows_;
  std::uint64_t hash_ = 0;
  bool any_ = false;
};

}  // namespace detail

QUIX_INLINE SplitFingerprint SplitData::fingerprint(std::string split) const {
  SplitFingerprint out{.split = std::move(split), .samples = size()};
  detail::RowHash keys, sizes, labels, values;
  const auto n = size();
  if (source_ != Source::arrays) {
    constexpr std::size_t most = 4096;
    const auto each = source_ == Source::shards ? std::max<std::size_t>(n / most + (n % most != 0), 1) : 1;
    std::string key;
    for (std::size_t i = 0; i < n; i += each) {
      if (source_ == Source::folders) {
        keys.add(folders_.name(i));
      } else {
        index_.key(i, key);
        keys.add(key);
      }
    }
  }
  for (std::size_t f = 0; f < codecs_.size(); ++f) {
    using Kind = detail::FieldCodec::Kind;
    const auto kind = codecs_[f].kind;
    if (kind == Kind::label) {
      for (std::size_t i = 0; i < n; ++i) labels.add(static_cast<std::uint64_t>(class_of(i, f)));
    } else if (source_ == Source::shards && codecs_[f].has_member()) {
      for (std::size_t i = 0; i < n; ++i) sizes.add(index_.span(i, columns_[f]).size);
    } else if (source_ == Source::arrays && raw_bytes_[f] > 0) {
      values.add(std::string_view(reinterpret_cast<const char*>(arrays_[f].data()), n * raw_bytes_[f]));
    }
  }
  out.keys = keys.value(), out.sizes = sizes.value(), out.labels = labels.value(), out.values = values.value();
  return out;
}

}  // namespace quix
