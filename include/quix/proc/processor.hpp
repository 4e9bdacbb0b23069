#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <c10/core/InferenceMode.h>

#include <quix/proc/core.hpp>
#include <quix/proc/per_group.hpp>

namespace quix {

/// No log.
struct NoLog {
  void operator()(const StepReport&) const {}
};

/// Everything between a forward pass and the next batch. Used by the Runner, or alone:
///
///     quix::BatchProcessor processor(quix::AdamW{.lr = 1e-3f}, quix::Cosine{}, *model);
///     processor.plan(epochs * steps, steps);
///     for (auto& batch : loader.epoch(order)) {
///       auto step = processor.step(batch);           // a scope: leaving it steps the optimizer
///       step.outputs = model->forward(normalize(*batch.image));
///       step.loss = loss(step.outputs, *batch.label);
///     }
///     processor.finish_epoch();
///
/// An exception that leaves the scope leaves the parameters untouched, and clears the gradients. An exception or a
/// skipped step restores the module's buffers from before the step. Precision: autocast until the loss is set. Average:
/// a second set of weights for evaluation. Step: gradient accumulation, clipping, and the treatment of values that are
/// not finite. Log: called with a StepReport. Ranks: combines the votes of all ranks before each optimizer step (Vote).
template <Optimizer Optim, class Rate = Constant, class Precision = Fp32, class Average = NoAverage,
          class Step_ = TrainStep<NoClip>, class Log = NoLog, class Ranks = OneRank>
class BatchProcessor {
 public:
  using OptimState = decltype(std::declval<const Optim&>().build(std::declval<const ParameterGroups&>()));

  template <GroupsPolicy G = Groups>
  BatchProcessor(const Optim& optim, const Rate& schedule, const Weights& weights, const Precision& precision = {},
                 const Average& average = {}, const Step_& step = {}, Log log = {}, const G& groups = {},
                 Ranks ranks = {})
      : peak_(detail::checked_rate(detail::peak_rate(optim))),
        weight_decay_(detail::weight_decay(optim)),
        schedule_(detail::Running<Rate>::make(schedule)),
        clip_(step.clip),
        average_policy_(average),
        log_(std::move(log)),
        ranks_(std::move(ranks)),
        core_(detail::with_schedules(groups.split(weights.parameters), weights.parameters, schedule), weights.buffers,
              detail::with_policy(precision, [](const auto& p) { return p.autocast(); }),
              detail::with_policy(precision, [](const auto& p) { return p.scaler(); }), step.non_finite,
              step.accumulate),
        optim_(optim.build(core_.groups)) {
    detail::with_policy(optim, [&](const auto& policy) {
      if constexpr (requires { policy.check_names(weights.parameters); }) policy.check_names(weights.parameters);
    });
    detail::with_policy(average, [&](const auto& policy) {
      if (policy.enabled()) core_.averaged.emplace(weights.parameters, weights.buffers, policy.buffers);
    });
  }

  /// Sets the length of training for schedules. Without it the learning rate is constant, except for schedules by a
  /// metric. `samples`: samples per optimizer step over all ranks; required with several ranks. Throws Error for a
  /// schedule that is longer than training.
  void plan(std::uint64_t total_steps, std::uint64_t steps_per_epoch, double samples = 1) {
    core_.progress = {.steps = 0,
                      .total = static_cast<double>(total_steps),
                      .per_epoch = static_cast<double>(steps_per_epoch),
                      .samples = samples};
    core_.planned = true;
    detail::with_policy(schedule_, [&](const auto& running) {
      if constexpr (requires { running.length(core_.progress); })
        detail::check_length(running.length(core_.progress), core_.progress);
    });
    detail::check_starts(core_.groups, core_.progress);
  }
  /// Completed optimizer steps, including skipped ones. Resuming sets it.
  std::uint64_t steps() const { return core_.steps; }
  void seek(std::uint64_t steps) { core_.steps = steps; }
  /// Number of steps before the latest consecutive skipped ones; all steps if the last one was taken.
  std::uint64_t last_good() const { return core_.last_good(); }
  /// Batches accumulated for the next optimizer step.
  int pending() const { return core_.pending; }

  /// Progress of training before the next step.
  Progress progress() const { return core_.planned ? core_.at(core_.steps) : Progress{}; }

