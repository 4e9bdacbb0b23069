#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/proc/optim.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

class ScheduleFreeState;

/// AdamW without a schedule (Defazio et al.: The road less scheduled, 2024): gradients are taken between a fast
/// sequence and the average, and evaluation uses the average. Use it with the schedule Constant or a Warmup.
struct ScheduleFree {
  float lr = 2.5e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
  float eps = 1e-8f;
  float weight_decay = 0;

  static constexpr std::string_view name = "schedule_free";
  static constexpr std::array notes = {
      quix::note<&ScheduleFree::lr>("learning rate", {.min = 0}),
      quix::note<&ScheduleFree::betas>("weight of the average where gradients are taken; decay of squared gradients",
                                       {.above = 0, .below = 1}),
      quix::note<&ScheduleFree::eps>("added to the denominator", {.above = 0}),
      quix::note<&ScheduleFree::weight_decay>("weight decay, applied where gradients are taken", {.min = 0}),
  };

  ScheduleFreeState build(const ParameterGroups& groups) const;
};

/// Holds the weights of the average, and swaps the average in for evaluation.
class ScheduleFreeState : public detail::GroupLists {
 public:
  ScheduleFreeState(const ScheduleFree& policy, const ParameterGroups& groups);
  void step(double rate, double divide = 1);
  NamedTensors state() const;
  /// Switches the parameters to those of evaluation, or back to exactly those of training.
  void evaluate(bool on);

 private:
  ScheduleFree policy_;
  std::vector<std::string> first_;   ///< name of each group's first parameter
  std::vector<at::Tensor> weights_;  ///< of each group: sum of weights, maximum learning rate
  std::vector<at::Tensor> kept_;     ///< training's parameters while evaluating
};
inline ScheduleFreeState ScheduleFree::build(const ParameterGroups& groups) const { return {*this, groups}; }

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/schedule_free.ipp>
#endif
