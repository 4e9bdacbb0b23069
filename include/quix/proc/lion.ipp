#pragma once

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sign.h>

#include <quix/proc/kernels.hpp>
#include <quix/proc/lion.hpp>

namespace quix {

QUIX_INLINE void Lion::update(const detail::TensorLists& lists, const detail::StepNumbers& n) const {
  if (const auto spans = lists.spans(); !spans.empty())
    return detail::kernel_lion(spans, {.rate = detail::narrow(n.rate),
                                       .beta1 = betas[0],
                                       .beta2 = betas[1],
                                       .weight_decay = detail::narrow(n.weight_decay),
                                       .gradient_factor = detail::narrow(1 / n.divide)});
  const auto &p = lists.parameters(), &m = lists.slot(0);
  const auto g = at::_foreach_div(lists.gradients(), n.divide);
  const auto step = at::_foreach_lerp(m, g, 1 - betas[0]);
  at::_foreach_sign_(step);
  at::_foreach_mul_(p, 1 - n.rate * n.weight_decay);
  at::_foreach_add_(p, step, -n.rate);
  at::_foreach_lerp_(m, g, 1 - betas[1]);
}

#ifdef QUIX_SEPARATE
template class detail::GroupedState<Lion>;
#endif

}  // namespace quix
