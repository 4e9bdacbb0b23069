#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <torch/nn/module.h>

#include <quix/detail/separate.hpp>

namespace quix {

/// Numbers that a model learns; those that several modules share count once.
std::uint64_t parameter_count(const torch::nn::Module& model);

/// A model as a table for people: a line for each module that has parameters of its own, with their shapes, number and
/// bytes; then the sums, with frozen parameters and buffers.
std::string describe(const torch::nn::Module& model);

/// The learning rate of a run, step by step; of a run of more than a million, every so many.
struct RateCurve {
  std::uint64_t per_epoch = 1;  ///< steps
  std::uint64_t steps = 0;      ///< of the run
  std::uint64_t stride = 1;     ///< steps from one rate to the next
  std::vector<double> rates{};
  struct Group {
    std::string name;
    double factor = 1;            ///< of the rate
    double start = 0;             ///< steps before it learns
    std::vector<double> rates{};  ///< of a schedule of its own, factor included; else none
  };
  std::vector<Group> groups{};  ///< of parameters

  /// Steps before that of a rate.
  std::uint64_t step(std::size_t i) const { return i * stride; }
  /// A rate of a group.
  double of(const Group& group, std::size_t i) const {
    if (static_cast<double>(step(i)) < group.start) return 0;
    return group.rates.empty() ? group.factor * rates[i] : group.rates[i];
  }
};

/// The curve of `total` steps by a function of the step, from 0; without groups yet.
RateCurve make_curve(std::uint64_t total, std::uint64_t per_epoch, const std::function<double(std::uint64_t)>& rate);
/// A curve as text: a line of braille dots, `width` characters wide with its axes; and one for each schedule that is
/// only of some groups.
std::string plot_text(const RateCurve& curve, std::size_t width = 72, std::size_t height = 12);
/// A curve as a picture, with a line for each factor that a group has.
std::string plot_svg(const RateCurve& curve);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/summary.ipp>
#endif
