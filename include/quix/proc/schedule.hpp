#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Where training stands, for schedules: steps done of steps planned.
struct Progress {
  double steps = 0;
  double total = 1;
  double per_epoch = 1;
  double samples = 1;  ///< of one step

  double share() const { return std::clamp(steps / std::max(total, 1.0), 0.0, 1.0); }
};

/// A part of training: `5` or `5epochs`, `500steps`, `1e6samples`, `10%` of it all.
struct Extent {
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
  bool operator==(const Extent&) const = default;
};

namespace detail {

Extent read_extent(const Node& node);
std::string write_extent(const Extent& extent);

}  // namespace detail

template <>
struct Leaf<Extent> {
  static std::string name() { return "extent"; }
  static Extent read(const Node& node) { return detail::read_extent(node); }
  static Node write(const Extent& extent) { return Node::quoted(detail::write_extent(extent)); }
  static Node schema() { return detail::text_schema("^[0-9.eE+-]+(epochs|steps|samples|%)?$"); }
};

/// A schedule policy: `factor(progress)` times the optimizer's rate is the rate of the next step. A pure function, so
/// resuming needs no state. One that depends on a metric builds a state: see Plateau. One that needs a number of steps
/// says so by `length(progress)`, and a shorter run is an error.
template <class S>
concept Schedule = requires(const S& policy, const Progress& progress) {
  static_cast<double>(policy.factor(progress));
};

namespace detail {

/// Whether a schedule, or one of those in a Choice, builds a state.
template <class S>
inline constexpr bool builds_state = requires(const S& policy) {
  policy.build();
};
template <class... S>
inline constexpr bool builds_state<Choice<S...>> = (builds_state<S> || ...);

/// From 1 at x = 0 to 0 at x = 1 along half a cosine.
inline double half_cosine(double x) { return 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(x, 0.0, 1.0))); }
/// From 1 to `floor` as `shape` goes from 1 to 0.
inline double above(double floor, double shape) { return floor + (1 - floor) * shape; }

}  // namespace detail

/// The optimizer's rate throughout.
struct Constant {
  static constexpr std::string_view name = "constant";
  double factor(const Progress&) const { return 1; }
};

/// Linear warm-up from zero, then half a cosine down to `floor` (Loshchilov, Hutter: SGDR, 2017, without restarts).
struct Cosine {
  float warmup_epochs = 0;
  float floor = 0;

  static constexpr std::string_view name = "cosine";
  static constexpr std::array notes = {
      quix::note<&Cosine::warmup_epochs>("epochs in which the rate grows linearly", {.min = 0}),
      quix::note<&Cosine::floor>("share of the rate that is left at the end", {.min = 0, .max = 1}),
  };

  double length(const Progress& p) const { return warmup_epochs * p.per_epoch; }
  double factor(const Progress& p) const {
    const double warmup = length(p);
    if (p.steps < warmup) return (p.steps + 1) / (warmup + 1);
    return detail::above(floor, detail::half_cosine((p.steps - warmup) / std::max(p.total - warmup, 1.0)));
  }
};

/// Python quix's CosineDecay, to the digit: a warm-up along half a cosine from `start`, and half a cosine to `floor`,
/// both of the peak rate. Where its formula divides by zero, without warm-up, there is none.
struct PythonCosine {
  float start = 0.01f;
  float floor = 0;
  float warmup_epochs = 5;

  static constexpr std::string_view name = "python_cosine";
  static constexpr std::array notes = {
      quix::note<&PythonCosine::start>("share of the rate at the beginning (lr_init / lr)", {.min = 0}),
      quix::note<&PythonCosine::floor>("share of the rate at the end (lr_min / lr)", {.min = 0}),
      quix::note<&PythonCosine::warmup_epochs>("epochs of warm-up", {.min = 0}),
  };

  double length(const Progress& p) const { return warmup_epochs * p.per_epoch; }
  double factor(const Progress& p) const {
    const double x = p.steps / std::max(p.total, 1.0), d = warmup_epochs * p.per_epoch / std::max(p.total, 1.0);
    const double up = d > 0 ? detail::half_cosine(1 - std::clamp(x, 0.0, d) / d) : 1;
    const double down = d < 1 ? detail::half_cosine(std::max(x - d, 0.0) / (1 - d)) : 1;
    return detail::above(start, up) * detail::above(floor, down);
  }
};

/// A straight line down to `floor`.
struct LinearDecay {
  float floor = 0;

  static constexpr std::string_view name = "linear";
  static constexpr std::array notes = {
      quix::note<&LinearDecay::floor>("share of the rate that is left at the end", {.min = 0, .max = 1}),
  };
  double factor(const Progress& p) const { return detail::above(floor, 1 - p.share()); }
};

/// (1 - share of training done) to a power, down to `floor`.
struct Polynomial {
  float power = 2;
  float floor = 0;

  static constexpr std::string_view name = "polynomial";
  static constexpr std::array notes = {
      quix::note<&Polynomial::power>("of what is left of training", {.above = 0}),
      quix::note<&Polynomial::floor>("share of the rate that is left at the end", {.min = 0, .max = 1}),
  };
  double factor(const Progress& p) const {
    return detail::above(floor, std::pow(1 - p.share(), static_cast<double>(power)));
  }
};

