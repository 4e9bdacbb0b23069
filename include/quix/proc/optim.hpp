#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

namespace detail {

template <class O>
concept HasRate = requires(const O& policy) {
  { policy.lr } -> std::convertible_to<double>;
};
/// The rate that a schedule scales: `lr`, of a Choice that of its branch.
template <HasRate O>
double peak_rate(const O& policy) {
  return policy.lr;
}
template <HasRate... O>
double peak_rate(const Choice<O...>& policy) {
  return policy.visit([](const auto& branch) { return static_cast<double>(branch.lr); });
}

}  // namespace detail

/// An optimizer policy: options, and `build(parameters)`, whose result has `step(rate)` and `state()`.
template <class O>
concept Optimizer = requires(const O& policy, NamedTensors parameters, double rate) {
  { detail::peak_rate(policy) } -> std::convertible_to<double>;
  policy.build(parameters).step(rate);
  { policy.build(parameters).state() } -> std::convertible_to<NamedTensors>;
};

namespace detail {

/// What every multi-tensor optimizer does: keeps the parameters in lists, and picks those that got a gradient in this
/// step.
class TensorLists {
 public:
  TensorLists(const NamedTensors& parameters, std::vector<std::string> slots);

  /// Parameters with a gradient and their states, as lists for one kernel call. Empty when no parameter has one.
  /// `lists()[0]` are parameters, `[1]` gradients, `[2…]` the slots, and after them, when asked for, the step counters.
  const std::vector<std::vector<at::Tensor>>& gather();
  /// Counts a step of every parameter that gather() picked.
  const std::vector<at::Tensor>& count_step();
  /// Whether a picked parameter has been stepped before.
  bool first_step() const { return first_; }

  /// `SLOT.NAME` for each parameter, and `step.NAME`: a float scalar.
  NamedTensors state() const;

 private:
  std::vector<std::string> names_, slots_;
  std::vector<at::Tensor> parameters_, steps_;
  std::vector<std::vector<at::Tensor>> states_;  // one list per slot
  std::vector<std::vector<at::Tensor>> picked_;
  std::vector<at::Tensor> picked_steps_;
  bool all_picked_ = false, first_ = true;
};

}  // namespace detail

/// AdamW (Loshchilov, Hutter: Decoupled weight decay regularization, 2019), with PyTorch's formula and defaults.
struct AdamW {
  float lr = 1e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
  float eps = 1e-8f;
  float weight_decay = 1e-2f;

  static constexpr std::string_view name = "adamw";
  static constexpr std::array notes = {
      quix::note<&AdamW::lr>("peak learning rate", {.min = 0}),
      quix::note<&AdamW::betas>("decay of the averages of gradient and squared gradient", {.min = 0, .below = 1}),
      quix::note<&AdamW::eps>("added to the denominator", {.above = 0}),
      quix::note<&AdamW::weight_decay>("decoupled weight decay, times the learning rate", {.min = 0}),
  };

  class State {
   public:
    State(const AdamW& options, const NamedTensors& parameters);
    /// One step of all parameters that have a gradient, in one kernel call.
    void step(double rate);
    NamedTensors state() const { return lists_.state(); }

   private:
    double beta1_, beta2_, eps_, weight_decay_;
    detail::TensorLists lists_;
  };
  State build(const NamedTensors& parameters) const { return {*this, parameters}; }
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
      quix::note<&Sgd::momentum>("share of the last step that is kept", {.min = 0, .below = 1}),
      quix::note<&Sgd::weight_decay>("L2 penalty, added to the gradient", {.min = 0}),
      quix::note<&Sgd::nesterov>("look ahead by one momentum step", {}),
  };

  class State {
   public:
    State(const Sgd& options, const NamedTensors& parameters);
    void step(double rate);
    NamedTensors state() const { return lists_.state(); }

   private:
    double momentum_, weight_decay_;
    bool nesterov_;
    detail::TensorLists lists_;
  };
  State build(const NamedTensors& parameters) const { return {*this, parameters}; }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/optim.ipp>
#endif