  /// Learning rate of the next step.
  double lr() const { return lr(core_.steps); }
  /// Learning rate after `steps` steps.
  double lr(std::uint64_t steps) const {
    return peak_ * core_.rate_scale * detail::with_policy(schedule_, [&](const auto& running) {
             return detail::factor_of(running, core_, steps);
           });
  }
  /// Learning rate of a parameter group after `steps` steps.
  double lr(std::uint64_t steps, const ParameterGroup& group) const {
    return detail::with_policy(schedule_, [&](const auto& running) {
      if constexpr (requires { running.factor(core_.progress, group.schedule); })
        return group.lr_factor * peak_ * core_.rate_scale * detail::factor_of(running, core_, steps, group.schedule);
      else
        return group.lr_factor * lr(steps);
    });
  }
  template <class... Args>
  [[deprecated("renamed lr()")]] double rate(const Args&... args) const {
    return lr(args...);
  }
  /// Factor of all learning rates, which a rollback lowers.
  double rate_scale() const { return core_.rate_scale; }
  void scale_rate(double scale) { core_.rate_scale = scale; }
  /// Passes an epoch's metric to a schedule that depends on it, unless no sample counted. Throws Error if the metric is
  /// not found.
  void observe(const Totals& metrics) {
    detail::with_policy(schedule_, [&](auto& running) {
      if constexpr (requires { running.observe(0.0); })
        if (const auto value = detail::metric_of(metrics, running.metric())) running.observe(*value);
    });
  }

  /// Throws Error where a schedule waits for a metric that is not among these.
  void require_metric(const Totals& metrics) const {
    detail::with_policy(schedule_, [&](const auto& running) {
      if constexpr (requires { running.metric(); }) (void)detail::metric_of(metrics, running.metric());
    });
  }

  /// The scope around one forward pass.
  template <class Outputs>
  class Step {
   public:
    Step(BatchProcessor& processor, std::size_t samples)
        : processor_(processor),
          samples_(samples),
          exceptions_(std::uncaught_exceptions()),
          anomaly_(processor.core_.detect_anomaly) {
      processor.core_.begin_batch();
      if (processor.core_.autocast) loss.autocast.emplace(processor.core_.device, *processor.core_.autocast);
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() noexcept(false) {
      if (ended_) return;
      loss.autocast.reset();
      if (std::uncaught_exceptions() == exceptions_)
        processor_.core_.require(processor_.finish(loss, samples_));
      else
        processor_.core_.forget();
    }
    /// Ends the scope early and returns the batch's outcome; divergence is then a value, not an exception.
    StepOutcome end() {
      ended_ = true;
      loss.autocast.reset();
      return processor_.finish(loss, samples_);
    }

    Outputs outputs{};

    /// Takes a Loss, or a tensor: the mean over the batch's samples. Assigning ends autocast: compute metrics after it.
    struct Slot {
      Slot& operator=(Loss value) {
        loss = std::move(value), given = true, mean = false;
        autocast.reset();
        return *this;
      }
      Slot& operator=(at::Tensor value) {
        loss = {std::move(value), 0}, given = true, mean = true;
        autocast.reset();
        return *this;
      }
      Loss loss;
      bool given = false, mean = false;
      std::optional<Autocast> autocast{};
    } loss;

   private:
    BatchProcessor& processor_;
    std::size_t samples_;
    int exceptions_;
    bool ended_ = false;
    detail::Anomaly anomaly_;
  };

  /// Begins a step on a batch: anything with a `size`, or a number of samples.
  template <class Outputs = at::Tensor, class B>
  Step<Outputs> step(const B& batch) {
    if constexpr (std::is_convertible_v<B, std::size_t>)
      return Step<Outputs>(*this, static_cast<std::size_t>(batch));
    else
      return Step<Outputs>(*this, batch.size);
  }

  /// The same as a call: `processor(batch, [&](auto& step) { … })`.
  template <class B, class F>
  void operator()(const B& batch, F&& body) {
    auto scope = step(batch);
    body(scope);
  }

  /// Call at the end of an epoch: takes the optimizer step of the accumulated batches, if any.
  void finish_epoch() { core_.require(end_epoch()); }
  /// The same, but returns divergence instead of throwing it. `pending` if no batch is accumulated.
  StepOutcome end_epoch() { return core_.pending > 0 ? update() : StepOutcome::pending; }
  /// The error of a divergence; valid after StepOutcome::diverged.
  const Diverged& divergence() const { return *core_.divergence; }

