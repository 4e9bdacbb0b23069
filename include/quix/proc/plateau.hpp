#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include <quix/cfg/note.hpp>
#include <quix/proc/progress.hpp>

namespace quix {

class PlateauState;

/// Multiplies the learning rate by `gamma` when a metric has not improved for some epochs (PyTorch's
/// ReduceLROnPlateau, relative threshold).
struct Plateau {
  float gamma = 0.1f;
  int patience = 10;
  float threshold = 1e-4f;
  int cooldown = 0;
  float floor = 0;
  bool larger_is_better = false;
  std::string metric = "loss";

  static constexpr std::string_view name = "plateau";
  static constexpr std::array notes = {
      quix::note<&Plateau::gamma>("factor after a plateau", {.above = 0, .below = 1, .was = "by"}),
      quix::note<&Plateau::patience>("epochs without improvement before a decay", {.min = 0}),
      quix::note<&Plateau::threshold>("minimum relative improvement", {.min = 0}),
      quix::note<&Plateau::cooldown>("epochs to wait after a decay", {.min = 0}),
      quix::note<&Plateau::floor>("minimum learning rate, as a fraction of the peak", {.min = 0, .max = 1}),
      quix::note<&Plateau::larger_is_better>("maximize the metric (accuracy) instead of minimizing it"),
      quix::note<&Plateau::metric>("metric to monitor, from validation if available: loss, accuracy"),
  };

  PlateauState build() const;
  double factor(const Progress&) const { return 1; }
};

/// State of Plateau during training.
class PlateauState {
 public:
  explicit PlateauState(const Plateau& policy) : policy_(policy) {}
  double factor(const Progress&) const { return numbers_[0]; }
  const std::string& metric() const { return policy_.metric; }
  /// Takes the metric at the end of an epoch. NaN counts as no improvement.
  void observe(double value) {
    auto& [factor, best, bad, rest, known] = numbers_;
    const double t = policy_.threshold;
    const bool better = std::isfinite(value) &&
                        (known == 0 || (policy_.larger_is_better ? value > best * (1 + t) : value < best * (1 - t)));
    if (better) best = value, known = 1, bad = 0;
    if (!better) ++bad;
    if (rest > 0) --rest, bad = 0;
    if (bad > policy_.patience) {
      factor = std::max(factor * static_cast<double>(policy_.gamma), static_cast<double>(policy_.floor));
      rest = policy_.cooldown, bad = 0;
    }
  }
  /// The whole state, for checkpoints.
  std::array<double, 5>& numbers() { return numbers_; }

 private:
  Plateau policy_;
  std::array<double, 5> numbers_{1, 0, 0, 0, 0};  // factor, best, bad epochs, cooldown left, whether best is known
};
inline PlateauState Plateau::build() const { return PlateauState(*this); }

}  // namespace quix
