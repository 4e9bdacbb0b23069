#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/zeros.h>

#include <quix/proc/kernels.hpp>
#include <quix/proc/schedule_free.hpp>

namespace quix {

QUIX_INLINE ScheduleFreeState::ScheduleFreeState(const ScheduleFree& policy, const ParameterGroups& groups)
    : detail::GroupLists(groups, {"z", "exp_avg_sq"}, /*steps_on_device=*/false, policy.weight_decay), policy_(policy) {
  for (const auto& group : groups) {
    first_.push_back(group.parameters.empty() ? "" : group.parameters[0].first);
    weights_.push_back(at::zeros({2}, at::kDouble));
  }
}

QUIX_INLINE void ScheduleFreeState::step(double rate, double divide) {
  const at::NoGradGuard no_grad;
  const auto beta1 = static_cast<double>(policy_.betas[0]), beta2 = static_cast<double>(policy_.betas[1]),
             eps = static_cast<double>(policy_.eps);
  for (std::size_t k = 0; k < lists_.size(); ++k) {
    auto& lists = lists_[k];
    if (!lists.gather()) continue;
    // z starts at the parameter's value in its first step: the parameter may have been loaded after construction.
    for (std::size_t i = 0; i < lists.parameters().size(); ++i)
      if (lists.step(i) == 1) lists.slot(0)[i].copy_(lists.parameters()[i]);
    // The weight of this step in the average: the square of the maximum learning rate so far.
    auto* weights = weights_[k].data_ptr<double>();
    const double lr = rate * rates_[k];
    weights[1] = std::max(weights[1], lr);
    const double weight = weights[1] * weights[1];
    weights[0] += weight;
    const double share = weights[0] > 0 ? weight / weights[0] : 0;
    const auto correction = [&](std::size_t i) { return 1 - std::pow(beta2, lists.step(i)); };
    if (const auto spans = lists.spans(); !spans.empty()) {
      std::vector<float> corrections;
      for (std::size_t i = 0; i < lists.parameters().size(); ++i) corrections.push_back(detail::narrow(correction(i)));
      detail::kernel_schedule_free(spans,
                                   {.rate = detail::narrow(lr),
                                    .beta1 = detail::narrow(beta1),
                                    .beta2 = detail::narrow(beta2),
                                    .eps = detail::narrow(eps),
                                    .weight_decay = detail::narrow(decays_[k]),
                                    .gradient_factor = detail::narrow(1 / divide),
                                    .share = detail::narrow(share)},
                                   corrections);
    } else {
      const auto &y = lists.parameters(), &z = lists.slot(0), &v = lists.slot(1);
      std::vector<at::Scalar> corrections;
      for (std::size_t i = 0; i < y.size(); ++i) corrections.emplace_back(correction(i));
      const auto step = at::_foreach_div(lists.gradients(), divide);
      at::_foreach_mul_(v, beta2);
      at::_foreach_addcmul_(v, step, step, 1 - beta2);
      const auto root = at::_foreach_div(v, corrections);
      at::_foreach_sqrt_(root);
      at::_foreach_add_(root, eps);
      at::_foreach_div_(step, root);
      at::_foreach_add_(step, y, decays_[k]);
      at::_foreach_lerp_(y, z, share);
      at::_foreach_add_(y, step, lr * (beta1 * (1 - share) - 1));
      at::_foreach_add_(z, step, -lr);
    }
    lists.release();
  }
}

QUIX_INLINE NamedTensors ScheduleFreeState::state() const {
  auto out = detail::GroupLists::state();
  for (std::size_t i = 0; i < weights_.size(); ++i) out.emplace_back("average_weight." + first_[i], weights_[i]);
  return out;
}

QUIX_INLINE void ScheduleFreeState::evaluate(bool on) {
  if (on != kept_.empty()) return;
  const at::NoGradGuard no_grad;
  const auto beta1 = static_cast<double>(policy_.betas[0]);
  auto kept = kept_.begin();
  for (auto& lists : lists_)
    for (std::size_t i = 0; i < lists.every_parameter().size(); ++i) {
      auto& parameter = lists.every_parameter()[i];
      if (!on) {
        parameter.set_data(*kept++);
        continue;
      }
      kept_.push_back(parameter.detach());
      // y = (1 - β) z + β x; what never stepped is what it was.
      if (lists.began(i)) parameter.set_data(parameter.detach().lerp(lists.every_slot(0)[i], 1 - 1 / beta1));
    }
  if (!on) kept_.clear();
}

}  // namespace quix
