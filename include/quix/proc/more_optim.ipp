#pragma once

#include <algorithm>
#include <cmath>
#include <set>

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sign.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_foreach_sub.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <quix/proc/more_optim.hpp>

namespace quix {

namespace detail {

inline float narrow(double value) { return static_cast<float>(value); }

}  // namespace detail

// Each update has two halves: a kernel over memory, and the same formula by ATen's operations on lists of tensors (a
// few kernels for all parameters on a GPU) for other devices and element types.

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
    // z begins where the parameter is when it takes its first step: it may have been loaded since it was made.
    for (std::size_t i = 0; i < lists.parameters().size(); ++i)
      if (lists.step(i) == 1) lists.slot(0)[i].copy_(lists.parameters()[i]);
    // The weight of this step in the average: the square of the largest rate so far.
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

namespace detail {

/// What Newton and Schulz's iteration makes of a matrix: nearly orthogonal, in bfloat16 as PyTorch does it.
inline at::Tensor orthogonal(const at::Tensor& matrix, int iterations) {
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315, eps = 1e-7;
  const bool tall = matrix.size(0) > matrix.size(1);
  auto x = matrix.to(at::kBFloat16);
  if (tall) x = x.t();
  x = x.div(x.norm().clamp_min(eps));
  for (int i = 0; i < iterations; ++i) {
    const auto gram = x.mm(x.t());
    const auto update = at::addmm(gram, gram, gram, b, c);
    x = at::addmm(x, update, x, a, 1);
  }
  return tall ? x.t() : x;
}

/// The groups' parameters that Muon steps, or the others.
inline ParameterGroups muon_part(const Muon& policy, const ParameterGroups& groups, bool matrices) {
  ParameterGroups out;
  for (const auto& group : groups) {
    auto part = group;
    part.parameters.clear();
    for (const auto& entry : group.parameters) {
      const bool named = std::any_of(policy.adam.begin(), policy.adam.end(),
                                     [&](const auto& pattern) { return matches(pattern, entry.first); });
      if ((entry.second.dim() >= 2 && !named) == matrices) part.parameters.push_back(entry);
    }
    if (!part.parameters.empty()) out.push_back(std::move(part));
  }
  return out;
}

}  // namespace detail

QUIX_INLINE MuonState::MuonState(const Muon& policy, const ParameterGroups& groups)
    : matrices_(policy, detail::muon_part(policy, groups, true)),
      others_(AdamW{.lr = policy.adam_lr, .weight_decay = policy.weight_decay},
              detail::muon_part(policy, groups, false)),
      ratio_(policy.lr > 0 ? static_cast<double>(policy.adam_lr / policy.lr) : 0) {
  if (!std::isfinite(policy.adam_lr) || policy.adam_lr < 0)
    throw Error("optim.adam_lr", "is not a number from 0; a learning rate is");
}

QUIX_INLINE void Muon::check_names(const NamedTensors& all) const {
  NamedTensors firsts;  // those of a shared parameter's names under which it steps
  std::set<const void*> seen;
  for (const auto& entry : all)
    if (seen.insert(entry.second.unsafeGetTensorImpl()).second) firsts.push_back(entry);
  for (const auto& pattern : adam) detail::require_match(firsts, pattern, "optim.adam");
}

QUIX_INLINE void Muon::update(const detail::TensorLists& lists, const detail::StepNumbers& n) const {
  const double keep = momentum;
  for (std::size_t i = 0; i < lists.parameters().size(); ++i) {
    const auto &p = lists.parameters()[i], &average = lists.slot(0)[i];
    const auto g = lists.gradients()[i].div(n.divide);
    average.lerp_(g, 1 - keep);
    const auto matrix = (nesterov ? g.lerp(average, keep) : average).flatten(1);
    const double shape =
        std::sqrt(std::max(1.0, static_cast<double>(matrix.size(0)) / static_cast<double>(matrix.size(1))));
    p.mul_(1 - n.rate * n.weight_decay).add_(detail::orthogonal(matrix, iterations).view_as(p), -n.rate * shape);
  }
}

QUIX_INLINE void MuonState::step(double rate, double divide) {
  matrices_.step(rate, divide);
  others_.step(rate * ratio_, divide);
}

QUIX_INLINE NamedTensors MuonState::state() const {
  auto out = others_.state();
  for (auto& entry : matrices_.state()) out.push_back(std::move(entry));
  return out;
}

#ifdef QUIX_SEPARATE
template class detail::GroupedState<RmsProp>;
template class detail::GroupedState<Lion>;
template class detail::GroupedState<Lamb>;
#endif

}  // namespace quix
