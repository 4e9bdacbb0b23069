#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <torch/types.h>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/error.hpp>
#include <quix/proc/average.hpp>
#include <quix/proc/buffers.hpp>
#include <quix/proc/loss.hpp>
#include <quix/proc/more_schedules.hpp>
#include <quix/proc/optim.hpp>
#include <quix/proc/precision.hpp>
#include <quix/proc/state.hpp>
#include <quix/proc/step.hpp>

// What a BatchProcessor is made of besides its policies.

namespace torch::nn {
class Module;
}

namespace quix {

/// What is trained: parameters, and buffers that an average takes along. From a module, or from parameters alone.
struct Weights {
  NamedTensors parameters{}, buffers{};

  Weights(std::initializer_list<NamedTensors::value_type> p) : parameters(p) {}
  Weights(NamedTensors p) : parameters(std::move(p)) {}                                         // NOLINT
  Weights(NamedTensors p, NamedTensors b) : parameters(std::move(p)), buffers(std::move(b)) {}  // NOLINT
  Weights(const torch::nn::Module& module);                                                     // NOLINT
};

namespace detail {

/// A learning rate, or Error.
double checked_rate(double rate);
/// Throws Error for a rate that a schedule must not give.
void require_rate(double rate, std::uint64_t step);
/// The value that a schedule waits for; none where no sample counted. Throws Error, with the names that there are.
std::optional<double> metric_of(const Totals& metrics, const std::string& name);
/// Throws Error when a schedule needs more steps than the run has.
void check_length(double steps, const Progress& progress);
/// Throws Error when a group begins to learn behind the run's end.
void check_starts(const ParameterGroups& groups, const Progress& progress);

/// Reports autograd's operations while it lives, when it is on.
class Anomaly {
 public:
  explicit Anomaly(bool on);
  ~Anomaly();
  Anomaly(const Anomaly&) = delete;

 private:
  bool before_;
};

/// A schedule while training runs: the policy itself, or the state that it builds.
template <class S>
struct Running {
  static auto make(const S& policy) {
    if constexpr (requires { policy.build(); })
      return policy.build();
    else
      return policy;
  }
  using type = decltype(make(std::declval<const S&>()));
};
template <class... S>
struct Running<Choice<S...>> {
  using type = BuiltVariant<typename Running<S>::type...>;
  static type make(const Choice<S...>& policy) {
    return policy.visit(
        [](const auto& branch) { return type(Running<std::remove_cvref_t<decltype(branch)>>::make(branch)); });
  }
};

template <class O>
void take_step(O& optim, const ParameterGroups& groups, double rate, double divide) {
  with_policy(optim, [&](auto& state) {
    if constexpr (requires { state.step(rate, divide); }) {
      state.step(rate, divide);
    } else {
      divide_gradients(groups, divide);
      state.step(rate);
    }
  });
}
template <class O>
void evaluate_optimizer(O& optim, bool on) {
  with_policy(optim, [&](auto& state) {
    if constexpr (requires { state.evaluate(on); }) state.evaluate(on);
  });
}
template <class O>
bool has_evaluation(const O& optim) {
  return with_policy(optim, []<class State>(const State&) {
    return requires(State & state) { state.evaluate(true); };
  });
}

/// What a processor does that does not depend on its policies.
class ProcessorCore {
 public:
  ProcessorCore(ParameterGroups parameter_groups, const NamedTensors& module_buffers,
                std::optional<at::ScalarType> autocast_type, std::optional<GradScaler> grad_scaler,
                const NonFinite& policy, int batches_of_step);
  ProcessorCore(const ProcessorCore&) = delete;

  /// Before a batch's forward pass: keeps the buffers that the step begins with.
  void begin_batch();
  /// Backward from a batch's loss. True when an optimizer step is due.
  bool take_loss(const at::Tensor* loss, double weight, bool mean, std::size_t samples);
  /// Drops the gradients of groups that do not learn yet.
  void hold_back();
  /// Looks at what was gathered: this rank's vote.
  Vote look(bool needs_norm, double rate);
  /// Fills the report by the vote of all ranks. Returns by what gradients are to be divided; nothing where training has
  /// diverged.
  std::optional<double> settle(const Vote& vote, double rate);
  /// Counts the step.
  StepOutcome end_update();
  /// Throws the error of a step after which training has diverged.
  void require(StepOutcome outcome) const;
  /// Drops gradients and what was gathered of a step. Of one that has not ended, buffers are what they were before it.
  void forget();
  /// The steps before those in a row that were skipped.
  std::uint64_t last_good() const {
    return steps - std::min<std::uint64_t>(static_cast<std::uint64_t>(skipped_), steps);
  }
  /// Where training stands after so many steps: for schedules.
  Progress at(std::uint64_t done) const {
    auto out = progress;
    out.steps = static_cast<double>(done);
    return out;
  }
  void list(StateList& state);

  ParameterGroups groups;
  BufferCopies buffers;
  Gradients gradients;
  at::DeviceType device;
  std::optional<at::ScalarType> autocast;
  std::optional<GradScaler> scaler;
  std::optional<AveragedWeights> averaged;
  Progress progress;
  bool planned = false;  ///< whether it is known how long training will be
  double rate_scale = 1;
  std::uint64_t steps = 0;
  int pending = 0;
  Measure last_loss;
  Totals parts;  ///< of the losses that were gathered, where there is a log
  StepReport report;
  bool detect_anomaly;
  std::optional<Diverged> divergence;  ///< why training has diverged

 private:
  void diverge(std::int64_t times);
  void backward(const at::Tensor& loss, double seed);

  NonFinite non_finite_;
  int accumulate_;
  std::int64_t skipped_ = 0;  // in a row
  Measure gathered_;
  double planned_ = 1;  // about the weight of the step, known before its first batch
  double unit_ = 1;     // about the weight of a sample, a power of two
  double norm_ = 0, samples_ = 0;
  bool overflow_ = false;
  bool begun_ = false;  // a step whose batches may have changed buffers
  std::string why_;     // this step is not taken
};

/// What a schedule is times the rate after so many steps. One that depends on where training stands needs a plan.
template <class R, class... I>
double factor_of(const R& running, const ProcessorCore& core, std::uint64_t steps, I... schedule) {
  constexpr bool by_metric = requires(R & state) { state.observe(0.0); };
  if (!core.planned && !by_metric) return 1;
  // Without a plan a warm-up before it is behind.
  const auto progress = core.planned ? core.at(steps) : Progress{.steps = 1e18, .total = 1e18};
  return static_cast<double>(running.factor(progress, schedule...));
}

/// Calls a function when it goes.
template <class F>
class AtEnd {
 public:
  explicit AtEnd(F call) : call_(std::move(call)) {}
  ~AtEnd() { call_(); }
  AtEnd(const AtEnd&) = delete;

 private:
  F call_;
};

/// Gradients live until the optimizer step, however it ends.
struct Forgetting {
  ProcessorCore& core;
  bool done = false;
  ~Forgetting() {
    if (!done) core.forget();
  }
};

}  // namespace detail

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/core.ipp>
#endif
