#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <quix/cfg/note.hpp>

namespace quix {

/// Where training stands, for schedules: steps done of steps planned.
struct Progress {
  double steps = 0;
  double total = 1;
  double per_epoch = 1;
};

/// A schedule policy: `factor(progress)` times the optimizer's rate is the rate of the next step. A pure function, so
/// resuming needs no state.
template <class S>
concept Schedule = requires(const S& policy, const Progress& progress) {
  static_cast<double>(policy.factor(progress));
};

/// The optimizer's rate throughout.
struct Constant {
  double factor(const Progress&) const { return 1; }
};

/// Linear warm-up from zero, then half a cosine down to `floor` (Loshchilov, Hutter: SGDR, 2017, without restarts).
struct Cosine {
  float warmup_epochs = 0;
  float floor = 0;

  static constexpr std::array notes = {
      quix::note<&Cosine::warmup_epochs>("epochs in which the rate grows linearly", {.min = 0}),
      quix::note<&Cosine::floor>("share of the rate that is left at the end", {.min = 0, .max = 1}),
  };

  double factor(const Progress& p) const {
    const double warmup = warmup_epochs * p.per_epoch;
    if (p.steps < warmup) return (p.steps + 1) / (warmup + 1);
    const double x = std::clamp((p.steps - warmup) / std::max(p.total - warmup, 1.0), 0.0, 1.0);
    return floor + (1 - floor) * 0.5 * (1 + std::cos(std::numbers::pi * x));
  }
};

}  // namespace quix
