#pragma once

#include <cstdint>
#include <string>

#include <torch/types.h>

#include <quix/detail/separate.hpp>

// What outputs and targets are to each other: shared by losses and metrics.

namespace quix::detail {

/// Whether targets are class numbers [B, …] of outputs [B, classes, …], with more classes than one.
bool are_classes(const at::Tensor& outputs, const at::Tensor& target);
/// Whether targets are shares of classes: of the outputs' shape, with more classes than one. A mask [B, H, W] of one
/// class is none: shares of three dimensions sum to 1.
bool are_shares(const at::Tensor& outputs, const at::Tensor& target);
/// The class index of the largest share, [B, …] of [B, classes, …]; -100 where more than it is missing to 1.
at::Tensor largest_share(const at::Tensor& shares);
/// The number of yes-or-no questions in outputs and targets of one shape: C of [B, C] and [B, C, H, W], 1 of [B] and of
/// masks [B, H, W].
std::int64_t question_count(const at::Tensor& outputs);
/// Class numbers [B, …] of either, int64. Throws Error(where) for other shapes.
at::Tensor class_numbers(const char* where, const at::Tensor& outputs, const at::Tensor& target);
/// Targets in the outputs' shape: [B] beside [B, 1], [B, H, W] beside [B, 1, H, W]. Throws Error(where).
at::Tensor as_outputs(const char* where, const std::string& what, const at::Tensor& outputs, const at::Tensor& target);
/// float32, where a sum or a logarithm needs more than a half's digits; float64 stays.
at::Tensor full_precision(const at::Tensor& tensor);
/// Throws Error(where): "what; the model gave [4, 2], the data [4]".
[[noreturn]] void wrong_shapes(const char* where, const std::string& what, const at::Tensor& outputs,
                               const at::Tensor& target);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/zoo/shapes.ipp>
#endif
