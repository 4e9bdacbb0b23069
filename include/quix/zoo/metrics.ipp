#pragma once

#include <ATen/ops/argmax.h>
#include <ATen/ops/eq.h>

#include <quix/zoo/metrics.hpp>

namespace quix {

QUIX_INLINE Measure Accuracy::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  const auto classes = target.dim() == 2 ? target.argmax(1) : target;  // of shares the largest
  const auto right = outputs.argmax(1).eq(classes).sum().item<std::int64_t>();
  return {static_cast<double>(right), static_cast<double>(classes.numel())};
}

}  // namespace quix
