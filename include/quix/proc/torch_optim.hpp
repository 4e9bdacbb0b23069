#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <quix/proc/optim.hpp>

// The classes of torch::optim as optimizer policies. Their loops over tensors are slower than the policies of
// optim.hpp; use them for optimizers that quix lacks, and for comparisons.

namespace quix {

/// Options and per-parameter state of a class of torch::optim. Specialize it for a custom class whose state has the
/// slots of one of these. A BatchProcessor cannot drive LBFGS, which calls the model several times per step.
template <class O>
struct TorchOptimTypes;
template <>
struct TorchOptimTypes<torch::optim::Adagrad> {
  using Options = torch::optim::AdagradOptions;
  using State = torch::optim::AdagradParamState;
  static constexpr std::string_view name = "torch_adagrad";
};
template <>
struct TorchOptimTypes<torch::optim::Adam> {
  using Options = torch::optim::AdamOptions;
  using State = torch::optim::AdamParamState;
  static constexpr std::string_view name = "torch_adam";
};
template <>
struct TorchOptimTypes<torch::optim::AdamW> {
  using Options = torch::optim::AdamWOptions;
  using State = torch::optim::AdamWParamState;
  static constexpr std::string_view name = "torch_adamw";
};
template <>
struct TorchOptimTypes<torch::optim::RMSprop> {
  using Options = torch::optim::RMSpropOptions;
  using State = torch::optim::RMSpropParamState;
  static constexpr std::string_view name = "torch_rmsprop";
};
template <>
struct TorchOptimTypes<torch::optim::SGD> {
  using Options = torch::optim::SGDOptions;
  using State = torch::optim::SGDParamState;
  static constexpr std::string_view name = "torch_sgd";
};

/// A torch::optim optimizer for a BatchProcessor: with the schedule's learning rate, the groups' factors and weight
/// decays, and a state saved by parameter name. For a policy with custom options:
///
///     struct Decaying {
///       float lr = 0.1f, lr_decay = 0.01f;
///       auto build(const quix::ParameterGroups& groups) const {
///         return quix::TorchOptimState<torch::optim::Adagrad>(groups,
///                                                             torch::optim::AdagradOptions(lr).lr_decay(lr_decay));
///       }
///     };
template <class O>
class TorchOptimState {
 public:
  using Options = typename TorchOptimTypes<O>::Options;
  using State = typename TorchOptimTypes<O>::State;

  /// Throws Error for SGD with dampening, whose first step is a special case.
  TorchOptimState(const ParameterGroups& groups, const Options& options) {
    if constexpr (requires { options.dampening(); })
      if (options.dampening() != 0) throw Error("optim.dampening", "not supported by the adaptor; leave it at 0");
    std::vector<torch::optim::OptimizerParamGroup> torch_groups;
    for (const auto& group : groups) {
      auto own = options;
      if (group.weight_decay) own.weight_decay(*group.weight_decay);
      std::vector<at::Tensor> tensors;
      for (const auto& [name, tensor] : group.parameters) tensors.push_back(tensor);
      torch_groups.emplace_back(std::move(tensors), std::make_unique<Options>(own));
      rates_.push_back({group.lr_factor, group.lr_factor, group.schedule});
    }
    optimizer_ = std::make_unique<O>(torch_groups, options);
    const at::NoGradGuard no_grad;
    for (const auto& group : groups)
      for (const auto& [name, parameter] : group.parameters) {
        // Made now, as zeros, what the class would make in a parameter's first step: a checkpoint can be read into it.
        auto& state = optimizer_->state()[parameter.unsafeGetTensorImpl()];
        if (!state) state = fresh(options, parameter);
        Entry entry{.parameter = parameter, .state = static_cast<State*>(state.get()), .tensors = {}, .steps = {}};
        for_tensors(*entry.state, [&, &name = name](const char* slot, const at::Tensor& tensor) {
          if (tensor.defined()) entry.tensors.emplace_back(std::string(slot) + "." + name, tensor);
        });
        if constexpr (counts_steps) {
          entry.steps = at::zeros({}, at::kLong);
          entry.tensors.emplace_back("step." + name, entry.steps);
        }
        entry.name = name;
        entries_.push_back(std::move(entry));
      }
  }

