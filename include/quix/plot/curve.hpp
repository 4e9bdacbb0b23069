#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <quix/detail/separate.hpp>

namespace quix {

/// The learning rate of a run by optimizer step: of every step, or of every `stride`-th one of more than a million.
struct RateCurve {
  std::uint64_t per_epoch = 1;  ///< steps per epoch
  std::uint64_t steps = 0;      ///< steps of the run
  std::uint64_t stride = 1;     ///< steps from one rate to the next
  std::vector<double> rates{};
  /// A parameter group.
  struct Group {
    std::string name;
    double factor = 1;            ///< factor of the learning rate
    double start = 0;             ///< steps before the group is trained
    std::vector<double> rates{};  ///< with a separate schedule, `factor` included; else empty
  };
  std::vector<Group> groups{};

  /// The step of a rate, from 0.
  std::uint64_t step(std::size_t i) const { return i * stride; }
  /// A learning rate of a group.
  double of(const Group& group, std::size_t i) const {
    if (static_cast<double>(step(i)) < group.start) return 0;
    return group.rates.empty() ? group.factor * rates[i] : group.rates[i];
  }
};

/// Samples the learning rate of `total` steps, by a function of the step, from 0. The curve has no groups yet.
RateCurve make_curve(std::uint64_t total, std::uint64_t per_epoch, const std::function<double(std::uint64_t)>& rate);
/// Plots a curve in braille characters, `width` characters wide including the axis, then a curve for each schedule that
/// only some groups have.
std::string plot_text(const RateCurve& curve, std::size_t width = 72, std::size_t height = 12);
/// Plots a curve as SVG, with one line per distinct learning rate of the groups.
std::string plot_svg(const RateCurve& curve);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/plot/curve.ipp>
#endif
