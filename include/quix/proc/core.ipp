#pragma once

#include <algorithm>
#include <cmath>
#include <exception>

#include <ATen/ops/full.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/module.h>

#include <quix/cfg/terminal.hpp>
#include <quix/proc/core.hpp>

namespace quix {

QUIX_INLINE Weights::Weights(const torch::nn::Module& module) {
  for (const auto& item : module.named_parameters()) parameters.emplace_back(item.key(), item.value());
  for (const auto& item : module.named_buffers()) buffers.emplace_back(item.key(), item.value());
}

namespace detail {

/// Throws Error where a loss is not a scalar, or has no gradient.
inline void require_loss(const at::Tensor* loss, std::uint64_t step) {
  const auto fail = [&](const std::string& what) { throw Error("step " + std::to_string(step), what); };
  if (!loss) fail("the step ended without a loss; set  step.loss = …  in its scope");
  if (!loss->defined() || loss->numel() != 1) fail("the loss is not a scalar; reduce it to a sum or a mean");
  if (!loss->requires_grad())
    fail("the loss has no gradient: it does not depend on a parameter, or was made without autograd");
}

inline std::string not_finite(double value) {
  return std::isnan(value) ? "not a number" : value < 0 ? "minus infinity" : "infinite";
}

QUIX_INLINE double checked_rate(double rate) {
  if (!std::isfinite(rate) || rate < 0)
    throw Error("optim.lr", "must be finite and at least 0, got " + short_number(rate));
  return rate;
}

QUIX_INLINE void require_rate(double rate, std::uint64_t step) {
  if (!std::isfinite(rate) || rate < 0)
    throw Error("schedule", "the learning rate of step " + std::to_string(step) + " is " +
                                (std::isfinite(rate) ? "negative" : not_finite(rate)) +
                                "; the parameters are those of the previous step");
}

QUIX_INLINE ProcessorCore::ProcessorCore(ParameterGroups parameter_groups, const NamedTensors& module_buffers,
                                         std::optional<at::ScalarType> autocast_type,
                                         std::optional<GradScaler> grad_scaler, const NonFinite& policy,
                                         int batches_of_step)
    : groups(std::move(parameter_groups)),
      buffers(module_buffers),
      gradients(groups),
      device(groups.empty() || groups[0].parameters.empty() ? at::kCPU
                                                            : groups[0].parameters[0].second.device().type()),
      autocast(autocast_type),
      scaler(std::move(grad_scaler)),
      detect_anomaly(policy.detect_anomaly),
      non_finite_(policy),
      accumulate_(batches_of_step) {}

QUIX_INLINE void ProcessorCore::begin_batch() {
  if (pending == 0) buffers.keep();
  begun_ = true;
}

QUIX_INLINE void ProcessorCore::backward(const at::Tensor& loss, double seed) {
  // The seed does what a division would: no kernel more. A loss of half precision could not hold it.
  const bool half = loss.scalar_type() == at::kHalf || loss.scalar_type() == at::kBFloat16;
  const auto root = half ? loss.to(at::kFloat) : loss;
  // Other leaves of the loss, such as the parameters of another processor, get no gradient.
  std::vector<at::Tensor> inputs;
  for (const auto& group : groups)
    for (const auto& [name, parameter] : group.parameters)
      if (parameter.requires_grad()) inputs.push_back(parameter);  // some may be frozen by now
  if (inputs.empty()) return;                                      // no inputs would mean all
  torch::autograd::backward({root}, {at::full(root.sizes(), seed, root.options().requires_grad(false))},
                            /*retain_graph=*/std::nullopt, /*create_graph=*/false, inputs);
}

QUIX_INLINE bool ProcessorCore::take_loss(const at::Tensor* loss, double weight, bool mean, std::size_t samples) {
  require_loss(loss, steps + 1);
  const auto n = static_cast<double>(samples);
  // Gradients are those of sums; what divides them in the end is known when all batches are there. Meanwhile they are
  // kept near those of the mean by the weight that the step will about have: the same on every rank, and with any
  // number of batches.
  if (pending == 0) planned_ = (progress.samples > 1 ? progress.samples : std::max(n, 1.0) * accumulate_) * unit_;
  const double counted = mean ? n : weight;
  const double seed = (mean ? n : 1) / planned_ * (scaler ? scaler->scale() : 1);
  // Reading the value waits for a GPU's forward pass, so the backward pass is queued before. The gradients of a loss
  // that is not finite are dropped with its step.
  const bool queued = loss->is_cuda() && counted != 0 && !detect_anomaly;
  if (queued) backward(*loss, seed);
  const double value = loss->item<double>();
  const Measure measure = mean ? Measure{value * n, n} : Measure{value, weight};
  samples_ += n;
  if (measure.weight == 0) {
    last_loss = {};  // nothing in it counts: all pixels void, say
  } else if (std::isfinite(value)) {
    last_loss = measure, gathered_ += measure;
    if (!queued) backward(*loss, seed);
  } else {
    last_loss = {};
    if (why_.empty()) why_ = "the loss is " + not_finite(value);
  }
  return ++pending >= accumulate_;
}

QUIX_INLINE void ProcessorCore::hold_back() {
  for (const auto& group : groups)
    if (group.start.steps(progress) > static_cast<double>(steps))
      for (const auto& [name, parameter] : group.parameters) parameter.mutable_grad().reset();
}

QUIX_INLINE Vote ProcessorCore::look(bool needs_norm, double rate) {
  require_rate(rate, steps + 1);
  hold_back();
  norm_ = 0, overflow_ = false;
  if (why_.empty() && (non_finite_.gradients || scaler || needs_norm)) {
    norm_ = gradients.norm();
    overflow_ = !std::isfinite(norm_);
    if (overflow_) why_ = "gradients are not finite";
  }
  return {.loss = gathered_, .samples = samples_, .not_finite = !why_.empty(), .overflow = overflow_};
}

QUIX_INLINE std::optional<double> ProcessorCore::settle(const Vote& vote, double rate) {
  // All ranks skip, or none: with different weights they would train different models.
  if (vote.not_finite && why_.empty()) why_ = "another rank skips it";
  gathered_ = vote.loss, samples_ = vote.samples, overflow_ = vote.overflow;
  const double scale = scaler ? scaler->scale() : 1;
  const double divide = (gathered_.weight > 0 ? gathered_.weight / planned_ : 1) * scale;
  report = {.step = steps + 1,
            .loss = gathered_,
            .parts = parts,
            .rate = rate,
            .gradient_norm = norm_ / divide,
            .loss_scale = scale,
            .skipped = !why_.empty(),
            .why = why_};
  divergence.reset();
  if (report.skipped) {
    buffers.restore();
    // Overflows are how the loss scale is found: only those at the minimum scale count against the model.
    const bool counts = !(overflow_ && scale > 1);
    skipped_ += counts;
    if (counts && non_finite_.action == NonFinite::Action::stop)
      diverge(1);
    else if (counts && skipped_ > non_finite_.patience)
      diverge(skipped_);
  } else {
    skipped_ = 0;
  }
  return divergence ? std::nullopt : std::optional(divide);
}

QUIX_INLINE StepOutcome ProcessorCore::end_update() {
  if (scaler && (overflow_ || !report.skipped)) scaler->update(overflow_);
  // A power of two changes no bit of what follows.
  if (gathered_.weight > 0 && samples_ > 0) unit_ = std::exp2(std::round(std::log2(gathered_.weight / samples_)));
  ++steps, begun_ = false;
  return report.skipped ? StepOutcome::skipped : StepOutcome::taken;
}

QUIX_INLINE void ProcessorCore::require(StepOutcome outcome) const {
  if (outcome == StepOutcome::diverged) throw *divergence;
}

QUIX_INLINE void ProcessorCore::diverge(std::int64_t times) {
  const auto skipped = static_cast<std::uint64_t>(std::max<std::int64_t>(skipped_ - 1, 0));
  skipped_ = 0;
  divergence.emplace("step " + std::to_string(steps + 1),
                     why_ + (times > 1 ? ", " + std::to_string(times) + " times in a row" : "") +
                         ": training diverged; try a lower optim.lr. The parameters are those of the last good step",
                     steps - std::min(skipped, steps));
}

QUIX_INLINE void ProcessorCore::forget() {
  try {  // destructors call this
    if (std::exchange(begun_, false)) buffers.restore();
  } catch (const std::exception&) {}
  // Dropping the buffer lets autograd hand over the next one: no zeroing, no addition.
  for (const auto& group : groups)
    for (const auto& [name, parameter] : group.parameters)
      if (parameter.grad().defined()) parameter.mutable_grad().reset();
  pending = 0, samples_ = 0, gathered_ = {}, parts.clear();
  why_.clear();
}

QUIX_INLINE void ProcessorCore::list(StateList& state) {
  state.add("steps", steps);
  state.add("rate_scale", rate_scale);
  state.add("skipped", skipped_);
  state.add("unit", unit_);
  if (averaged) state.add(averaged->state());
  if (scaler) state.add(scaler->state());
}

QUIX_INLINE std::optional<double> metric_of(const Totals& metrics, const std::string& name) {
  std::string names;
  for (const auto& [key, measure] : metrics) {
    if (key == name) return measure.has_value() ? std::optional(measure.value()) : std::nullopt;
    names += (names.empty() ? "" : ", ") + key;
  }
  throw Error("schedule.metric", "metric " + name + " not found; metrics of an epoch: " + names);
}

QUIX_INLINE void check_starts(const ParameterGroups& groups, const Progress& progress) {
  for (const auto& group : groups)
    if (group.start.steps(progress) >= progress.total)
      throw Error("groups.start", "the group \"" + group.name + "\" would never be trained: the run has " +
                                      short_number(progress.total) + " steps (" +
                                      short_number(progress.total / progress.per_epoch) +
                                      " epochs); choose an earlier point");
}

QUIX_INLINE void check_length(double steps, const Progress& progress) {
  if (steps <= progress.total * (1 + 1e-9)) return;  // 20 % and 80 % of it may add up to a little more
  const auto number = [&](double n) {
    return short_number(n) + " steps (" + short_number(n / progress.per_epoch) + " epochs)";
  };
  throw Error("schedule", "needs " + number(steps) + ", but the run has " + number(progress.total) +
                              "; shorten its warmup or its last milestone, or train longer");
}

QUIX_INLINE Anomaly::Anomaly(bool on) : before_(torch::autograd::AnomalyMode::is_enabled()) {
  if (on) torch::autograd::AnomalyMode::set_enabled(true);
}
QUIX_INLINE Anomaly::~Anomaly() { torch::autograd::AnomalyMode::set_enabled(before_); }

}  // namespace detail
}  // namespace quix
