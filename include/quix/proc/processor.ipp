#pragma once

#include <cmath>

#include <ATen/ops/full.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/module.h>

#include <quix/proc/processor.hpp>

namespace quix {

QUIX_INLINE Weights::Weights(const torch::nn::Module& module) {
  for (const auto& item : module.named_parameters()) parameters.emplace_back(item.key(), item.value());
  for (const auto& item : module.named_buffers()) buffers.emplace_back(item.key(), item.value());
}

namespace detail {

QUIX_INLINE double loss_value(const at::Tensor* loss, std::uint64_t step) {
  const auto fail = [&](const std::string& what) { throw Error("step " + std::to_string(step), what); };
  if (!loss) fail("the step ended without a loss; set  step.loss = …  in its scope");
  if (!loss->defined() || loss->numel() != 1) fail("the loss is not a scalar; reduce it to a sum or a mean");
  if (!loss->requires_grad())
    fail("the loss has no gradient: it does not depend on a parameter, or was made without autograd");
  return loss->item<double>();
}

QUIX_INLINE std::string not_finite(double value) {
  return std::isnan(value) ? "not a number" : value < 0 ? "negative" : "infinite";
}

QUIX_INLINE void backward(const at::Tensor& sum, double seed) {
  torch::autograd::backward({sum}, {at::full({}, seed, sum.options().requires_grad(false))});
}

QUIX_INLINE void clear_gradients(const ParameterGroups& groups) {
  // Dropping the buffer lets autograd hand over the next one: no zeroing, no addition.
  for (const auto& group : groups)
    for (const auto& [name, parameter] : group.parameters)
      if (parameter.grad().defined()) parameter.mutable_grad().reset();
}

QUIX_INLINE at::DeviceType device_of(const ParameterGroups& groups) {
  return groups.empty() || groups[0].parameters.empty() ? at::kCPU : groups[0].parameters[0].second.device().type();
}

QUIX_INLINE void check_length(double steps, const Progress& progress) {
  if (steps <= progress.total) return;
  const auto number = [&](double n) {
    return short_number(n) + " steps (" + short_number(n / progress.per_epoch) + " epochs)";
  };
  throw Error("schedule", "needs " + number(steps) + ", and the run has " + number(progress.total) +
                              ": shorten its warm-up or its last point, or train longer");
}

QUIX_INLINE Anomaly::Anomaly(bool on) : before_(torch::autograd::AnomalyMode::is_enabled()) {
  if (on) torch::autograd::AnomalyMode::set_enabled(true);
}
QUIX_INLINE Anomaly::~Anomaly() { torch::autograd::AnomalyMode::set_enabled(before_); }

}  // namespace detail
}  // namespace quix
