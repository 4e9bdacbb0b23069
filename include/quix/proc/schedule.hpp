#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>
#include <vector>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/note.hpp>
#include <quix/proc/progress.hpp>

// Learning rates as functions of progress. Warmup is in warmup.hpp, a schedule by a metric in plateau.hpp.

namespace quix {

namespace detail {

template <class S>
inline constexpr bool is_schedule = requires(const S& policy, const Progress& progress) {
  static_cast<double>(policy.factor(progress));
};
template <class... S>
inline constexpr bool is_schedule<Choice<S...>> = (is_schedule<S> && ...);

/// Whether a schedule, or one of those in a Choice, builds a state.
template <class S>
inline constexpr bool builds_state = requires(const S& policy) {
  policy.build();
};
template <class... S>
inline constexpr bool builds_state<Choice<S...>> = (builds_state<S> || ...);

/// Whether a schedule, or one of those in a Choice, is several schedules: a PerGroup.
template <class S>
inline constexpr bool has_schedules = requires {
  S::schedules;
};
template <class... S>
inline constexpr bool has_schedules<Choice<S...>> = (has_schedules<S> || ...);

}  // namespace detail

/// A schedule policy: the learning rate of the next step is `factor(progress)` times the optimizer's. A pure function,
/// so resuming needs no state. A schedule by a metric builds a state: see Plateau. `length(progress)` returns the
/// number of steps that a schedule needs, if any; a shorter run is an error.
template <class S>
concept Schedule = detail::is_schedule<S>;

namespace detail {

/// The factor of a schedule, which may be a Choice.
template <class S, class... I>
double factor_by(const S& policy, const Progress& progress, I... schedule) {
  return with_policy(policy, [&](const auto& one) { return static_cast<double>(one.factor(progress, schedule...)); });
}
/// Number of steps that a schedule needs; 0 for any.
template <class S>
double length_by(const S& policy, const Progress& progress) {
  return with_policy(policy, [&](const auto& one) -> double {
    if constexpr (requires { one.length(progress); })
      return one.length(progress);
    else
      return 0;
  });
}

/// From 1 at x = 0 to 0 at x = 1 along half a cosine.
inline double half_cosine(double x) { return 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(x, 0.0, 1.0))); }
/// From 1 to `floor` as `shape` goes from 1 to 0.
inline double above(double floor, double shape) { return floor + (1 - floor) * shape; }

}  // namespace detail

/// Constant learning rate.
struct Constant {
  static constexpr std::string_view name = "constant";
  double factor(const Progress&) const { return 1; }
};

/// Linear warmup from zero, then half a cosine down to `floor` (Loshchilov, Hutter: SGDR, 2017, without restarts).
struct Cosine {
  float warmup_epochs = 0;
  float floor = 0;

  static constexpr std::string_view name = "cosine";
  static constexpr std::array notes = {
      quix::note<&Cosine::warmup_epochs>("epochs of linear warmup", {.min = 0}),
      quix::note<&Cosine::floor>("final learning rate, as a fraction of the peak", {.min = 0, .max = 1}),
  };

  double length(const Progress& p) const { return warmup_epochs * p.per_epoch; }
  double factor(const Progress& p) const {
    const double warmup = length(p);
    if (p.steps < warmup) return (p.steps + 1) / (warmup + 1);
    return detail::above(floor, detail::half_cosine((p.steps - warmup) / std::max(p.total - warmup, 1.0)));
  }
};

/// Python quix's CosineDecay, to the digit: warmup along half a cosine from `start_factor`, then half a cosine to
/// `floor`, both fractions of the peak. Without warmup, where its formula divides by zero, training starts at the peak.
struct PythonCosine {
  float start_factor = 0.01f;
  float floor = 0;
  float warmup_epochs = 5;

