#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/proc/optim.hpp>

namespace quix {

/// Lion (Chen et al.: Symbolic discovery of optimization algorithms, 2023): each step is the sign of the momentum,
/// times the learning rate.
struct Lion {
  float lr = 1e-4f;
  std::array<float, 2> betas{0.9f, 0.99f};
  float weight_decay = 0;

  static constexpr std::string_view name = "lion";
  static constexpr std::array notes = {
      quix::note<&Lion::lr>("peak learning rate; 3 to 10 times smaller than for AdamW", {.min = 0}),
      quix::note<&Lion::betas>("weight of the momentum in the step; decay of the momentum", {.min = 0, .below = 1}),
      quix::note<&Lion::weight_decay>("decoupled weight decay, times the learning rate", {.min = 0}),
  };

  std::vector<std::string> slots() const { return {"exp_avg"}; }
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<Lion> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

#ifdef QUIX_SEPARATE
extern template class detail::GroupedState<Lion>;
#endif

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/lion.ipp>
#endif