/// Times `by` after each extent `every`.
struct StepDecay {
  Extent every{30};
  float by = 0.1f;

  static constexpr std::string_view name = "step";
  static constexpr std::array notes = {
      quix::note<&StepDecay::every>("how long the rate stays"),
      quix::note<&StepDecay::by>("factor from one level to the next", {.min = 0}),
  };
  double factor(const Progress& p) const {
    const double length = every.steps(p);
    return length > 0 ? std::pow(static_cast<double>(by), std::floor(p.steps / length)) : 1;
  }
};

/// Times `by` at each of some points.
struct MultiStep {
  std::vector<Extent> at{};
  float by = 0.1f;

  static constexpr std::string_view name = "multi_step";
  static constexpr std::array notes = {
      quix::note<&MultiStep::at>("when the rate falls: 30,60,80%"),
      quix::note<&MultiStep::by>("factor at each", {.min = 0}),
  };
  double length(const Progress& p) const {
    double last = 0;
    for (const auto& point : at) last = std::max(last, point.steps(p));
    return last;
  }
  double factor(const Progress& p) const {
    const auto passed =
        std::count_if(at.begin(), at.end(), [&](const Extent& point) { return p.steps >= point.steps(p); });
    return std::pow(static_cast<double>(by), static_cast<double>(passed));
  }
};

/// Times `by` in each epoch, step by step or at its end.
struct Exponential {
  float by = 0.95f;
  bool smooth = true;

  static constexpr std::string_view name = "exponential";
  static constexpr std::array notes = {
      quix::note<&Exponential::by>("factor of one epoch", {.above = 0}),
      quix::note<&Exponential::smooth>("in every step a part of it, not once an epoch"),
  };
  double factor(const Progress& p) const {
    const double epochs = p.steps / std::max(p.per_epoch, 1.0);
    return std::pow(static_cast<double>(by), smooth ? epochs : std::floor(epochs));
  }
};

/// Up from `start` to the peak in a share of training, and down to `floor`, along half cosines (Smith, Topin:
/// Super-convergence, 2018; PyTorch's OneCycleLR).
struct OneCycle {
  float up = 0.3f;
  float start = 0.04f;
  float floor = 4e-6f;

  static constexpr std::string_view name = "one_cycle";
  static constexpr std::array notes = {
      quix::note<&OneCycle::up>("share of training in which the rate grows", {.min = 0, .max = 1}),
      quix::note<&OneCycle::start>("share of the peak at the beginning", {.min = 0}),
      quix::note<&OneCycle::floor>("share of the peak at the end", {.min = 0}),
  };
  double factor(const Progress& p) const {
    // The peak is reached in the step up·total - 1, the floor in the last one.
    const double top = static_cast<double>(up) * p.total - 1, end = p.total - 1;
    if (p.steps <= top) return detail::above(start, 1 - detail::half_cosine(top > 0 ? p.steps / top : 1));
    return detail::above(floor, detail::half_cosine((p.steps - top) / std::max(end - top, 1e-9)));
  }
};

/// Up and down between `low` and 1 in straight lines, again and again (Smith: Cyclical learning rates, 2017).
struct Cyclic {
  Extent up{4};
  Extent down{4};
  float low = 0.1f;
  float shrink = 1;

  static constexpr std::string_view name = "cyclic";
  static constexpr std::array notes = {
      quix::note<&Cyclic::up>("how long the rate grows"),
      quix::note<&Cyclic::down>("how long it falls"),
      quix::note<&Cyclic::low>("share of the rate at the bottom", {.min = 0}),
      quix::note<&Cyclic::shrink>("factor of the height from one cycle to the next: 0.5 halves it", {.min = 0}),
  };
  double factor(const Progress& p) const {
    const double rise = std::max(up.steps(p), 1e-9), length = rise + std::max(down.steps(p), 1e-9);
    const double cycle = std::floor(p.steps / length), at = p.steps - cycle * length;
    const double height = at <= rise ? at / rise : (length - at) / (length - rise);
    return low + (1 - low) * height * std::pow(static_cast<double>(shrink), cycle);
  }
};

/// Warm-up, a long plateau, and a fall at the end (Hu et al.: MiniCPM, 2024).
struct WarmStableDecay {
  enum class Shape : std::uint8_t { linear, cosine, root };
  Extent warmup{1, Extent::Unit::percent};
  Extent decay{20, Extent::Unit::percent};
  float floor = 0;
  Shape shape = Shape::root;

