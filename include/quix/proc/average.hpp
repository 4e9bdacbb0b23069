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

/// Treatment of module buffers in weight averaging. Integer buffers are always copied.
enum class Buffers : std::uint8_t { copy, average };

/// A second set of weights, averaged over training. Evaluation can use it instead of the model's weights.
class AveragedWeights {
 public:
  /// Tensors shared by several names are averaged once.
  AveragedWeights(const NamedTensors& parameters, const NamedTensors& buffers, Buffers rule);

  /// average = decay · average + (1 - decay) · weights; the first update copies.
  void update(double decay);
  /// Swaps the weights of the model and the average. Swaps pointers and copies nothing.
  void swap();
  std::int64_t updates() const;
  /// `average.NAME`, and `average_updates`.
  NamedTensors state() const;

 private:
  void keep(const NamedTensors& tensors);

  NamedTensors weights_;              ///< parameters, then buffers
  std::vector<at::Tensor> averages_;  ///< in the order of weights_
  std::size_t parameters_ = 0;        ///< number of parameters in weights_
  Buffers rule_;
  at::Tensor updates_;
  std::vector<detail::KernelSpan> spans_;
};

/// An averaging policy. `enabled()` tells whether to average; `decay_at(updates, progress)` returns the decay of this
/// step's update, negative for no update.
template <class A>
concept Average = requires(const A& policy, std::int64_t updates, const Progress& progress) {
  { policy.enabled() } -> std::convertible_to<bool>;
  { policy.decay_at(updates, progress) } -> std::convertible_to<double>;
  { policy.buffers } -> std::convertible_to<Buffers>;
};

/// No weight averaging.
struct NoAverage {
  static constexpr std::string_view name = "none";
  static constexpr Buffers buffers = Buffers::copy;
  static constexpr bool enabled() { return false; }
  static constexpr double decay_at(std::int64_t, const Progress&) { return -1; }
};

/// Exponential moving average of the weights, used for evaluation. Until `warmup` it is a copy of the weights.
struct Ema {
  float decay = 0.999f;
  int every = 1;
  TrainTime warmup{};
  bool ramp = false;
  bool adjust = false;
  Buffers buffers = Buffers::copy;

  static constexpr std::string_view name = "ema";
  static constexpr std::array notes = {
      quix::note<&Ema::decay>("EMA decay: fraction of the average kept per update",
                              {.min = 0, .below = 1, .was = "decay_rate"}),
      quix::note<&Ema::every>("optimizer steps between updates", {.min = 1}),
      quix::note<&Ema::warmup>("copy the weights, without averaging, until this point"),
      quix::note<&Ema::ramp>("warm up the decay: at most (1 + updates) / (10 + updates)"),
      quix::note<&Ema::adjust>("scale 1 - decay by samples per step × every / epochs"),
      quix::note<&Ema::buffers>("copy or average module buffers"),
  };

  static constexpr bool enabled() { return true; }
  double decay_at(std::int64_t updates, const Progress& p) const;
};

/// Stochastic weight averaging: the mean of the weights from `start` on (Izmailov et al.: Averaging weights, 2018).
struct Swa {
  TrainTime start{75, TrainTime::Unit::percent};
  TrainTime every{1};
  Buffers buffers = Buffers::average;

  static constexpr std::string_view name = "swa";
  static constexpr std::array notes = {
      quix::note<&Swa::start>("start of averaging; evaluation uses the current weights until then"),
      quix::note<&Swa::every>("interval between updates"),
      quix::note<&Swa::buffers>("copy or average module buffers"),
  };

  static constexpr bool enabled() { return true; }
  double decay_at(std::int64_t updates, const Progress& p) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/average.ipp>
#endif
