#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/groups.hpp>
#include <quix/proc/kernels.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

namespace detail {

template <class O>
concept HasRate = requires(const O& policy) {
  { policy.lr } -> std::convertible_to<double>;
};
/// A field of a policy, of a Choice that of its branch.
template <HasRate O>
double peak_rate(const O& policy) {
  return policy.lr;
}
template <HasRate... O>
double peak_rate(const Choice<O...>& policy) {
  return policy.visit([](const auto& branch) { return static_cast<double>(branch.lr); });
}
template <class O>
double weight_decay(const O& policy) {
  return with_policy(policy, [](const auto& branch) {
    if constexpr (requires { branch.weight_decay; })
      return static_cast<double>(branch.weight_decay);
    else
      return 0.0;
  });
}

}  // namespace detail

/// An optimizer policy: options with a learning rate `lr`, and `build(groups)`, whose result has `step(rate)` and
/// `state()`.
///
/// If the result has step(rate, divide), it divides the gradients itself (for clipping, loss scales, accumulation);
/// else they are divided before step(rate). If it has evaluate(bool), that is called to switch to evaluation weights
/// and back.
template <class O>
concept Optimizer = requires(const O& policy, ParameterGroups groups, double rate) {
  { detail::peak_rate(policy) } -> std::convertible_to<double>;
  policy.build(groups).step(rate);
  { policy.build(groups).state() } -> std::convertible_to<NamedTensors>;
};

namespace detail {

/// The numbers of one group's step.
struct StepNumbers {
  double rate = 0;
  double weight_decay = 0;
  double divide = 1;  ///< divisor of the gradients
};

/// The tensor lists of a multi-tensor optimizer, for one group: all parameters, and those with a gradient in this step.
class TensorLists {
 public:
  /// Steps are counted on the device of the parameters for a kernel that reads them there, else in the CPU's memory.
  TensorLists(const NamedTensors& parameters, std::vector<std::string> slots, bool steps_on_device);

  /// Picks the parameters that have a gradient, and counts a step of each. False when no parameter has one. Parameters,
  /// gradients and slots that it picked are dense and in one order in memory: kernels take no strides. A parameter that
  /// is not dense (a part of another tensor) is picked as a copy. Throws Error for a sparse gradient, for another
  /// number of elements than at building, and for a parameter whose elements overlap.
  bool gather();
  /// Releases the gradients: autograd reuses their memory. Copies the steps of non-dense parameters back.
  void release() {
    picked_[1].clear();
    if (!copies_.empty()) take_over();
  }

  // Of those that gather() picked:
  const std::vector<at::Tensor>& parameters() const { return picked_[0]; }
  const std::vector<at::Tensor>& gradients() const { return picked_[1]; }
  const std::vector<at::Tensor>& slot(std::size_t i) const { return picked_[2 + i]; }
  /// Steps taken, this one included: float scalars.
  const std::vector<at::Tensor>& steps() const { return picked_steps_; }
  double step(std::size_t i) const { return static_cast<double>(*picked_steps_[i].const_data_ptr<float>()); }
  /// The memory, if all tensors are float32, dense and on the CPU; else empty.
  std::vector<KernelSpan> spans() const;

  /// Of all parameters, in their order.
  std::span<at::Tensor> every_parameter() { return parameters_; }
  std::span<const at::Tensor> every_slot(std::size_t i) const { return states_[i]; }
  bool began(std::size_t i) const { return *steps_[i].const_data_ptr<float>() > 0; }

  /// `SLOT.NAME` for each parameter, and `step.NAME`.
  NamedTensors state() const;

 private:
  /// Makes the picked tensors dense, in one memory order.
  void align();
  void take_over();
  [[noreturn]] void another_size(std::size_t parameter) const;
  bool are_slots_contiguous() const;

  std::vector<std::string> names_, slots_;
  std::vector<std::int64_t> elements_;
  std::vector<at::Tensor> parameters_, steps_;
  std::vector<std::vector<at::Tensor>> states_;  // one list per slot
  std::vector<std::vector<at::Tensor>> picked_;  // parameters, gradients, slots
  std::vector<at::Tensor> picked_steps_;
  std::vector<std::pair<at::Tensor, at::Tensor>> copies_;  // parameters that are not dense, and theirs
  bool all_picked_ = false, steps_are_here_ = true, slots_contiguous_ = true;
};

/// The lists of several groups, with the numbers of each.
class GroupLists {
 public:
  GroupLists(const ParameterGroups& groups, const std::vector<std::string>& slots, bool steps_on_device,
             double weight_decay);
  NamedTensors state() const;
  /// Sets the learning rate factor of a schedule's groups.
  void pace(std::size_t schedule, double factor) {
    for (std::size_t i = 0; i < rates_.size(); ++i)
      if (schedules_[i] == schedule) rates_[i] = factors_[i] * factor;
  }

 protected:
  std::vector<TensorLists> lists_;
  std::vector<double> rates_, decays_;  ///< of each group: learning rate factor in this step, weight decay

