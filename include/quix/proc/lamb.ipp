#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <quix/proc/kernels.hpp>
#include <quix/proc/lamb.hpp>

namespace quix {

QUIX_INLINE void Lamb::update(const detail::TensorLists& lists, const detail::StepNumbers& n) const {
  const auto correction = [&](std::size_t i, int which) {
    return 1 - std::pow(static_cast<double>(betas[static_cast<std::size_t>(which)]), lists.step(i));
  };
  if (const auto spans = lists.spans(); !spans.empty()) {
    std::vector<std::array<float, 2>> corrections;
    for (std::size_t i = 0; i < lists.parameters().size(); ++i)
      corrections.push_back({detail::narrow(correction(i, 0)), detail::narrow(correction(i, 1))});
    return detail::kernel_lamb(spans,
                               {.rate = detail::narrow(n.rate),
                                .beta1 = betas[0],
                                .beta2 = betas[1],
                                .eps = eps,
                                .weight_decay = detail::narrow(n.weight_decay),
                                .gradient_factor = detail::narrow(1 / n.divide)},
                               corrections);
  }
  const auto &p = lists.parameters(), &m = lists.slot(0), &v = lists.slot(1);
  std::vector<at::Scalar> first, second;
  for (std::size_t i = 0; i < p.size(); ++i)
    first.emplace_back(correction(i, 0)), second.emplace_back(correction(i, 1));
  const auto g = at::_foreach_div(lists.gradients(), n.divide);
  at::_foreach_lerp_(m, g, 1 - betas[0]);
  at::_foreach_mul_(v, betas[1]);
  at::_foreach_addcmul_(v, g, g, 1 - betas[1]);
  const auto root = at::_foreach_div(v, second), step = at::_foreach_div(m, first);
  at::_foreach_sqrt_(root);
  at::_foreach_add_(root, eps);
  at::_foreach_div_(step, root);
  at::_foreach_add_(step, p, n.weight_decay);
  const auto length = at::stack(at::_foreach_norm(p)), way = at::stack(at::_foreach_norm(step));
  const auto ratio = at::where(length.gt(0).logical_and(way.gt(0)), length.div(way), at::ones_like(way)).mul_(n.rate);
  for (std::size_t i = 0; i < p.size(); ++i) step[i].mul_(ratio[static_cast<std::int64_t>(i)]);
  at::_foreach_sub_(p, step);
}

#ifdef QUIX_SEPARATE
template class detail::GroupedState<Lamb>;
#endif

}  // namespace quix
