#pragma once

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <quix/proc/optim.hpp>

namespace quix {
namespace detail {

QUIX_INLINE TensorLists::TensorLists(const NamedTensors& parameters, std::vector<std::string> slots)
    : slots_(std::move(slots)), states_(slots_.size()) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, parameter] : parameters) {
    names_.push_back(name);
    parameters_.push_back(parameter);
    steps_.push_back(at::zeros({}, at::TensorOptions(at::kFloat).device(parameter.device())));
    for (auto& list : states_) list.push_back(at::zeros_like(parameter));
  }
  picked_.resize(2 + slots_.size());
}

QUIX_INLINE const std::vector<std::vector<at::Tensor>>& TensorLists::gather() {
  std::size_t with_gradient = 0;
  for (const auto& p : parameters_) {
    if (!p.grad().defined()) continue;
    if (p.grad().layout() != at::kStrided)
      throw Error("optim", "a parameter has a sparse gradient, which this optimizer does not take");
    ++with_gradient;
  }
  auto& gradients = picked_[1];
  gradients.clear();
  for (const auto& p : parameters_)
    if (p.grad().defined()) gradients.push_back(p.grad());
  // Nearly always every parameter has a gradient: then the other lists are those of the last step.
  if (with_gradient == parameters_.size() && all_picked_) return picked_;
  all_picked_ = with_gradient == parameters_.size();
  picked_[0].clear(), picked_steps_.clear();
  for (std::size_t s = 0; s < slots_.size(); ++s) picked_[2 + s].clear();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].grad().defined()) continue;
    picked_[0].push_back(parameters_[i]);
    picked_steps_.push_back(steps_[i]);
    for (std::size_t s = 0; s < slots_.size(); ++s) picked_[2 + s].push_back(states_[s][i]);
  }
  return picked_;
}

QUIX_INLINE const std::vector<at::Tensor>& TensorLists::count_step() {
  const at::NoGradGuard no_grad;
  for (auto& step : picked_steps_) {
    if (step.device().is_cpu())
      *step.data_ptr<float>() += 1;
    else
      step.add_(1);
  }
  return picked_steps_;
}

QUIX_INLINE NamedTensors TensorLists::state() const {
  NamedTensors out;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    for (std::size_t s = 0; s < slots_.size(); ++s) out.emplace_back(slots_[s] + "." + names_[i], states_[s][i]);
    out.emplace_back("step." + names_[i], steps_[i]);
  }
  return out;
}

}  // namespace detail

QUIX_INLINE AdamW::State::State(const AdamW& options, const NamedTensors& parameters)
    : beta1_(options.betas[0]),
      beta2_(options.betas[1]),
      eps_(options.eps),
      weight_decay_(options.weight_decay),
      lists_(parameters, {"exp_avg", "exp_avg_sq"}) {}

QUIX_INLINE void AdamW::State::step(double rate) {
  const at::NoGradGuard no_grad;
  const auto& lists = lists_.gather();
  if (lists[0].empty()) return;
  const auto& steps = lists_.count_step();
  at::_fused_adamw_(lists[0], lists[1], lists[2], lists[3], {}, steps, rate, beta1_, beta2_, weight_decay_, eps_,
                    /*amsgrad=*/false, /*maximize=*/false);
}

QUIX_INLINE Sgd::State::State(const Sgd& options, const NamedTensors& parameters)
    : momentum_(options.momentum),
      weight_decay_(options.weight_decay),
      nesterov_(options.nesterov),
      lists_(parameters, options.momentum > 0 ? std::vector<std::string>{"momentum"} : std::vector<std::string>{}) {
  if (nesterov_ && momentum_ == 0)
    throw Error("optim.nesterov", "Nesterov's step needs a momentum; set optim.momentum above 0");
}

QUIX_INLINE void Sgd::State::step(double rate) {
  const at::NoGradGuard no_grad;
  const auto& lists = lists_.gather();
  if (lists[0].empty()) return;
  lists_.count_step();
  // Momentum starts at zero, so a first step needs no case of its own: v = momentum·0 + g.
  at::_fused_sgd_(lists[0], lists[1], momentum_ > 0 ? at::TensorList(lists[2]) : at::TensorList(), weight_decay_,
                  momentum_, rate, /*dampening=*/0, nesterov_, /*maximize=*/false, /*is_first_step=*/false);
}

}  // namespace quix
