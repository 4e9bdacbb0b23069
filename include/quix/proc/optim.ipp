#pragma once

#include <algorithm>
#include <sstream>

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_fused_adagrad.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <quix/proc/optim.hpp>

namespace quix {
namespace detail {

/// Throws Error if elements may share memory: an expanded tensor.
inline void require_apart(const at::Tensor& parameter, const std::string& name) {
  std::vector<std::pair<std::int64_t, std::int64_t>> dims;  // stride, size
  for (std::int64_t d = 0; d < parameter.dim(); ++d)
    if (parameter.size(d) > 1) dims.emplace_back(parameter.stride(d), parameter.size(d));
  std::sort(dims.begin(), dims.end());
  std::int64_t reach = 0;  // of the dimensions so far
  for (const auto& [stride, size] : dims) {
    if (stride <= reach)
      throw Error("optim",
                  "the parameter " + name +
                      " has elements that share memory (expand) and cannot be updated; build it with  .clone()");
    reach += stride * (size - 1);
  }
}

/// Whether two tensors of one shape, one of them dense, have the same memory order.
inline bool same_order(const at::Tensor& a, const at::Tensor& b) {
  return (a.is_contiguous() && b.is_contiguous()) || a.strides() == b.strides();
}

QUIX_INLINE TensorLists::TensorLists(const NamedTensors& parameters, std::vector<std::string> slots,
                                     bool steps_on_device)
    : slots_(std::move(slots)), states_(slots_.size()) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, parameter] : parameters) {
    names_.push_back(name);
    parameters_.push_back(parameter);
    steps_.push_back(
        at::zeros({}, at::TensorOptions(at::kFloat).device(steps_on_device ? parameter.device() : at::kCPU)));
    steps_are_here_ &= steps_.back().device().is_cpu();
    for (auto& list : states_) list.push_back(at::zeros_like(parameter));
    elements_.push_back(parameter.numel());
    if (!parameter.is_non_overlapping_and_dense()) require_apart(parameter, name);
  }
  picked_.resize(2 + slots_.size());
  slots_contiguous_ = are_slots_contiguous();
}

QUIX_INLINE bool TensorLists::are_slots_contiguous() const {
  return std::all_of(states_.begin(), states_.end(), [](const auto& list) {
    return std::all_of(list.begin(), list.end(), [](const auto& state) { return state.is_contiguous(); });
  });
}

QUIX_INLINE void TensorLists::another_size(std::size_t i) const {
  std::ostringstream text;
  text << "the parameter " << names_[i] << " has the shape " << parameters_[i].sizes() << ", its gradient "
       << parameters_[i].grad().sizes() << ", but the optimizer was built for " << elements_[i]
       << " elements; build the optimizer after the model has its final shapes";
  throw Error("optim", text.str());
}

QUIX_INLINE void TensorLists::align() {
  bool moved = false;
  for (std::size_t i = 0, k = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].grad().defined()) continue;
    auto& parameter = picked_[0][k];
    for (const auto& list : states_)
      if (list[i].sizes() != parameter.sizes()) another_size(i);
    if (!parameter.is_non_overlapping_and_dense()) {
      require_apart(parameter, names_[i]);
      copies_.emplace_back(parameters_[i], parameter.detach().clone());
      parameter = copies_.back().second;
    }
    if (auto& gradient = picked_[1][k]; !same_order(gradient, parameter))
      gradient = at::empty_like(parameter).copy_(gradient);
    for (auto& list : states_)
      if (auto& state = list[i]; !same_order(state, parameter)) {
        // In place: what state() gave stays the state.
        state.set_data(at::empty_like(parameter, state.options()).copy_(state));
        moved = true;
      }
    ++k;
  }
  if (moved) slots_contiguous_ = are_slots_contiguous();
  if (!copies_.empty()) all_picked_ = false;
}

QUIX_INLINE void TensorLists::take_over() {
  for (const auto& [parameter, copy] : copies_) parameter.copy_(copy);
  copies_.clear();
}

