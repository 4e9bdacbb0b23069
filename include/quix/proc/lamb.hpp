#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/proc/optim.hpp>

namespace quix {

/// LAMB (You et al.: Large batch optimization for deep learning, 2020): Adam's step of each tensor, rescaled to the
/// tensor's norm times the learning rate.
struct Lamb {
  float lr = 1e-3f;
  std::array<float, 2> betas{0.9f, 0.999f};
  float eps = 1e-6f;
  float weight_decay = 1e-2f;

  static constexpr std::string_view name = "lamb";
  static constexpr std::array notes = {
      quix::note<&Lamb::lr>("peak learning rate", {.min = 0}),
      quix::note<&Lamb::betas>("decay of the running averages of gradient and squared gradient",
                               {.min = 0, .below = 1}),
      quix::note<&Lamb::eps>("added to the denominator", {.above = 0}),
      quix::note<&Lamb::weight_decay>("weight decay, added to the step before rescaling", {.min = 0}),
  };

  std::vector<std::string> slots() const { return {"exp_avg", "exp_avg_sq"}; }
  void update(const detail::TensorLists& lists, const detail::StepNumbers& numbers) const;
  detail::GroupedState<Lamb> build(const ParameterGroups& groups) const { return {*this, groups}; }
};

#ifdef QUIX_SEPARATE
extern template class detail::GroupedState<Lamb>;
#endif

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/lamb.ipp>
#endif
