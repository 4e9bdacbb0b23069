#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <utility>

#include <ATen/ops/addmm.h>

#include <quix/cfg/error.hpp>
#include <quix/proc/muon.hpp>

namespace quix {

namespace detail {

/// Newton–Schulz iteration: makes a matrix nearly orthogonal, in bfloat16 as PyTorch does.
inline at::Tensor orthogonal(const at::Tensor& matrix, int ns_steps) {
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315, eps = 1e-7;
  const bool tall = matrix.size(0) > matrix.size(1);
  auto x = matrix.to(at::kBFloat16);
  if (tall) x = x.t();
  x = x.div(x.norm().clamp_min(eps));
  for (int i = 0; i < ns_steps; ++i) {
    const auto gram = x.mm(x.t());
    const auto update = at::addmm(gram, gram, gram, b, c);
    x = at::addmm(x, update, x, a, 1);
  }
  return tall ? x.t() : x;
}

/// The groups' parameters that Muon trains, or the others.
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
    throw Error("optim.adam_lr", "must be finite and at least 0");
}

QUIX_INLINE void Muon::check_names(const NamedTensors& all) const {
  NamedTensors firsts;  // a shared parameter under the name of its group
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
    p.mul_(1 - n.rate * n.weight_decay).add_(detail::orthogonal(matrix, ns_steps).view_as(p), -n.rate * shape);
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

}  // namespace quix
