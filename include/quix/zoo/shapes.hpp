#pragma once

#include <cstdint>
#include <string>

#include <torch/types.h>

#include <quix/detail/separate.hpp>

// Shapes of outputs and targets, shared by losses and metrics.

namespace quix::detail {

/// Whether targets are class indices [B, …] of outputs [B, classes, …], with more than one class.
bool are_classes(const at::Tensor& outputs, const at::Tensor& target);
/// Whether targets are soft labels: of the outputs' shape, with more than one class. A mask [B, H, W] of one class is
/// not: soft labels of three dimensions sum to 1.
bool are_soft_labels(const at::Tensor& outputs, const at::Tensor& target);
/// The class index of the largest soft label, [B, …] of [B, classes, …]; -100 if the sum lacks more than that to 1.
at::Tensor largest_share(const at::Tensor& shares);
/// The number of binary labels in outputs and targets of one shape: C for [B, C] and [B, C, H, W], 1 for [B] and masks
/// [B, H, W].
std::int64_t question_count(const at::Tensor& outputs);
/// Class indices [B, …] of class indices or soft labels, int64. Throws Error(where) for other shapes.
at::Tensor class_numbers(const char* where, const at::Tensor& outputs, const at::Tensor& target);
/// Targets in the outputs' shape: [B] becomes [B, 1], [B, H, W] becomes [B, 1, H, W]. Throws Error(where).
at::Tensor as_outputs(const char* where, const std::string& what, const at::Tensor& outputs, const at::Tensor& target);
/// Converts to float32, for sums and logarithms that need more digits than half precision has; float64 stays.
at::Tensor full_precision(const at::Tensor& tensor);
/// Throws Error(where): "what; got outputs [4, 2] and targets [4]".
[[noreturn]] void wrong_shapes(const char* where, const std::string& what, const at::Tensor& outputs,
                               const at::Tensor& target);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/zoo/shapes.ipp>
#endif
