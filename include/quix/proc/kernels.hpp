#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <quix/detail/separate.hpp>

// Kernels over lists of tensors that LibTorch lacks: one parallel loop over all elements, each touched once. float32 in
// CPU memory only; for anything else the callers use ATen operations.
//
// An optimizer's update has two halves: a kernel over memory, and the same formula by ATen's operations on lists of
// tensors (a few kernels for all parameters on a GPU) for other devices and element types.

namespace quix::detail {

/// One tensor: a parameter, its gradient and its optimizer state.
struct KernelSpan {
  float* parameter = nullptr;
  float* gradient = nullptr;
  std::array<float*, 3> state{};
  std::int64_t size = 0;
};
using KernelSpans = std::span<const KernelSpan>;

/// A number as kernels take it.
inline float narrow(double value) { return static_cast<float>(value); }

/// The sum of the gradients' squares, in double precision and in one order, whatever the number of threads. Not finite
/// exactly when some gradient is not.
double kernel_norm_squared(KernelSpans spans);
/// Multiplies gradients by `factor`, then clamps them to ±most.
void kernel_clamp(KernelSpans spans, float factor, float most);

struct LionNumbers {
  float rate, beta1, beta2, weight_decay, gradient_factor;
};
/// state: the momentum.
void kernel_lion(KernelSpans spans, const LionNumbers& numbers);

struct RmsNumbers {
  float rate, alpha, eps, momentum, weight_decay, gradient_factor;
  bool centered;
};
/// state: mean square; the momentum, if any; the mean, if centered.
void kernel_rmsprop(KernelSpans spans, const RmsNumbers& numbers);

struct LambNumbers {
  float rate, beta1, beta2, eps, weight_decay, gradient_factor;
};
/// state: the averages of gradient and squared gradient. `corrections`: of both, for each tensor.
void kernel_lamb(KernelSpans spans, const LambNumbers& numbers, std::span<const std::array<float, 2>> corrections);

struct ScheduleFreeNumbers {
  float rate, beta1, beta2, eps, weight_decay, gradient_factor, share;
};
/// state: z, and the average of the squared gradient. `corrections`: of the latter, for each tensor.
void kernel_schedule_free(KernelSpans spans, const ScheduleFreeNumbers& numbers, std::span<const float> corrections);

/// parameter = decay · parameter + (1 - decay) · gradient: an average of weights, in `parameter`.
void kernel_average(KernelSpans spans, float decay);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/proc/kernels.ipp>
#endif
