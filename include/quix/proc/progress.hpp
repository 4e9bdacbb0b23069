#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <quix/cfg/leaf.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Progress of training, for schedules: completed and planned steps.
struct Progress {
  double steps = 0;
  double total = 1;
  double per_epoch = 1;
  double samples = 1;  ///< per optimizer step

  double fraction() const { return std::clamp(steps / std::max(total, 1.0), 0.0, 1.0); }
  [[deprecated("renamed fraction()")]] double share() const { return fraction(); }
};

/// A training time: `5` or `5epochs`, `500steps`, `1e6samples`, `10%` of training.
struct TrainTime {
  enum class Unit : std::uint8_t { epochs, steps, samples, percent };
  double amount = 0;
  Unit unit = Unit::epochs;

  double steps(const Progress& p) const {
    switch (unit) {
      case Unit::steps: return amount;
      case Unit::samples: return amount / p.samples;
      case Unit::percent: return amount / 100 * p.total;
      default: return amount * p.per_epoch;
    }
  }
  bool operator==(const TrainTime&) const = default;
};
using Extent [[deprecated("renamed quix::TrainTime")]] = TrainTime;

namespace detail {

TrainTime read_extent(const Node& node);
std::string write_extent(const TrainTime& extent);

}  // namespace detail

template <>
struct Leaf<TrainTime> {
  static std::string name() { return "extent"; }
  static TrainTime read(const Node& node) { return detail::read_extent(node); }
  static Node write(const TrainTime& extent) { return Node::quoted(detail::write_extent(extent)); }
  static Node schema() { return detail::text_schema("^[0-9.eE+-]+(epochs|steps|samples|%)?$"); }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/progress.ipp>
#endif
