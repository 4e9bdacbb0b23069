#pragma once

#include <ATen/ops/argmax.h>
#include <ATen/ops/eq.h>

#include <quix/zoo/metrics.hpp>

namespace quix {

QUIX_INLINE Measure Accuracy::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  const auto right = outputs.argmax(1).eq(target).sum().item<std::int64_t>();
  return {static_cast<double>(right), static_cast<double>(target.numel())};
}

}  // namespace quix
