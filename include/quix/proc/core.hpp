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
#include <quix/proc/optim.hpp>
#include <quix/proc/precision.hpp>
#include <quix/proc/state.hpp>
#include <quix/proc/step.hpp>

// The parts of a BatchProcessor that are not policies.

namespace torch::nn {
class Module;
}

namespace quix {

/// Trained parameters, and the buffers included in weight averaging. Made from a module, or from parameters alone.
struct Weights {
  NamedTensors parameters{}, buffers{};

  Weights(std::initializer_list<NamedTensors::value_type> p) : parameters(p) {}
  Weights(NamedTensors p) : parameters(std::move(p)) {}                                         // NOLINT
  Weights(NamedTensors p, NamedTensors b) : parameters(std::move(p)), buffers(std::move(b)) {}  // NOLINT
  Weights(const torch::nn::Module& module);                                                     // NOLINT
};

namespace detail {

/// Returns the learning rate. Throws Error unless it is finite and at least 0.
double checked_rate(double rate);
/// Throws Error unless a schedule's learning rate is finite and at least 0.
void require_rate(double rate, std::uint64_t step);
/// The metric that a schedule monitors; none if no sample counted. Throws Error, naming all metrics, if not found.
std::optional<double> metric_of(const Totals& metrics, const std::string& name);
/// Throws Error when a schedule needs more steps than the run has.
void check_length(double steps, const Progress& progress);
/// Throws Error when a group would stay frozen until the end of the run.
void check_starts(const ParameterGroups& groups, const Progress& progress);

/// Enables autograd anomaly detection for its lifetime, if `on`.
class Anomaly {
 public:
  explicit Anomaly(bool on);
  ~Anomaly();
  Anomaly(const Anomaly&) = delete;

 private:
  bool before_;
};

/// A schedule during training: the policy itself, or the state that it builds.
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

/// The part of a processor that does not depend on its policies.
class ProcessorCore {
 public:
  ProcessorCore(ParameterGroups parameter_groups, const NamedTensors& module_buffers,
                std::optional<at::ScalarType> autocast_type, std::optional<GradScaler> grad_scaler,
                const NonFinite& policy, int batches_of_step);
  ProcessorCore(const ProcessorCore&) = delete;

  /// Call before a batch's forward pass. Copies the buffers at the beginning of a step.
  void begin_batch();
  /// Runs the backward pass of a batch. Returns true when an optimizer step is due.
  bool take_loss(const at::Tensor* loss, double weight, bool mean, std::size_t samples);
  /// Drops the gradients of groups that are still frozen.
  void hold_back();
  /// Examines the accumulated loss and gradients, and returns this rank's vote.
  Vote look(bool needs_norm, double rate);
  /// Fills the report from the vote of all ranks. Returns the divisor of the gradients; nothing if training diverged.
  std::optional<double> settle(const Vote& vote, double rate);
  /// Counts the step.
  StepOutcome end_update();
  /// Throws the error of a divergence, if that is the outcome.
  void require(StepOutcome outcome) const;
  /// Drops the gradients and sums of a step. If the step has not ended, restores the buffers.
  void forget();
  /// Number of steps before the latest consecutive skipped ones.
  std::uint64_t last_good() const {
    return steps - std::min<std::uint64_t>(static_cast<std::uint64_t>(skipped_), steps);
  }
  /// Progress of training after `done` steps, for schedules.
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
  bool planned = false;  ///< whether the length of training is known
  double rate_scale = 1;
  std::uint64_t steps = 0;
  int pending = 0;
  Measure last_loss;
  Totals parts;  ///< loss terms of the accumulated batches; only with a log
  StepReport report;
  bool detect_anomaly;
  std::optional<Diverged> divergence;  ///< why training diverged

 private:
  void diverge(std::int64_t times);
  void backward(const at::Tensor& loss, double seed);

  NonFinite non_finite_;
  int accumulate_;
  std::int64_t skipped_ = 0;  // in a row
  Measure gathered_;
  double planned_ = 1;  // approximate weight of the step, known before its first batch
  double unit_ = 1;     // approximate weight of a sample, a power of two
  double norm_ = 0, samples_ = 0;
  bool overflow_ = false;
  bool begun_ = false;  // a step whose batches may have changed buffers
  std::string why_;     // reason for skipping this step
};

/// A schedule's factor of the learning rate after `steps` steps. Only a schedule by a metric works without a plan.
template <class R, class... I>
double factor_of(const R& running, const ProcessorCore& core, std::uint64_t steps, I... schedule) {
  constexpr bool by_metric = requires(R & state) { state.observe(0.0); };
  if (!core.planned && !by_metric) return 1;
  // Without a plan the warmup counts as complete.
  const auto progress = core.planned ? core.at(steps) : Progress{.steps = 1e18, .total = 1e18};
  return static_cast<double>(running.factor(progress, schedule...));
}

/// Calls a function on destruction.
template <class F>
class AtEnd {
 public:
  explicit AtEnd(F call) : call_(std::move(call)) {}
  ~AtEnd() { call_(); }
  AtEnd(const AtEnd&) = delete;

 private:
  F call_;
};

/// Drops the gradients on destruction, unless `done`.
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
