#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/kernels.hpp>
#include <quix/proc/progress.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

/// What becomes of a module's buffers in an average. Those of integers are always copied.
enum class Buffers : std::uint8_t { copy, average };

/// A second set of weights, averaged over training, which evaluation can take in place of the model's.
class AveragedWeights {
 public:
  /// Tensors that several names share are averaged once.
  AveragedWeights(const NamedTensors& parameters, const NamedTensors& buffers, Buffers rule);

  /// average = decay · average + (1 - decay) · weights; the first update copies.
  void update(double decay);
  /// Exchanges model and average: pointers, no bytes.
  void swap();
  std::int64_t updates() const;
  /// `average.NAME`, and `average_updates`.
  NamedTensors state() const;

 private:
  void keep(const NamedTensors& tensors);

  NamedTensors weights_;              ///< parameters, then buffers
  std::vector<at::Tensor> averages_;  ///< of each
  std::size_t parameters_ = 0;        ///< how many of them are not buffers
  Buffers rule_;
  at::Tensor updates_;
  std::vector<detail::KernelSpan> spans_;
};

/// An averaging policy: `on()`, and `decay(updates, progress)`: below 0 for no update in this step.
template <class A>
concept Average = requires(const A& policy, std::int64_t updates, const Progress& progress) {
  { policy.on() } -> std::convertible_to<bool>;
  { policy.decay(updates, progress) } -> std::convertible_to<double>;
  { policy.buffers } -> std::convertible_to<Buffers>;
};

/// No second set of weights.
struct NoAverage {
  static constexpr std::string_view name = "none";
  static constexpr Buffers buffers = Buffers::copy;
  static constexpr bool on() { return false; }
  static constexpr double decay(std::int64_t, const Progress&) { return -1; }
};

/// Exponential moving average of the weights.
struct Ema {
  float decay_rate = 0.999f;
  int every = 1;
  Extent warmup{};
  bool ramp = false;
  bool adjust = false;
  Buffers buffers = Buffers::copy;

  static constexpr std::string_view name = "ema";
  static constexpr std::array notes = {
      quix::note<&Ema::decay_rate>("share of the average that each update keeps", {.min = 0, .below = 1}),
      quix::note<&Ema::every>("steps from one update to the next", {.min = 1}),
      quix::note<&Ema::warmup>("so long the average is a copy of the weights"),
      quix::note<&Ema::ramp>("keep less at first: at most (1 + updates) / (10 + updates)"),
      quix::note<&Ema::adjust>("Python quix's: (1 - decay) × samples of a step × every / epochs is given up"),
      quix::note<&Ema::buffers>("copy them, or average them too"),
  };

  static constexpr bool on() { return true; }
  double decay(std::int64_t updates, const Progress& p) const;
};

/// Plain mean of the weights from some point on (Izmailov et al.: Averaging weights, 2018).
struct Swa {
  Extent start{75, Extent::Unit::percent};
  Extent every{1};
  Buffers buffers = Buffers::average;

  static constexpr std::string_view name = "swa";
  static constexpr std::array notes = {
      quix::note<&Swa::start>("before it evaluation takes the weights of training"),
      quix::note<&Swa::every>("from one update to the next"),
      quix::note<&Swa::buffers>("copy them, or average them too"),
  };

  static constexpr bool on() { return true; }
  double decay(std::int64_t updates, const Progress& p) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/average.ipp>
#endif
