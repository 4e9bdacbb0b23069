#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/note.hpp>
#include <quix/proc/progress.hpp>
#include <quix/proc/schedule.hpp>

namespace quix {

template <class S>
class WarmupState;

/// A warmup before any schedule, which begins where the warmup ends.
template <Schedule S>
struct Warmup {
  enum class Shape : std::uint8_t { linear, cosine, exponential };
  TrainTime warmup{5};
  float start_factor = 0.01f;
  Shape shape = Shape::linear;
  S then{};

  static constexpr std::array notes = {
      quix::note<&Warmup::warmup>("length of the warmup"),
      quix::note<&Warmup::start_factor>("initial learning rate, as a fraction of the peak",
                                        {.min = 0, .max = 1, .was = "start"}),
      quix::note<&Warmup::shape>("warmup curve"),
  };
  static_assert(!detail::has_schedules<S>,
                "quix: a Warmup takes no PerGroup; give the PerGroup's schedules a Warmup each");
  static_assert(!(detail::has_branches<S> && detail::builds_state<S>),
                "quix: a Warmup takes no Choice with a schedule by a metric. Choose between warmups:  "
                "Choice<Warmup<Cosine>, Warmup<Plateau>>");

  double length(const Progress& p) const { return warmup.steps(p) + detail::length_by(then, after(p)); }
  double factor(const Progress& p) const { return grown(p) * detail::factor_by(then, after(p)); }
  WarmupState<S> build() const requires requires(const S& s) { s.build(); }
  { return WarmupState<S>(*this); }

  /// The factor of the warmup.
  double grown(const Progress& p) const {
    const double length = warmup.steps(p);
    if (p.steps >= length) return 1;
    const double x = p.steps / length, low = start_factor;
    return shape == Shape::linear   ? low + (1 - low) * x
           : shape == Shape::cosine ? low + (1 - low) * (1 - detail::half_cosine(x))
                                    : std::pow(std::max(low, 1e-6), 1 - x);
  }
  /// Progress of the schedule after the warmup.
  Progress after(Progress p) const {
    const double length = warmup.steps(p);
    p.steps = std::max(p.steps - length, 0.0), p.total = std::max(p.total - length, 1.0);
    return p;
  }
};

/// A warmup before a schedule by a metric.
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