  void step(double rate) {
    for (auto& entry : entries_) {
      const auto& gradient = entry.parameter.grad();
      if (!gradient.defined()) continue;
      detail::require_dense(gradient, entry.name);
      // A checkpoint that was read since changed the count here.
      if constexpr (counts_steps) entry.state->step((*entry.steps.template mutable_data_ptr<std::int64_t>())++);
    }
    for (std::size_t i = 0; i < rates_.size(); ++i)
      optimizer_->param_groups()[i].options().set_lr(rate * rates_[i].now);
    optimizer_->step();
  }

  /// Sets the learning rate factor of a schedule's groups.
  void pace(std::size_t schedule, double factor) {
    for (auto& rate : rates_)
      if (rate.schedule == schedule) rate.now = rate.factor * factor;
  }

  NamedTensors state() const {
    NamedTensors out;
    for (const auto& entry : entries_) out.insert(out.end(), entry.tensors.begin(), entry.tensors.end());
    return out;
  }

 private:
  static constexpr bool counts_steps = requires(State & state) { state.step(std::int64_t{}); };
  struct Entry {
    at::Tensor parameter;
    State* state;
    NamedTensors tensors;  ///< to save
    at::Tensor steps;
    std::string name{};
  };

  static std::unique_ptr<State> fresh(const Options& options, const at::Tensor& parameter) {
    auto out = std::make_unique<State>();
    const auto zeros = at::zeros_like(parameter);
    if constexpr (requires { out->exp_avg(zeros), out->exp_avg_sq(zeros); }) {
      out->exp_avg(zeros), out->exp_avg_sq(zeros.clone());
      if (options.amsgrad()) out->max_exp_avg_sq(zeros.clone());
    } else if constexpr (requires { out->square_avg(zeros); }) {
      out->square_avg(zeros);
      if (options.momentum() > 0) out->momentum_buffer(zeros.clone());
      if (options.centered()) out->grad_avg(zeros.clone());
    } else if constexpr (requires { out->momentum_buffer(zeros); }) {
      if (options.momentum() != 0) out->momentum_buffer(zeros);
    }
    return out;
  }

  /// Calls f(name, tensor) for all that a state may have.
  template <class F>
  static void for_tensors(State& state, F&& f) {
    if constexpr (requires { state.exp_avg(); }) f("exp_avg", state.exp_avg());
    if constexpr (requires { state.exp_avg_sq(); }) f("exp_avg_sq", state.exp_avg_sq());
    if constexpr (requires { state.max_exp_avg_sq(); }) f("max_exp_avg_sq", state.max_exp_avg_sq());
    if constexpr (requires { state.sum(); }) f("sum", state.sum());
    if constexpr (requires { state.square_avg(); }) f("square_avg", state.square_avg());
    if constexpr (requires { state.momentum_buffer(); }) f("momentum_buffer", state.momentum_buffer());
    if constexpr (requires { state.grad_avg(); }) f("grad_avg", state.grad_avg());
  }

  std::unique_ptr<O> optimizer_;
  std::vector<Entry> entries_;
  struct Rate {
    double now, factor;
    std::size_t schedule;
  };
  std::vector<Rate> rates_;
};

/// A class of torch::optim with its own defaults: `quix::TorchOptim<torch::optim::Adagrad> optim{.lr = 0.1f};`
template <class O>
struct TorchOptim {
  float lr = 1e-3f;
  float weight_decay = static_cast<float>(typename TorchOptimTypes<O>::Options(1).weight_decay());

  static constexpr std::string_view name = TorchOptimTypes<O>::name;
  static constexpr std::array notes = {
      quix::note<&TorchOptim::lr>("peak learning rate", {.min = 0}),
      quix::note<&TorchOptim::weight_decay>("weight decay, as the class defines it", {.min = 0}),
  };

  TorchOptimState<O> build(const ParameterGroups& groups) const {
    typename TorchOptimTypes<O>::Options options(static_cast<double>(lr));
    options.weight_decay(static_cast<double>(weight_decay));
    return {groups, options};
  }
};

}  // namespace quix
