#pragma once

#include <string>
#include <vector>

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>

#include <quix/proc/kernels.hpp>
#include <quix/proc/rmsprop.hpp>

namespace quix {

QUIX_INLINE std::vector<std::string> RmsProp::slots() const {
  // In the kernel's order; centered without momentum leaves the one in between unused.
  std::vector<std::string> out{"square_avg"};
  if (momentum > 0 || centered) out.push_back("momentum");
  if (centered) out.push_back("grad_avg");
  return out;
}

QUIX_INLINE void RmsProp::update(const detail::TensorLists& lists, const detail::StepNumbers& n) const {
  if (const auto spans = lists.spans(); !spans.empty())
    return detail::kernel_rmsprop(spans, {.rate = detail::narrow(n.rate),
                                          .alpha = alpha,
                                          .eps = eps,
                                          .momentum = momentum,
                                          .weight_decay = detail::narrow(n.weight_decay),
                                          .gradient_factor = detail::narrow(1 / n.divide),
                                          .centered = centered});
  const auto &p = lists.parameters(), &v = lists.slot(0);
  const auto g = at::_foreach_div(lists.gradients(), n.divide);
  at::_foreach_add_(g, p, n.weight_decay);
  at::_foreach_mul_(v, alpha);
  at::_foreach_addcmul_(v, g, g, 1 - alpha);
  std::vector<at::Tensor> root;
  if (centered) {
    at::_foreach_lerp_(lists.slot(2), g, 1 - alpha);
    root = at::_foreach_addcmul(v, lists.slot(2), lists.slot(2), -1);
    at::_foreach_sqrt_(root);
  } else {
    root = at::_foreach_sqrt(v);
  }
  at::_foreach_add_(root, eps);
  at::_foreach_div_(g, root);
  if (momentum > 0) {
    at::_foreach_mul_(lists.slot(1), momentum);
    at::_foreach_add_(lists.slot(1), g);
  }
  at::_foreach_add_(p, momentum > 0 ? lists.slot(1) : g, -n.rate);
}

#ifdef QUIX_SEPARATE
template class detail::GroupedState<RmsProp>;
#endif

}  // namespace quix
