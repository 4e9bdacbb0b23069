#pragma once

#include <array>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/loss.hpp>

namespace quix {

/// Softmax cross-entropy of logits [B, classes] and class numbers [B], or shares of classes [B, classes].
struct CrossEntropy {
  float smoothing = 0;

  static constexpr std::array notes = {
      quix::note<&CrossEntropy::smoothing>("probability that is spread over all classes", {.min = 0, .below = 1}),
  };

  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/losses.ipp>
#endif