QUIX_INLINE bool TensorLists::gather() {
  auto& gradients = picked_[1];
  gradients.clear(), copies_.clear();
  bool contiguous = slots_contiguous_;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto& parameter = parameters_[i];
    const auto& gradient = parameter.grad();
    if (!gradient.defined()) continue;
    require_dense(gradient, names_[i]);
    if (parameter.numel() != elements_[i] || gradient.numel() != elements_[i]) another_size(i);
    contiguous &= parameter.is_contiguous() && gradient.is_contiguous();
    gradients.push_back(gradient);
  }
  // Nearly always every parameter has a gradient: then the other lists are those of the last step.
  const bool all = gradients.size() == parameters_.size();
  if (!all || !all_picked_) {
    picked_[0].clear(), picked_steps_.clear();
    for (std::size_t s = 0; s < slots_.size(); ++s) picked_[2 + s].clear();
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (!parameters_[i].grad().defined()) continue;
      picked_[0].push_back(parameters_[i]);
      picked_steps_.push_back(steps_[i]);
      for (std::size_t s = 0; s < slots_.size(); ++s) picked_[2 + s].push_back(states_[s][i]);
    }
    all_picked_ = all;
  }
  if (!contiguous) align();
  if (!steps_are_here_ && !picked_steps_.empty()) at::_foreach_add_(picked_steps_, 1);
  if (steps_are_here_)
    for (auto& step : picked_steps_) *step.data_ptr<float>() += 1;
  return !gradients.empty();
}

QUIX_INLINE std::vector<KernelSpan> TensorLists::spans() const {
  std::vector<KernelSpan> out;
  const auto plain = [](const at::Tensor& t) {
    return t.device().is_cpu() && t.scalar_type() == at::kFloat && t.is_non_overlapping_and_dense();
  };
  if (slots_.size() > std::tuple_size_v<decltype(KernelSpan::state)>) return out;
  for (std::size_t i = 0; i < picked_[0].size(); ++i) {
    const auto& p = picked_[0][i];
    const auto& g = picked_[1][i];
    bool usable = plain(p) && plain(g) && p.strides() == g.strides();
    KernelSpan span{.size = p.numel()};
    for (std::size_t s = 0; s < slots_.size(); ++s) usable &= picked_[2 + s][i].strides() == p.strides();
    if (!usable) return {};
    span.parameter = p.mutable_data_ptr<float>(), span.gradient = g.mutable_data_ptr<float>();
    for (std::size_t s = 0; s < slots_.size(); ++s) span.state[s] = picked_[2 + s][i].mutable_data_ptr<float>();
    out.push_back(span);
  }
  return out;
}

QUIX_INLINE NamedTensors TensorLists::state() const {
  NamedTensors out;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    for (std::size_t s = 0; s < slots_.size(); ++s) out.emplace_back(slots_[s] + "." + names_[i], states_[s][i]);
    out.emplace_back("step." + names_[i], steps_[i]);
  }
  return out;
}

QUIX_INLINE GroupLists::GroupLists(const ParameterGroups& groups, const std::vector<std::string>& slots,
                                   bool steps_on_device, double weight_decay) {
  for (const auto& group : groups) {
    lists_.emplace_back(group.parameters, slots, steps_on_device);
    rates_.push_back(group.lr_factor), factors_.push_back(group.lr_factor), schedules_.push_back(group.schedule);
    decays_.push_back(group.weight_decay.value_or(weight_decay));
  }
}

QUIX_INLINE NamedTensors GroupLists::state() const {
  NamedTensors out;
  for (const auto& lists : lists_)
    for (auto& entry : lists.state()) out.push_back(std::move(entry));
  return out;
}

QUIX_INLINE void require_dense(const at::Tensor& gradient, const std::string& name) {
  if (gradient.layout() != at::kStrided)
    throw Error(
        "optim",
        "the parameter " + name +
            " has a sparse gradient, which this optimizer does not support; build its embedding without  sparse");
}

QUIX_INLINE void divide_gradients(const ParameterGroups& groups, double divide) {
  if (divide == 1) return;
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const auto& group : groups)
    for (const auto& [name, parameter] : group.parameters)
      if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  if (!gradients.empty()) at::_foreach_div_(gradients, divide);
}

