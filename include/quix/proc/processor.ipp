#pragma once

#include <cmath>

#include <ATen/ops/full.h>
#include <torch/csrc/autograd/autograd.h>

#include <quix/proc/processor.hpp>

namespace quix::detail {

QUIX_INLINE double loss_value(const at::Tensor* loss, std::uint64_t step) {
  const auto fail = [&](const std::string& what) { throw Error("step " + std::to_string(step), what); };
  if (!loss) fail("the step ended without a loss; set  step.loss = …  in its scope");
  if (!loss->defined() || loss->numel() != 1) fail("the loss is not a scalar; reduce it to a sum or a mean");
  if (!loss->requires_grad())
    fail("the loss has no gradient: it does not depend on a parameter, or was made without autograd");
  const auto value = loss->item<double>();
  if (!std::isfinite(value))
    fail("the loss is " + std::string(std::isnan(value) ? "not a number" : "infinite") +
         ": training diverged. A lower optim.lr is the usual cure; the parameters are those of the step before");
  return value;
}

QUIX_INLINE void backward(const at::Tensor& sum, double weight) {
  torch::autograd::backward({sum}, {at::full({}, 1.0 / weight, sum.options().requires_grad(false))});
}

QUIX_INLINE void clear_gradients(const NamedTensors& parameters) {
  // Dropping the buffer lets autograd hand over the next one: no zeroing, no addition.
  for (const auto& [name, parameter] : parameters)
    if (parameter.grad().defined()) parameter.mutable_grad().reset();
}

}  // namespace quix::detail
