#pragma once

#include <torch/types.h>

#include <quix/detail/separate.hpp>
#include <quix/proc/loss.hpp>

namespace quix {

/// The share of samples whose largest output is their class.
struct Accuracy {
  static constexpr const char* name = "accuracy";
  Measure operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// No metric besides the loss.
struct LossOnly {};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/metrics.ipp>
#endif
