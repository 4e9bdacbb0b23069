#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <quix/cfg/choice.hpp>
#include <quix/proc/schedule.hpp>

// Schedules by a metric, which have a state, and warm-ups before any other.

namespace quix {

namespace detail {

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
  static_assert(!detail::has_schedules<S>,
                "quix: a Warmup takes no PerGroup; give the PerGroup's schedules a Warmup each");
  static_assert(!(detail::has_branches<S> && detail::builds_state<S>),
                "quix: a Warmup takes no Choice with a schedule that waits for a metric. Choose between warm-ups:  "
                "Choice<Warmup<Cosine>, Warmup<Plateau>>");

  double length(const Progress& p) const { return warmup.steps(p) + detail::length_by(then, after(p)); }
  double factor(const Progress& p) const { return grown(p) * detail::factor_by(then, after(p)); }
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
