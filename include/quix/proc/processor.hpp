#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <c10/core/InferenceMode.h>
#include <torch/types.h>

#include <quix/cfg/error.hpp>
#include <quix/proc/average.hpp>
#include <quix/proc/loss.hpp>
#include <quix/proc/optim.hpp>
#include <quix/proc/precision.hpp>
#include <quix/proc/schedule.hpp>
#include <quix/proc/step.hpp>

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

/// The value of a loss. Throws Error where it is no scalar, or has no gradient.
double loss_value(const at::Tensor* loss, std::uint64_t step);
/// Says what is wrong with a value that is not finite.
std::string not_finite(double value);

/// Runs autograd from a sum of losses, with this seed. No extra kernel.
void backward(const at::Tensor& sum, double seed);
void clear_gradients(const ParameterGroups& groups);
at::DeviceType device_of(const ParameterGroups& groups);

/// Throws Error when a schedule needs more steps than the run has.
void check_length(double steps, const Progress& progress);

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
  using type = std::variant<typename Running<S>::type...>;
  static type make(const Choice<S...>& policy) {
    return policy.visit(
        [](const auto& branch) { return type(Running<std::remove_cvref_t<decltype(branch)>>::make(branch)); });
  }
};
template <class R, class F>
decltype(auto) with_schedule(R& running, F&& f) {
  if constexpr (requires { running.index(); })
    return std::visit(f, running);
  else
    return f(running);
}

template <class O>
void take_step(O& optim, const ParameterGroups& groups, double rate, double divide) {
  if constexpr (requires { optim.step(rate, divide); }) {
    optim.step(rate, divide);
  } else if constexpr (requires { optim.visit([](auto&) {}); }) {
    optim.visit([&](auto& branch) { take_step(branch, groups, rate, divide); });
  } else {
    divide_gradients(groups, divide);
    optim.step(rate);
  }
}
template <class O>
void evaluate_optimizer(O& optim, bool on) {
  if constexpr (requires { optim.evaluate(on); })
    optim.evaluate(on);
  else if constexpr (requires { optim.visit([](auto&) {}); })
    optim.visit([&](auto& branch) { evaluate_optimizer(branch, on); });
}

/// A policy, or what its Choice holds.
template <class P, class F>
decltype(auto) with_policy(const P& policy, F&& f) {
  if constexpr (requires { policy.visit(f); })
    return policy.visit(f);
  else
    return f(policy);
}

}  // namespace detail

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
///       step.outputs = model->forward(*batch.image);
///       step.loss = loss(step.outputs, *batch.label);
///     }
///     processor.finish_epoch();
///
/// An exception that leaves the scope leaves the parameters untouched, and clears the gradients. Under the policy
/// Precision the scope autocasts; Average keeps a second set of weights; Step says how many batches make an optimizer
/// step, how gradients are clipped, and what happens when something is not finite; Log is called with a StepReport.
template <Optimizer Optim, class Rate = Constant, class Precision = Fp32, class Average = NoAverage,
          class Step_ = Eager<NoClip>, class Log = NoLog>
class BatchProcessor {
 public:
  using OptimState = decltype(std::declval<const Optim&>().build(std::declval<const ParameterGroups&>()));

  BatchProcessor(const Optim& optim, const Rate& schedule, Weights weights, const Precision& precision = {},
                 const Average& average = {}, const Step_& step = {}, Log log = {}, const Groups& groups = {})
      : peak_(detail::peak_rate(optim)),
        weight_decay_(detail::weight_decay(optim)),
        schedule_(detail::Running<Rate>::make(schedule)),
        step_policy_(step),
        average_policy_(average),
        log_(std::move(log)),
        groups_(groups.split(weights.parameters)),
        gradients_(std::make_unique<detail::Gradients>(groups_)),
        optim_(optim.build(groups_)),
        device_(detail::device_of(groups_)),
        autocast_(detail::with_policy(precision, [](const auto& p) { return p.autocast(); })),
        scaler_(detail::with_policy(precision, [](const auto& p) { return p.scaler(); })) {
    if (!std::isfinite(peak_) || peak_ < 0)
      throw Error("optim.lr", "is " + detail::not_finite(peak_) + "; a rate is a number from 0");
    detail::with_policy(average, [&](const auto& policy) {
      if (policy.on()) averaged_.emplace(std::move(weights.parameters), std::move(weights.buffers), policy.buffers);
    });
  }
  BatchProcessor(BatchProcessor&&) = delete;

