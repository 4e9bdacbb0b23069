#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <quix/proc/optim.hpp>

// Optimizers that LibTorch has no kernel for: by kernels of ours (kernels.hpp), on other devices by ATen's operations.

namespace quix {

/// RMSprop (Hinton's lecture 6e, 2012), with PyTorch's formula.
struct RmsProp {
  float lr = 1e-2f;
  float alpha = 0.99f;
  float eps = 1e-8f;
  float momentum = 0;
  float weight_decay = 0;
  bool centered = false;

  static constexpr std::string_view name = "rmsprop";
  static constexpr std::array notes = {
      quix::note<&RmsProp::lr>("peak learning rate", {.min = 0}),
      quix::note<&RmsProp::alpha>("decay of the average of the squared gradient", {.min = 0, .below = 1}),
      quix::note<&RmsProp::eps>("added to the denominator", {.above = 0}),
      quix::note<&RmsProp::momentum>("share of the last step that is kept", {.min = 0, .below = 1}),
      quix::note<&RmsProp::weight_decay>("L2 penalty, added to the gradient", {.min = 0}),
      quix::note<&RmsProp::centered>("divide by the standard deviation instead of the root of the square"),
  };

  std::vector<std::string> slots() const;
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<RmsProp> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

/// Lion (Chen et al.: Symbolic discovery of optimization algorithms, 2023): steps of one size, by the sign.
struct Lion {
  float lr = 1e-4f;
  std::array<float, 2> betas{0.9f, 0.99f};
  float weight_decay = 0;

  static constexpr std::string_view name = "lion";
  static constexpr std::array notes = {
      quix::note<&Lion::lr>("peak learning rate; 3 to 10 times less than AdamW's", {.min = 0}),
      quix::note<&Lion::betas>("share of the momentum in the step, and its decay", {.min = 0, .below = 1}),
      quix::note<&Lion::weight_decay>("decoupled weight decay, times the learning rate", {.min = 0}),
  };

  std::vector<std::string> slots() const { return {"exp_avg"}; }
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<Lion> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

/// LAMB (You et al.: Large batch optimization for deep learning, 2020): Adam's step of each tensor, as long as a share
/// of the tensor's norm.
struct Lamb {
  float lr = 1e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
  float eps = 1e-6f;
  float weight_decay = 1e-2f;

  static constexpr std::string_view name = "lamb";
  static constexpr std::array notes = {
      quix::note<&Lamb::lr>("peak learning rate", {.min = 0}),
      quix::note<&Lamb::betas>("decay of the averages of gradient and squared gradient", {.min = 0, .below = 1}),
      quix::note<&Lamb::eps>("added to the denominator", {.above = 0}),
      quix::note<&Lamb::weight_decay>("weight decay, part of the step", {.min = 0}),
  };

  std::vector<std::string> slots() const { return {"exp_avg", "exp_avg_sq"}; }
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<Lamb> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

class ScheduleFreeState;
class MuonState;

/// AdamW without a schedule (Defazio et al.: The road less scheduled, 2024): the gradient is taken between a fast
/// sequence and the average, and the average is what evaluation uses. Use it with the schedule Constant, or a warm-up.
struct ScheduleFree {
  float lr = 2.5e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
  float eps = 1e-8f;
  float weight_decay = 0;

  static constexpr std::string_view name = "schedule_free";
  static constexpr std::array notes = {
      quix::note<&ScheduleFree::lr>("learning rate", {.min = 0}),
      quix::note<&ScheduleFree::betas>("share of the average in where gradients are taken; decay of their squares",
                                       {.above = 0, .below = 1}),
      quix::note<&ScheduleFree::eps>("added to the denominator", {.above = 0}),
      quix::note<&ScheduleFree::weight_decay>("weight decay at where gradients are taken", {.min = 0}),
  };

  ScheduleFreeState build(const ParameterGroups& groups) const;
};

/// Knows the weights of the average, and swaps the average in for evaluation.
class ScheduleFreeState : public detail::GroupLists {
 public:
  ScheduleFreeState(const ScheduleFree& policy, const ParameterGroups& groups);
  void step(double rate, double divide = 1);
  NamedTensors state() const;
  /// Makes the parameters those of evaluation, or exactly those of training again.
  void evaluate(bool on);

 private:
  ScheduleFree policy_;
  std::vector<std::string> first_;   ///< parameter of each group: its name
  std::vector<at::Tensor> weights_;  ///< of each group: sum of weights, largest rate
  std::vector<at::Tensor> kept_;     ///< training's parameters while evaluating
};
inline ScheduleFreeState ScheduleFree::build(const ParameterGroups& groups) const { return {*this, groups}; }

/// Muon (Jordan et al., 2024), with PyTorch's formula: the momentum of each matrix, made orthogonal by Newton and
/// Schulz's iteration. Filters of convolutions are matrices of one row each; what has fewer than two dimensions, and
/// what `adam` names, is stepped by AdamW.
struct Muon {
  float lr = 2e-2f;
  float momentum = 0.95f;
  float weight_decay = 0.1f;
  bool nesterov = true;
  int iterations = 5;
  float adam_lr = 3e-4f;
  std::vector<std::string> adam{};

  static constexpr std::string_view name = "muon";
  static constexpr std::array notes = {
      quix::note<&Muon::lr>("peak learning rate of matrices", {.min = 0}),
      quix::note<&Muon::momentum>("share of the momentum that is kept", {.min = 0, .below = 1}),
      quix::note<&Muon::weight_decay>("decoupled weight decay, times the learning rate", {.min = 0}),
      quix::note<&Muon::nesterov>("look ahead by one momentum step"),
      quix::note<&Muon::iterations>("of Newton and Schulz", {.min = 1, .max = 99}),
      quix::note<&Muon::adam_lr>("peak learning rate of everything else, by AdamW", {.min = 0}),
      quix::note<&Muon::adam>("patterns of matrices that AdamW steps too: embeddings, the last layer"),
  };

  std::vector<std::string> slots() const { return {"momentum"}; }
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  MuonState build(const ParameterGroups& groups) const;
  /// Throws Error for a pattern that matches none of a model's parameters, frozen ones included.
  void check_names(const NamedTensors& all) const;
};

/// Momenta of matrices, and AdamW for the others.
class MuonState {
 public:
  MuonState(const Muon& policy, const ParameterGroups& groups);
  void step(double rate, double divide = 1);
  void pace(std::size_t schedule, double factor) { matrices_.pace(schedule, factor), others_.pace(schedule, factor); }
  NamedTensors state() const;

 private:
  detail::GroupedState<Muon> matrices_;
  detail::GroupedState<AdamW> others_;
  double ratio_;  ///< of AdamW's rate to that of matrices
};
inline MuonState Muon::build(const ParameterGroups& groups) const { return {*this, groups}; }

#ifdef QUIX_SEPARATE
extern template class detail::GroupedState<RmsProp>;
extern template class detail::GroupedState<Lion>;
extern template class detail::GroupedState<Lamb>;
#endif

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/more_optim.ipp>
#endif
