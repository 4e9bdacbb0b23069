#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/error.hpp>

namespace quix {

/// The result of a loss function: the sum of the samples' losses, and their total weight (usually their number). Sums
/// add up exactly over micro-batches and ranks, means do not.
struct Loss {
  at::Tensor sum;  ///< a scalar with a gradient
  double weight = 1;
  /// Loss terms for the log: sums of the same weight, by name.
  std::vector<std::pair<std::string, at::Tensor>> parts{};
};

/// A metric of several samples, as sum and weight: `accuracy = sum / weight`. Adds up over batches.
struct Measure {
  double sum = 0;
  double weight = 0;

  Measure& operator+=(const Measure& other) {
    sum += other.sum, weight += other.weight;
    return *this;
  }
  /// Whether any sample counted; else there is no value.
  bool has_value() const { return weight > 0; }
  double value() const { return weight > 0 ? sum / weight : 0; }
};

/// Converts the result of a loss function to a Measure. A tensor is the mean over `samples`.
inline Measure measure_of(const Loss& loss, std::size_t) { return {loss.sum.item<double>(), loss.weight}; }
inline Measure measure_of(const at::Tensor& mean, std::size_t samples) {
  const auto n = static_cast<double>(samples);
  return {mean.item<double>() * n, n};
}

/// Sums of a metric, which add up over batches. Empty without samples.
using Counts = std::vector<double>;

inline void add(Counts& to, const Counts& more) {
  if (to.empty()) {
    to = more;
    return;
  }
  for (std::size_t i = 0; i < std::min(to.size(), more.size()); ++i) to[i] += more[i];
}

/// Accumulated loss and metrics by name; the loss comes first.
using Totals = std::vector<std::pair<std::string, Measure>>;

/// Adds measures by their names.
inline Totals& operator+=(Totals& totals, const Totals& more) {
  for (const auto& [name, measure] : more) {
    auto same = totals.begin();
    while (same != totals.end() && same->first != name) ++same;
    if (same == totals.end())
      totals.emplace_back(name, measure);
    else
      same->second += measure;
  }
  return totals;
}

/// The loss terms by name, as measures.
inline Totals parts_of(const Loss& loss) {
  Totals out;
  for (const auto& [name, sum] : loss.parts) {
    if (!sum.defined() || sum.numel() != 1)
      throw Error("loss", "the loss term " + name + " is not a scalar; reduce it to a sum");
    out.emplace_back(name, Measure{sum.item<double>(), loss.weight});
  }
  return out;
}
inline Totals parts_of(const at::Tensor&) { return {}; }

/// The value of a metric with several numbers: a vector, or a row-major matrix.
struct ScoreArray {
  std::vector<std::size_t> shape{};
  std::vector<double> numbers{};
};
using ScoreArrays = std::vector<std::pair<std::string, ScoreArray>>;

/// The measure of that name; empty if not found.
inline Measure find(const Totals& totals, std::string_view name) {
  for (const auto& [key, measure] : totals)
    if (key == name) return measure;
  return {};
}

}  // namespace quix
