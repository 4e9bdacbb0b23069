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

/// What a loss function says about some samples: the sum of their losses, and their total weight (usually their
/// number). Sums add up exactly over micro-batches and ranks, means do not.
struct Loss {
  at::Tensor sum;  ///< a scalar with a gradient
  double weight = 1;
  /// What it is made of, for the log: sums of the same weight, by name.
  std::vector<std::pair<std::string, at::Tensor>> parts{};
};

/// A metric of some samples, as a sum and a weight: `accuracy = sum / weight`. Adds up over batches.
struct Measure {
  double sum = 0;
  double weight = 0;

  Measure& operator+=(const Measure& other) {
    sum += other.sum, weight += other.weight;
    return *this;
  }
  /// Whether anything counted in it: else there is no value.
  bool has_value() const { return weight > 0; }
  double value() const { return weight > 0 ? sum / weight : 0; }
};

/// What a loss function's value says about so many samples; a tensor is their mean.
inline Measure measure_of(const Loss& loss, std::size_t) { return {loss.sum.item<double>(), loss.weight}; }
inline Measure measure_of(const at::Tensor& mean, std::size_t samples) {
  const auto n = static_cast<double>(samples);
  return {mean.item<double>() * n, n};
}

/// Sums that add up; of no samples, empty.
using Counts = std::vector<double>;

inline void add(Counts& to, const Counts& more) {
  if (to.empty()) {
    to = more;
    return;
  }
  for (std::size_t i = 0; i < std::min(to.size(), more.size()); ++i) to[i] += more[i];
}

/// Loss and metrics by name, added up; the loss comes first.
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

/// The named parts of a loss, as measures.
inline Totals parts_of(const Loss& loss) {
  Totals out;
  for (const auto& [name, sum] : loss.parts) {
    if (!sum.defined() || sum.numel() != 1)
      throw Error("loss", "the part " + name + " is not a scalar; reduce it to a sum");
    out.emplace_back(name, Measure{sum.item<double>(), loss.weight});
  }
  return out;
}
inline Totals parts_of(const at::Tensor&) { return {}; }

/// The value of a metric that is more than one number: a vector, or a matrix row by row.
struct ScoreArray {
  std::vector<std::size_t> shape{};
  std::vector<double> numbers{};
};
using ScoreArrays = std::vector<std::pair<std::string, ScoreArray>>;

/// The measure of that name, or none yet.
inline Measure find(const Totals& totals, std::string_view name) {
  for (const auto& [key, measure] : totals)
    if (key == name) return measure;
  return {};
}

}  // namespace quix