  static constexpr std::string_view name = "warm_stable_decay";
  static constexpr std::array notes = {
      quix::note<&WarmStableDecay::warmup>("how long the rate grows, linearly"),
      quix::note<&WarmStableDecay::decay>("how long it falls, at the end"),
      quix::note<&WarmStableDecay::floor>("share of the rate that is left at the end", {.min = 0, .max = 1}),
      quix::note<&WarmStableDecay::shape>("of the fall; root: 1 - √x"),
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

class PlateauState;

/// Times `by` when a metric has not become better for some epochs (PyTorch's ReduceLROnPlateau, relative threshold).
struct Plateau {
  float by = 0.1f;
  int patience = 10;
  float threshold = 1e-4f;
  int cooldown = 0;
  float floor = 0;
  bool larger_is_better = false;
  std::string metric = "loss";

  static constexpr std::string_view name = "plateau";
  static constexpr std::array notes = {
      quix::note<&Plateau::by>("factor when it is stuck", {.above = 0, .below = 1}),
      quix::note<&Plateau::patience>("epochs without a better value before that", {.min = 0}),
      quix::note<&Plateau::threshold>("by what share a value has to be better", {.min = 0}),
      quix::note<&Plateau::cooldown>("epochs after a fall that do not count", {.min = 0}),
      quix::note<&Plateau::floor>("least share of the rate", {.min = 0, .max = 1}),
      quix::note<&Plateau::larger_is_better>("the metric is to grow: accuracy, not loss"),
      quix::note<&Plateau::metric>("of validation, or of training where there is none: loss, accuracy"),
  };

  PlateauState build() const;
  double factor(const Progress&) const { return 1; }
};

/// What Plateau knows while training runs.
class PlateauState {
 public:
  explicit PlateauState(const Plateau& policy) : policy_(policy) {}
  double factor(const Progress&) const { return numbers_[0]; }
  const std::string& metric() const { return policy_.metric; }
  /// The value of an epoch's end. One that is not a number counts as no better.
  void observe(double value) {
    auto& [factor, best, bad, rest, known] = numbers_;
    const double t = policy_.threshold;
    const bool better = std::isfinite(value) &&
                        (known == 0 || (policy_.larger_is_better ? value > best * (1 + t) : value < best * (1 - t)));
    if (better) best = value, known = 1, bad = 0;
    if (!better) ++bad;
    if (rest > 0) --rest, bad = 0;
    if (bad > policy_.patience) {
      factor = std::max(factor * static_cast<double>(policy_.by), static_cast<double>(policy_.floor));
      rest = policy_.cooldown, bad = 0;
    }
  }
  /// All of it, for checkpoints.
  std::array<double, 5>& numbers() { return numbers_; }

 private:
  Plateau policy_;
  std::array<double, 5> numbers_{1, 0, 0, 0, 0};  // factor, best, bad epochs, cooldown left, whether best is known
};
inline PlateauState Plateau::build() const { return PlateauState(*this); }

template <class S>
class WarmupState;

/// Any schedule behind a warm-up: it begins where the warm-up ends.
template <Schedule S>
struct Warmup {
  enum class Shape : std::uint8_t { linear, cosine, exponential };
  Extent warmup{5};
  float start = 0.01f;
  Shape shape = Shape::linear;
  S then{};

  static constexpr std::array notes = {
      quix::note<&Warmup::warmup>("how long the rate grows"),
      quix::note<&Warmup::start>("share of the rate at the beginning", {.min = 0, .max = 1}),
      quix::note<&Warmup::shape>("of the way up"),
  };
  static_assert(!(detail::has_branches<S> && detail::builds_state<S>),
                "quix: a Warmup takes no Choice with a schedule that waits for a metric. Choose between warm-ups:  "
                "Choice<Warmup<Cosine>, Warmup<Plateau>>");

  double length(const Progress& p) const {
    if constexpr (requires { then.length(p); })
      return warmup.steps(p) + then.length(after(p));
    else
      return warmup.steps(p);
  }
  double factor(const Progress& p) const { return grown(p) * then.factor(after(p)); }
  WarmupState<S> build() const requires requires(const S& s) { s.build(); }
  { return WarmupState<S>(*this); }

  /// The share of the rate that the warm-up leaves.
  double grown(const Progress& p) const {
    const double length = warmup.steps(p);
    if (p.steps >= length) return 1;
    const double x = p.steps / length, low = start;
    return shape == Shape::linear   ? low + (1 - low) * x
           : shape == Shape::cosine ? low + (1 - low) * (1 - detail::half_cosine(x))
                                    : std::pow(std::max(low, 1e-6), 1 - x);
  }
  /// What the schedule behind it sees.
  Progress after(Progress p) const {
    const double length = warmup.steps(p);
    p.steps = std::max(p.steps - length, 0.0), p.total = std::max(p.total - length, 1.0);
    return p;
  }
};

/// A warm-up before a schedule that waits for a metric.
template <class S>
class WarmupState {
 public:
  explicit WarmupState(const Warmup<S>& policy) : policy_(policy), then_(policy.then.build()) {}
  double length(const Progress& p) const { return policy_.length(p); }
  double factor(const Progress& p) const { return policy_.grown(p) * then_.factor(policy_.after(p)); }
  const std::string& metric() const { return then_.metric(); }
  void observe(double value) { then_.observe(value); }
  auto& numbers() { return then_.numbers(); }

 private:
  Warmup<S> policy_;
  decltype(std::declval<const S&>().build()) then_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/schedule.ipp>
#endif
