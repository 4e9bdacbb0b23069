#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/proc/optim.hpp>

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
      quix::note<&RmsProp::alpha>("decay of the running average of the squared gradient", {.min = 0, .below = 1}),
      quix::note<&RmsProp::eps>("added to the denominator", {.above = 0}),
      quix::note<&RmsProp::momentum>("momentum factor", {.min = 0, .below = 1}),
      quix::note<&RmsProp::weight_decay>("L2 penalty, added to the gradient", {.min = 0}),
      quix::note<&RmsProp::centered>("divide by the gradient's standard deviation instead of its root mean square"),
  };

  std::vector<std::string> slots() const;
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<RmsProp> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

#ifdef QUIX_SEPARATE
extern template class detail::GroupedState<RmsProp>;
#endif

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/rmsprop.ipp>
#endif