  static constexpr std::string_view name = "python_cosine";
  static constexpr std::array notes = {
      quix::note<&PythonCosine::start_factor>("initial learning rate, as a fraction of the peak (lr_init / lr)",
                                              {.min = 0, .was = "start"}),
      quix::note<&PythonCosine::floor>("learning rate at the end, as a fraction of the peak (lr_min / lr)", {.min = 0}),
      quix::note<&PythonCosine::warmup_epochs>("epochs of warmup", {.min = 0}),
  };

  double length(const Progress& p) const { return warmup_epochs * p.per_epoch; }
  double factor(const Progress& p) const {
    const double x = p.steps / std::max(p.total, 1.0), d = warmup_epochs * p.per_epoch / std::max(p.total, 1.0);
    const double up = d > 0 ? detail::half_cosine(1 - std::clamp(x, 0.0, d) / d) : 1;
    const double down = d < 1 ? detail::half_cosine(std::max(x - d, 0.0) / (1 - d)) : 1;
    return detail::above(start_factor, up) * detail::above(floor, down);
  }
};

/// Linear decay to `floor`.
struct LinearDecay {
  float floor = 0;

  static constexpr std::string_view name = "linear";
  static constexpr std::array notes = {
      quix::note<&LinearDecay::floor>("final learning rate, as a fraction of the peak", {.min = 0, .max = 1}),
  };
  double factor(const Progress& p) const { return detail::above(floor, 1 - p.fraction()); }
};

/// Polynomial decay: (1 - fraction of training done) to a power, down to `floor`.
struct Polynomial {
  float power = 2;
  float floor = 0;

  static constexpr std::string_view name = "polynomial";
  static constexpr std::array notes = {
      quix::note<&Polynomial::power>("exponent of the decay", {.above = 0}),
      quix::note<&Polynomial::floor>("final learning rate, as a fraction of the peak", {.min = 0, .max = 1}),
  };
  double factor(const Progress& p) const {
    return detail::above(floor, std::pow(1 - p.fraction(), static_cast<double>(power)));
  }
};

/// Multiplies the learning rate by `gamma` after each interval `every`.
struct StepDecay {
  TrainTime every{30};
  float gamma = 0.1f;

  static constexpr std::string_view name = "step";
  static constexpr std::array notes = {
      quix::note<&StepDecay::every>("interval between decays"),
      quix::note<&StepDecay::gamma>("factor per decay", {.min = 0, .was = "by"}),
  };
  double factor(const Progress& p) const {
    const double length = every.steps(p);
    return length > 0 ? std::pow(static_cast<double>(gamma), std::floor(p.steps / length)) : 1;
  }
};

/// Multiplies the learning rate by `gamma` at each milestone.
struct MultiStep {
  std::vector<TrainTime> milestones{};
  float gamma = 0.1f;

  static constexpr std::string_view name = "multi_step";
  static constexpr std::array notes = {
      quix::note<&MultiStep::milestones>("milestones, at which the learning rate decays: 30,60,80%", {.was = "at"}),
      quix::note<&MultiStep::gamma>("factor per milestone", {.min = 0, .was = "by"}),
  };
  double length(const Progress& p) const {
    double last = 0;
    for (const auto& point : milestones) last = std::max(last, point.steps(p));
    return last;
  }
  double factor(const Progress& p) const {
    const auto passed = std::count_if(milestones.begin(), milestones.end(),
                                      [&](const TrainTime& point) { return p.steps >= point.steps(p); });
    return std::pow(static_cast<double>(gamma), static_cast<double>(passed));
  }
};

/// Multiplies the learning rate by `gamma` per epoch, gradually or at its end.
struct Exponential {
  float gamma = 0.95f;
  bool smooth = true;

  static constexpr std::string_view name = "exponential";
  static constexpr std::array notes = {
      quix::note<&Exponential::gamma>("factor per epoch", {.above = 0, .was = "by"}),
      quix::note<&Exponential::smooth>("decay every step, not once per epoch"),
  };
  double factor(const Progress& p) const {
    const double epochs = p.steps / std::max(p.per_epoch, 1.0);
    return std::pow(static_cast<double>(gamma), smooth ? epochs : std::floor(epochs));
  }
};

