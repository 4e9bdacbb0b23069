#pragma once

#include <ATen/ops/full.h>
#include <torch/csrc/autograd/autograd.h>

#include <quix/proc/processor.hpp>

namespace quix::detail {

QUIX_INLINE void backward(const at::Tensor& sum, double weight) {
  torch::autograd::backward({sum}, {at::full({}, 1.0 / weight, sum.options().requires_grad(false))});
}

QUIX_INLINE void clear_gradients(const NamedTensors& parameters) {
  // Dropping the buffer lets autograd hand over the next one: no zeroing, no addition.
  for (const auto& [name, parameter] : parameters)
    if (parameter.grad().defined()) parameter.mutable_grad().reset();
}

}  // namespace quix::detail
