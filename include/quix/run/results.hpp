#pragma once

#include <cstdint>
#include <string_view>

#include <quix/proc/loss.hpp>

namespace quix {

namespace detail {

/// A value that has a column: one with a slash in its name is a detail, for metrics.jsonl.
inline bool is_detail(std::string_view name) { return name.find('/') != name.npos; }

}  // namespace detail

/// What an evaluation says of a split; no totals where a signal ended it.
struct Evaluated {
  Totals totals{};
  ScoreArrays arrays{};
  std::uint64_t samples = 0;
};

/// One epoch's line of the table, as a value.
struct EpochResult {
  std::uint64_t epoch = 0;  ///< from 1
  std::uint64_t step = 0;
  Totals train, val;
  ScoreArrays train_arrays{}, val_arrays{};
  double seconds = 0;
  double samples_per_second = 0;  ///< of the training pass
};

}  // namespace quix