  /// Whether evaluation uses other weights than training.
  bool has_evaluation_weights() const { return has_average() || detail::has_evaluation(optim_); }
  /// Swaps the evaluation weights into the model for its lifetime, for example to save them.
  class EvaluationWeights {
   public:
    explicit EvaluationWeights(BatchProcessor& processor) : processor_(processor) { processor_.swap_weights(true); }
    ~EvaluationWeights() { processor_.swap_weights(false); }
    EvaluationWeights(const EvaluationWeights&) = delete;

   private:
    BatchProcessor& processor_;
  };
  EvaluationWeights evaluation_weights() { return EvaluationWeights(*this); }

  /// Sets up evaluation for its lifetime: averaged weights if available, inference mode, autocast. Use NoAutocast
  /// around anything but the forward pass and its loss.
  class Evaluation {
   public:
    explicit Evaluation(BatchProcessor& processor) : weights_(processor) {
      if (processor.core_.autocast) autocast_.emplace(processor.core_.device, *processor.core_.autocast);
    }
    Evaluation(const Evaluation&) = delete;

   private:
    EvaluationWeights weights_;  // first in, last out
    c10::InferenceMode inference_;
    std::optional<Autocast> autocast_;
  };
  Evaluation evaluation() { return Evaluation(*this); }

  /// Report of the last optimizer step.
  const StepReport& report() const { return core_.report; }
  /// Loss of the last batch, as sum and weight; weight 0 if it was not finite.
  const Measure& last_loss() const { return core_.last_loss; }
  const ParameterGroups& groups() const { return core_.groups; }
  /// Number of steps for which a group is frozen.
  double start_of(const ParameterGroup& group) const { return group.start.steps(core_.progress); }
  std::string describe_groups() const { return describe(core_.groups, weight_decay_); }

  /// All training state except the weights. It refers to the processor.
  StateList state() {
    StateList out;
    out.add(optim_.state());
    core_.list(out);
    detail::with_policy(schedule_, [&](auto& running) {
      if constexpr (requires { running.numbers(); }) out.add("schedule", std::span<double>(running.numbers()));
    });
    return out;
  }

 private:
  template <class Slot>
  StepOutcome finish(const Slot& slot, std::size_t samples) {
    detail::Forgetting guard{core_};
    // Read before the backward pass: reading after it would wait for it.
    Totals parts;
    if constexpr (!std::is_same_v<Log, NoLog>) parts = parts_of(slot.loss);
    const bool due = core_.take_loss(slot.given ? &slot.loss.sum : nullptr, slot.loss.weight, slot.mean, samples);
    if (core_.last_loss.weight > 0) core_.parts += parts;
    const auto outcome = due ? update() : StepOutcome::pending;
    guard.done = true;
    return outcome;
  }

  /// One optimizer step from the accumulated gradients.
  StepOutcome update() {
    const detail::Forgetting guard{core_};
    const double rate = lr();
    auto vote = core_.look(detail::needs_norm(clip_), rate);
    ranks_(vote);
    auto divide = core_.settle(vote, rate);
    if (!divide) return StepOutcome::diverged;
    if (!core_.report.skipped) {
      *divide = detail::with_policy(clip_, [&](const auto& policy) {
        return static_cast<double>(policy(core_.gradients, *divide, core_.report.gradient_norm));
      });
      const double paced = detail::pace(schedule_, optim_, core_, peak_ * core_.rate_scale, rate);
      detail::take_step(optim_, core_.groups, paced, *divide);
    }
    const auto outcome = core_.end_update();
    if (core_.averaged) update_average();
    log_(core_.report);
    return outcome;
  }

  /// Averages the weights that evaluation would use without averaging.
  void update_average() {
    const double decay = detail::with_policy(average_policy_, [&](const auto& policy) {
      return policy.decay_at(core_.averaged->updates(), core_.at(core_.steps));
    });
    if (decay < 0) return;
    detail::evaluate_optimizer(optim_, true);
    const detail::AtEnd back([&] { detail::evaluate_optimizer(optim_, false); });
    core_.averaged->update(decay);
  }
  bool has_average() const { return core_.averaged && core_.averaged->updates() > 0; }

  void swap_weights(bool evaluate) {
    if (has_average())
      core_.averaged->swap();
    else
      detail::evaluate_optimizer(optim_, evaluate);
  }

  double peak_, weight_decay_;
  typename detail::Running<Rate>::type schedule_;
  decltype(Step_::clip) clip_;
  Average average_policy_;
  Log log_;
  [[no_unique_address]] Ranks ranks_;
  detail::ProcessorCore core_;
  OptimState optim_;
};

}  // namespace quix
