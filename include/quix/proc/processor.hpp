#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include <torch/types.h>

#include <quix/cfg/error.hpp>
#include <quix/proc/loss.hpp>
#include <quix/proc/optim.hpp>
#include <quix/proc/schedule.hpp>

namespace quix {

namespace detail {

/// The value of a step's loss. Throws Error where none was given, where it is no finite scalar, or has no gradient.
double loss_value(const at::Tensor* loss, std::uint64_t step);

/// Runs autograd from a sum of losses, each divided by `weight`. The division rides in the seed of backward: no extra
/// kernel.
void backward(const at::Tensor& sum, double weight);
void clear_gradients(const NamedTensors& parameters);

}  // namespace detail

/// Everything between a forward pass and the next batch. Used by the Runner, or alone:
///
///     quix::BatchProcessor processor(quix::AdamW{.lr = 1e-3f}, quix::Constant{}, parameters);
///     for (auto& batch : loader.epoch(order)) {
///       auto step = processor.step(batch);           // a scope: leaving it steps the optimizer
///       step.outputs = model->forward(*batch.image);
///       step.loss = loss(step.outputs, *batch.label);
///     }
///
/// An exception that leaves the scope leaves the parameters untouched, and clears the gradients.
template <Optimizer Optim, Schedule Rate = Constant>
class BatchProcessor {
 public:
  using OptimState = decltype(std::declval<const Optim&>().build(std::declval<const NamedTensors&>()));

  BatchProcessor(const Optim& optim, const Rate& schedule, NamedTensors parameters)
      : rate_(detail::peak_rate(optim)),
        schedule_(schedule),
        parameters_(std::move(parameters)),
        optim_(optim.build(parameters_)) {}

  /// Tells the schedule how long training will be; without it the rate is constant.
  void plan(std::uint64_t total_steps, std::uint64_t steps_per_epoch) {
    progress_.total = static_cast<double>(total_steps), progress_.per_epoch = static_cast<double>(steps_per_epoch);
  }
  /// Optimizer steps done; resuming sets it.
  std::uint64_t steps() const { return steps_; }
  void seek(std::uint64_t steps) { steps_ = steps; }

  /// The rate of the next step.
  double rate() const {
    auto now = progress_;
    now.steps = static_cast<double>(steps_);
    return rate_ * static_cast<double>(schedule_.factor(now));
  }

  /// The scope around one forward pass.
  class Step {
   public:
    Step(BatchProcessor& processor, std::size_t samples)
        : processor_(processor), samples_(samples), exceptions_(std::uncaught_exceptions()) {}
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() noexcept(false) {
      if (std::uncaught_exceptions() == exceptions_)
        processor_.finish(*this);
      else
        detail::clear_gradients(processor_.parameters_);
    }

    at::Tensor outputs;

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
    friend BatchProcessor;
    BatchProcessor& processor_;
    std::size_t samples_;
    int exceptions_;
  };

  /// Begins a step on a batch: anything with a `size`, or a number of samples.
  template <class B>
  Step step(const B& batch) {
    if constexpr (std::is_convertible_v<B, std::size_t>)
      return Step(*this, static_cast<std::size_t>(batch));
    else
      return Step(*this, batch.size);
  }

  /// The same as a call: `processor(batch, [&](auto& step) { … })`.
  template <class B, class F>
  void operator()(const B& batch, F&& body) {
    auto scope = step(batch);
    body(scope);
  }

  /// Loss of the last step, as sum and weight.
  const Measure& last_loss() const { return last_loss_; }
  NamedTensors state() const { return optim_.state(); }

 private:
  void finish(Step& step) {
    const auto& [loss, given, mean] = step.loss;
    const double value = detail::loss_value(given ? &loss.sum : nullptr, steps_ + 1);
    const auto samples = static_cast<double>(step.samples_);
    last_loss_ = mean ? Measure{value * samples, samples} : Measure{value, loss.weight};
    const Cleared cleared{parameters_};
    detail::backward(loss.sum, mean ? 1.0 : loss.weight);
    optim_.step(rate());
    ++steps_;
  }

  /// Gradients live for one step, however it ends.
  struct Cleared {
    const NamedTensors& parameters;
    ~Cleared() { detail::clear_gradients(parameters); }
  };

  double rate_;
  Rate schedule_;
  Progress progress_;
  NamedTensors parameters_;
  OptimState optim_;
  std::uint64_t steps_ = 0;
  Measure last_loss_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/processor.ipp>
#endif