 private:
  std::vector<double> factors_;
  std::vector<std::size_t> schedules_;
};

/// The state of an optimizer whose policy has `slots()`, the names of each parameter's state tensors, and
/// `update(lists, numbers)`, a step of one group.
template <class Policy>
class GroupedState : public GroupLists {
 public:
  GroupedState(const Policy& policy, const ParameterGroups& groups)
      : GroupLists(
            groups, policy.slots(), requires { requires Policy::steps_on_device; }, detail::weight_decay(policy)),
        policy_(policy) {}

  /// One step of all parameters that have a gradient.
  void step(double rate, double divide = 1) {
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < lists_.size(); ++i)
      if (lists_[i].gather()) {
        policy_.update(lists_[i], {.rate = rate * rates_[i], .weight_decay = decays_[i], .divide = divide});
        lists_[i].release();
      }
  }

 protected:
  Policy policy_;
};

/// Throws Error, with the parameter's name, for a sparse gradient.
void require_dense(const at::Tensor& gradient, const std::string& name);
/// Divides all gradients.
void divide_gradients(const ParameterGroups& groups, double divide);

}  // namespace detail

/// AdamW (Loshchilov, Hutter: Decoupled weight decay regularization, 2019), with PyTorch's formula and defaults.
struct AdamW {
  float lr = 1e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
  float eps = 1e-8f;
  float weight_decay = 1e-2f;
  bool amsgrad = false;

  static constexpr std::string_view name = "adamw";
  static constexpr std::array notes = {
      quix::note<&AdamW::lr>("peak learning rate", {.min = 0}),
      quix::note<&AdamW::betas>("decay of the running averages of gradient and squared gradient",
                                {.min = 0, .below = 1}),
      quix::note<&AdamW::eps>("added to the denominator", {.above = 0}),
      quix::note<&AdamW::weight_decay>("decoupled weight decay, times the learning rate", {.min = 0}),
      quix::note<&AdamW::amsgrad>("AMSGrad: divide by the maximum of all averages so far"),
  };

  static constexpr bool steps_on_device = true;
  std::vector<std::string> slots() const;
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<AdamW> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

/// Adam (Kingma, Ba, 2015), with PyTorch's formula; with `amsgrad` that of Reddi et al., 2018.
struct Adam {
  float lr = 1e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
  float eps = 1e-8f;
  float weight_decay = 0;
  bool amsgrad = false;

  static constexpr std::string_view name = "adam";
  static constexpr std::array notes = {
      quix::note<&Adam::lr>("peak learning rate", {.min = 0}),
      quix::note<&Adam::betas>("decay of the running averages of gradient and squared gradient",
                               {.min = 0, .below = 1}),
      quix::note<&Adam::eps>("added to the denominator", {.above = 0}),
      quix::note<&Adam::weight_decay>("L2 penalty, added to the gradient", {.min = 0}),
      quix::note<&Adam::amsgrad>("AMSGrad: divide by the maximum of all averages so far"),
  };

  static constexpr bool steps_on_device = true;
  std::vector<std::string> slots() const;
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<Adam> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

/// Stochastic gradient descent with momentum, by PyTorch's formula: v = momentum·v + g, p -= lr·v.
struct Sgd {
  float lr = 0.1f;
  float momentum = 0.9f;
  float weight_decay = 0.0f;
  bool nesterov = false;

  static constexpr std::string_view name = "sgd";
  static constexpr std::array notes = {
      quix::note<&Sgd::lr>("peak learning rate", {.min = 0}),
      quix::note<&Sgd::momentum>("momentum factor", {.min = 0, .below = 1}),
      quix::note<&Sgd::weight_decay>("L2 penalty, added to the gradient", {.min = 0}),
      quix::note<&Sgd::nesterov>("use Nesterov momentum", {}),
  };

  std::vector<std::string> slots() const;
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  /// Throws Error for Nesterov momentum with a momentum of 0.
  detail::GroupedState<Sgd> build(const ParameterGroups& groups) const;
};

/// Adagrad (Duchi et al., 2011), with PyTorch's formula.
struct Adagrad {
  float lr = 1e-2f;
  float lr_decay = 0;
  float eps = 1e-10f;
  float weight_decay = 0;

  static constexpr std::string_view name = "adagrad";
  static constexpr std::array notes = {
      quix::note<&Adagrad::lr>("peak learning rate", {.min = 0}),
      quix::note<&Adagrad::lr_decay>("decay: lr / (1 + lr_decay × steps)", {.min = 0}),
      quix::note<&Adagrad::eps>("added to the denominator", {.above = 0}),
      quix::note<&Adagrad::weight_decay>("L2 penalty, added to the gradient", {.min = 0}),
  };

  std::vector<std::string> slots() const { return {"sum"}; }
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<Adagrad> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

// Made once per build tree (optim.ipp).
#ifdef QUIX_SEPARATE
extern template class detail::GroupedState<AdamW>;
extern template class detail::GroupedState<Adam>;
extern template class detail::GroupedState<Sgd>;
extern template class detail::GroupedState<Adagrad>;
#endif

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/optim.ipp>
#endif