/// Warmup from `start_factor` to the peak in a fraction of training, then decay to `floor`, both along half cosines
/// (Smith, Topin: Super-convergence, 2018; PyTorch's OneCycleLR).
struct OneCycle {
  float up = 0.3f;
  float start_factor = 0.04f;
  float floor = 4e-6f;

  static constexpr std::string_view name = "one_cycle";
  static constexpr std::array notes = {
      quix::note<&OneCycle::up>("fraction of training used for warmup", {.min = 0, .max = 1}),
      quix::note<&OneCycle::start_factor>("initial learning rate, as a fraction of the peak",
                                          {.min = 0, .was = "start"}),
      quix::note<&OneCycle::floor>("final learning rate, as a fraction of the peak", {.min = 0}),
  };
  double factor(const Progress& p) const {
    // The peak is reached in the step up·total - 1, the floor in the last one.
    const double top = static_cast<double>(up) * p.total - 1, end = p.total - 1;
    if (p.steps <= top) return detail::above(start_factor, 1 - detail::half_cosine(top > 0 ? p.steps / top : 1));
    return detail::above(floor, detail::half_cosine((p.steps - top) / std::max(end - top, 1e-9)));
  }
};

/// Rises and falls linearly between `low` and 1, repeatedly (Smith: Cyclical learning rates, 2017).
struct Cyclic {
  TrainTime up{4};
  TrainTime down{4};
  float low = 0.1f;
  float shrink = 1;

  static constexpr std::string_view name = "cyclic";
  static constexpr std::array notes = {
      quix::note<&Cyclic::up>("length of the rise in each cycle"),
      quix::note<&Cyclic::down>("length of the fall in each cycle"),
      quix::note<&Cyclic::low>("minimum learning rate, as a fraction of the peak", {.min = 0}),
      quix::note<&Cyclic::shrink>("factor of the amplitude per cycle: 0.5 halves it", {.min = 0}),
  };
  double factor(const Progress& p) const {
    const double rise = std::max(up.steps(p), 1e-9), length = rise + std::max(down.steps(p), 1e-9);
    const double cycle = std::floor(p.steps / length), at = p.steps - cycle * length;
    const double height = at <= rise ? at / rise : (length - at) / (length - rise);
    return low + (1 - low) * height * std::pow(static_cast<double>(shrink), cycle);
  }
};

/// Warmup, a long plateau, and a final decay (Hu et al.: MiniCPM, 2024).
struct WarmStableDecay {
  enum class Shape : std::uint8_t { linear, cosine, root };
  TrainTime warmup{1, TrainTime::Unit::percent};
  TrainTime decay{20, TrainTime::Unit::percent};
  float floor = 0;
  Shape shape = Shape::root;

  static constexpr std::string_view name = "warm_stable_decay";
  static constexpr std::array notes = {
      quix::note<&WarmStableDecay::warmup>("length of the linear warmup"),
      quix::note<&WarmStableDecay::decay>("length of the final decay"),
      quix::note<&WarmStableDecay::floor>("final learning rate, as a fraction of the peak", {.min = 0, .max = 1}),
      quix::note<&WarmStableDecay::shape>("decay curve; root: 1 - √x"),
  };
  double length(const Progress& p) const { return warmup.steps(p) + decay.steps(p); }
  double factor(const Progress& p) const {
    const double grows = warmup.steps(p), falls = decay.steps(p), from = p.total - falls;
    if (p.steps < grows) return (p.steps + 1) / (grows + 1);
    if (p.steps < from || falls <= 0) return 1;
    const double x = std::clamp((p.steps - from) / falls, 0.0, 1.0);
    return detail::above(floor, shape == Shape::linear   ? 1 - x
                                : shape == Shape::cosine ? detail::half_cosine(x)
                                                         : 1 - std::sqrt(x));
  }
};

}  // namespace quix
