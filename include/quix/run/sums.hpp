#pragma once

#include <string>
#include <vector>

#include <quix/detail/separate.hpp>
#include <quix/proc/loss.hpp>
#include <quix/torch/tensor.hpp>

namespace quix::detail {

/// What is added up over a pass: the loss, its parts, the counts of metrics.
struct Sums {
  Measure loss{};
  Totals parts{};
  std::vector<Counts> metrics{};

  Sums& operator+=(const Sums& other);
  /// All of it as tensors in double, for a checkpoint, and back: PREFIX.loss [2], PREFIX.part.0000.NAME [2],
  /// PREFIX.metric.0000 [n].
  NamedTensors saved(const std::string& prefix) const;
  static Sums restored(const NamedTensors& tensors, const std::string& prefix);
  /// From checkpoints of the formats 4 and 5, which had each pair of numbers by a name.
  static Sums of_names(const Totals& totals, const std::string& prefix);
};

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/sums.ipp>
#endif
