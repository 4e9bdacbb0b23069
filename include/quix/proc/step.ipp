#pragma once

#include <algorithm>
#include <cmath>

#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <quix/proc/step.hpp>

namespace quix {

QUIX_INLINE void Gradients::gather() {
  spans_.clear(), others_.clear();
  for (const auto& group : groups_)
    for (const auto& [name, parameter] : group.parameters) {
      const auto& g = parameter.grad();
      if (!g.defined()) continue;
      if (g.layout() != at::kStrided) {  // the optimizer reports the error
        others_.push_back(g.coalesce().values());
      } else if (g.device().is_cpu() && g.scalar_type() == at::kFloat && g.is_non_overlapping_and_dense()) {
        spans_.push_back({.gradient = g.mutable_data_ptr<float>(), .size = g.numel()});
      } else {
        others_.push_back(g);
      }
    }
}

QUIX_INLINE std::vector<at::Tensor> Gradients::tensors() const {
  std::vector<at::Tensor> out;
  for (const auto& group : groups_)
    for (const auto& [name, parameter] : group.parameters)
      if (parameter.grad().defined()) out.push_back(parameter.grad());
  return out;
}

QUIX_INLINE double Gradients::norm() {
  const at::NoGradGuard no_grad;
  gather();
  double squares = detail::kernel_norm_squared(spans_);
  if (!others_.empty()) {
    const double more = at::linalg_vector_norm(at::stack(at::_foreach_norm(others_, 2))).item<double>();
    squares += more * more;
    others_.clear();  // released with the parameters' gradients
  }
  return std::sqrt(squares);
}

QUIX_INLINE void Gradients::clamp(double divide, double most) {
  const at::NoGradGuard no_grad;
  gather();
  detail::kernel_clamp(spans_, static_cast<float>(1 / divide), static_cast<float>(most));
  for (auto& g : others_) g.div_(divide).clamp_(-most, most);
  others_.clear();
}

QUIX_INLINE void Gradients::clip_adaptive(double divide, double clip_factor, double eps) {
  const at::NoGradGuard no_grad;
  for (const auto& group : groups_)
    for (const auto& [name, parameter] : group.parameters) {
      if (!parameter.grad().defined()) continue;
      const auto& g = parameter.grad().div_(divide);
      // A unit is a row, or a whole vector.
      const auto norm_of = [](const at::Tensor& t) {
        if (t.dim() <= 1) return at::linalg_vector_norm(t);
        std::vector<std::int64_t> dims(static_cast<std::size_t>(t.dim()) - 1);
        for (std::size_t d = 0; d < dims.size(); ++d) dims[d] = static_cast<std::int64_t>(d) + 1;
        return at::linalg_vector_norm(t, 2, dims, /*keepdim=*/true);
      };
      const auto most = norm_of(parameter.detach()).clamp_min(eps).mul_(clip_factor), length = norm_of(g);
      g.mul_(at::where(length.gt(most), most.div(length.clamp_min(1e-6)), at::ones_like(length)));
    }
}

}  // namespace quix