/// LibTorch's kernels take the divisor as a tensor, or none.
inline std::optional<at::Tensor> divisor(const TensorLists& lists, double divide) {
  if (divide == 1) return {};
  return at::full({}, divide, at::TensorOptions(at::kFloat).device(lists.parameters()[0].device()));
}

}  // namespace detail

QUIX_INLINE std::vector<std::string> AdamW::slots() const {
  if (amsgrad) return {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"};
  return {"exp_avg", "exp_avg_sq"};
}

QUIX_INLINE void AdamW::update(const detail::TensorLists& lists, const detail::StepNumbers& n) const {
  at::_fused_adamw_(lists.parameters(), lists.gradients(), lists.slot(0), lists.slot(1),
                    amsgrad ? at::TensorList(lists.slot(2)) : at::TensorList(), lists.steps(), n.rate,
                    static_cast<double>(betas[0]), static_cast<double>(betas[1]), n.weight_decay,
                    static_cast<double>(eps), amsgrad, /*maximize=*/false, detail::divisor(lists, n.divide));
}

QUIX_INLINE std::vector<std::string> Adam::slots() const { return AdamW{.amsgrad = amsgrad}.slots(); }

QUIX_INLINE void Adam::update(const detail::TensorLists& lists, const detail::StepNumbers& n) const {
  at::_fused_adam_(lists.parameters(), lists.gradients(), lists.slot(0), lists.slot(1),
                   amsgrad ? at::TensorList(lists.slot(2)) : at::TensorList(), lists.steps(), n.rate,
                   static_cast<double>(betas[0]), static_cast<double>(betas[1]), n.weight_decay,
                   static_cast<double>(eps), amsgrad, /*maximize=*/false, detail::divisor(lists, n.divide));
}

QUIX_INLINE std::vector<std::string> Sgd::slots() const {
  return momentum > 0 ? std::vector<std::string>{"momentum"} : std::vector<std::string>{};
}

QUIX_INLINE detail::GroupedState<Sgd> Sgd::build(const ParameterGroups& groups) const {
  if (nesterov && momentum == 0)
    throw Error("optim.nesterov", "Nesterov momentum needs a momentum; set optim.momentum above 0");
  return {*this, groups};
}

QUIX_INLINE void Sgd::update(const detail::TensorLists& lists, const detail::StepNumbers& n) const {
  // Momentum starts at zero, so the first step is no special case: v = momentum·0 + g.
  at::_fused_sgd_(lists.parameters(), lists.gradients(),
                  momentum > 0 ? at::TensorList(lists.slot(0)) : at::TensorList(), n.weight_decay,
                  static_cast<double>(momentum), n.rate, /*dampening=*/0, nesterov,
                  /*maximize=*/false, /*is_first_step=*/false, detail::divisor(lists, n.divide));
}

QUIX_INLINE void Adagrad::update(const detail::TensorLists& lists, const detail::StepNumbers& n) const {
  if (lists.parameters()[0].device().is_cpu()) {
    at::_fused_adagrad_(lists.parameters(), lists.gradients(), lists.slot(0), lists.steps(), n.rate,
                        static_cast<double>(lr_decay), n.weight_decay, static_cast<double>(eps), /*maximize=*/false,
                        detail::divisor(lists, n.divide));
    return;
  }
  for (std::size_t i = 0; i < lists.parameters().size(); ++i) {
    const auto &p = lists.parameters()[i], &sum = lists.slot(0)[i];
    const auto g = lists.gradients()[i].div(n.divide).add(p, n.weight_decay);
    sum.addcmul_(g, g);
    const double rate = n.rate / (1 + (lists.step(i) - 1) * static_cast<double>(lr_decay));
    p.addcdiv_(g, sum.sqrt().add_(static_cast<double>(eps)), -rate);
  }
}

#ifdef QUIX_SEPARATE
template class detail::GroupedState<AdamW>;
template class detail::GroupedState<Adam>;
template class detail::GroupedState<Sgd>;
template class detail::GroupedState<Adagrad>;
#endif

}  // namespace quix
