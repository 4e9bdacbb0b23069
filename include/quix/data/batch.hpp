#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <quix/data/pipeline.hpp>

namespace quix {

/// A batch: the fields of a sample with a leading dimension, and its position in the epoch.
template <class S>
struct Batch : S {
  std::size_t size = 0;              ///< samples
  std::uint64_t first = 0;           ///< position of the first one in the epoch
  std::vector<Pipeline::Bad> bad{};  ///< samples that could not be decoded; rows of zeros unless replaced

  /// The rows with samples.
  std::vector<std::int64_t> good_rows() const {
    std::vector<std::int64_t> out;
    auto next = bad.begin();
    for (std::size_t row = 0; row < size; ++row) {
      while (next != bad.end() && (next->row < row || next->replaced)) ++next;
      if (next == bad.end() || next->row != row) out.push_back(static_cast<std::int64_t>(row));
    }
    return out;
  }
  bool all_good() const {
    return std::all_of(bad.begin(), bad.end(), [](const auto& one) { return one.replaced; });
  }
  /// Number of rows with samples.
  std::size_t good_size() const { return all_good() ? size : good_rows().size(); }
};

}  // namespace quix