  /// Tells schedules how long training will be; without it the rate is constant. `samples`: of one optimizer step.
  /// Throws Error for a schedule that is longer than that.
  void plan(std::uint64_t total_steps, std::uint64_t steps_per_epoch, double samples = 1) {
    progress_ = {.steps = 0,
                 .total = static_cast<double>(total_steps),
                 .per_epoch = static_cast<double>(steps_per_epoch),
                 .samples = samples};
    detail::with_schedule(schedule_, [&](const auto& running) {
      if constexpr (requires { running.length(progress_); }) detail::check_length(running.length(progress_), progress_);
    });
  }
  /// Optimizer steps done, skipped ones included; resuming sets it.
  std::uint64_t steps() const { return steps_; }
  void seek(std::uint64_t steps) { steps_ = steps; }
  /// Batches that wait for others to make an optimizer step.
  int pending() const { return pending_; }

  /// The rate of the next step.
  double rate() const {
    return peak_ * scale_ * detail::with_schedule(schedule_, [&](const auto& running) {
             return static_cast<double>(running.factor(progress(steps_)));
           });
  }
  /// A factor of all rates: what a rollback lowers.
  double rate_scale() const { return scale_; }
  void scale_rate(double scale) { scale_ = scale; }
  /// Tells a schedule that waits for one the metric of an epoch.
  void observe(double metric) {
    detail::with_schedule(schedule_, [&](auto& running) {
      if constexpr (requires { running.observe(metric); }) running.observe(metric);
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
          anomaly_(processor.step_policy_.non_finite.detect_anomaly) {
      if (processor.autocast_) autocast_.emplace(processor.device_, *processor.autocast_);
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() noexcept(false) {
      autocast_.reset();
      if (std::uncaught_exceptions() == exceptions_)
        processor_.finish(loss, samples_);
      else
        processor_.forget();
    }

    Outputs outputs{};

    /// Takes a Loss, or a tensor: the mean over the batch's samples.
    struct Slot {
      Slot& operator=(Loss value) {
        loss = std::move(value), given = true, mean = false;
        return *this;
      }
      Slot& operator=(at::Tensor value) {
        loss = {std::move(value), 0}, given = true, mean = true;
        return *this;
      }
      Loss loss;
      bool given = false, mean = false;
    } loss;

   private:
    BatchProcessor& processor_;
    std::size_t samples_;
    int exceptions_;
    detail::Anomaly anomaly_;
    std::optional<Autocast> autocast_;
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

  /// At an epoch's end: the optimizer step of batches that wait for more.
  void finish_epoch() {
    if (pending_ > 0) update();
  }

  /// While it lives the model is evaluated: with averaged weights if there are any, in inference mode, under autocast.
  class Evaluation {
   public:
    explicit Evaluation(BatchProcessor& processor) : processor_(processor) {
      processor_.swap_weights(true);
      inference_.emplace();
      if (processor_.autocast_) autocast_.emplace(processor_.device_, *processor_.autocast_);
    }
    ~Evaluation() {
      autocast_.reset(), inference_.reset();
      processor_.swap_weights(false);
    }
    Evaluation(const Evaluation&) = delete;

   private:
    BatchProcessor& processor_;
    std::optional<c10::InferenceMode> inference_;
    std::optional<Autocast> autocast_;
  };
  Evaluation evaluation() { return Evaluation(*this); }

  /// What the last optimizer step, or the last batch where that was none, did.
  const StepReport& report() const { return report_; }
  /// Loss of the last batch, as sum and weight; of weight 0 where it was not finite.
  const Measure& last_loss() const { return last_loss_; }
  const ParameterGroups& groups() const { return groups_; }
  std::string describe_groups() const { return describe(groups_, weight_decay_); }

  /// All that training depends on besides the weights: to save, and to read back into.
  NamedTensors state() {
    auto out = optim_.state();
    if (averaged_)
      for (auto& entry : averaged_->state()) out.push_back(std::move(entry));
    if (scaler_)
      for (auto& entry : scaler_->state()) out.push_back(std::move(entry));
    detail::with_schedule(schedule_, [&](auto& running) {
      if constexpr (requires { running.numbers(); }) {
        auto& numbers = running.numbers();
        out.emplace_back("schedule", at::from_blob(numbers.data(), {static_cast<std::int64_t>(numbers.size())},
                                                   at::TensorOptions(at::kDouble)));
      }
    });
    return out;
  }

 private:
  Progress progress(std::uint64_t steps) const {
    auto now = progress_;
    now.steps = static_cast<double>(steps);
    return now;
  }

  template <class Slot>
  void finish(const Slot& slot, std::size_t samples) {
    const auto& [loss, given, mean] = slot;
    const Forgetting guard{*this};
    const double value = detail::loss_value(given ? &loss.sum : nullptr, steps_ + 1);
    const auto n = static_cast<double>(samples);
    const Measure measure = mean ? Measure{value * n, n} : Measure{value, loss.weight};
    if (std::isfinite(value)) {
      last_loss_ = measure, gathered_ += measure;
      // Sums of gradients; what divides them in the end is known when all batches are there. The first one's weight
      // keeps their size meanwhile.
      if (pending_ == 0) first_weight_ = measure.weight;
      const double seed = (mean ? n : 1) / first_weight_ * (scaler_ ? scaler_->scale() : 1);
      detail::backward(loss.sum, seed);
    } else {
      last_loss_ = {};
      if (why_.empty()) why_ = "the loss is " + detail::not_finite(value);
      if (pending_ == 0) first_weight_ = measure.weight;
    }
    if (++pending_ >= step_policy_.accumulate) update();
    guard.done = true;
  }

  /// One optimizer step of what was gathered.
  void update() {
    const Forgetting guard{*this};
    const auto& non_finite = step_policy_.non_finite;
    double divide = (gathered_.weight > 0 ? gathered_.weight / first_weight_ : 1) * (scaler_ ? scaler_->scale() : 1);
    double norm = 0;
    bool overflow = false;
    if (why_.empty() && (non_finite.gradients || scaler_ || detail::needs_norm(step_policy_.clip))) {
      norm = gradients_->norm() / divide;
      overflow = !std::isfinite(norm);
      if (overflow) why_ = "gradients are not finite";
    }
    report_ = {.step = steps_ + 1,
               .loss = gathered_,
               .rate = rate(),
               .gradient_norm = norm,
               .loss_scale = scaler_ ? scaler_->scale() : 1,
               .skipped = !why_.empty(),
               .why = why_};
    if (report_.skipped) {
      // Scales are found by overflows: only those at the least scale are the model's.
      const bool counts = !(overflow && scaler_ && scaler_->scale() > 1);
      skipped_ += counts;
      if (counts && non_finite.action == NonFinite::Action::stop) diverged(1);
      if (counts && skipped_ > non_finite.patience) diverged(skipped_);
    } else {
      divide = detail::clip(step_policy_.clip, *gradients_, divide, norm);
      detail::take_step(optim_, groups_, report_.rate, divide);
      skipped_ = 0;
    }
    if (scaler_ && (overflow || !report_.skipped)) scaler_->update(overflow);
    ++steps_;
    if (averaged_ && !report_.skipped) {
      const auto decay = detail::with_policy(
          average_policy_, [&](const auto& policy) { return policy.decay(averaged_->updates(), progress(steps_)); });
      if (decay >= 0) averaged_->update(decay);
    }
    log_(report_);
  }

  [[noreturn]] void diverged(int times) {
    const auto problem = "step " + std::to_string(steps_ + 1);
    throw Diverged(problem, why_ + (times > 1 ? ", " + std::to_string(times) + " times in a row" : "") +
                                ": training diverged. A lower optim.lr is the usual cure; the parameters are those "
                                "of the last good step");
  }

  /// Drops gradients and what was gathered of a step.
  void forget() {
    detail::clear_gradients(groups_);
    pending_ = 0, gathered_ = {};
    why_.clear();
  }
  /// Gradients live until the optimizer step, however it ends.
  struct Forgetting {
    BatchProcessor& processor;
    mutable bool done = false;
    ~Forgetting() {
      if (!done) processor.forget();
    }
  };

  void swap_weights(bool evaluate) {
    if (averaged_)
      averaged_->swap();
    else
      detail::evaluate_optimizer(optim_, evaluate);
  }

  double peak_, weight_decay_, scale_ = 1;
  typename detail::Running<Rate>::type schedule_;
  Step_ step_policy_;
  Average average_policy_;
  Log log_;
  Progress progress_;
  ParameterGroups groups_;
  std::unique_ptr<detail::Gradients> gradients_;
  OptimState optim_;
  at::DeviceType device_;
  std::optional<at::ScalarType> autocast_;
  std::optional<GradScaler> scaler_;
  std::optional<AveragedWeights> averaged_;
  std::uint64_t steps_ = 0;
  int pending_ = 0, skipped_ = 0;
  Measure gathered_, last_loss_;
  double first_weight_ = 1;
  std::string why_;  // this step is not taken
  StepReport report_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/processor.ipp>
#endif
