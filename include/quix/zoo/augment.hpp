#pragma once

#include <array>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Makes float32 of uint8 images [B, C, H, W]: scaled to [0, 1], minus `mean`, divided by `std`. One number serves all
/// channels, or one per channel is given. Other tensors pass.
struct Normalize {
  std::vector<float> mean{0.0f};
  std::vector<float> std{1.0f};

  static constexpr std::array notes = {
      quix::note<&Normalize::mean>("subtracted from values in 0…1, for all channels or for each", {}),
      quix::note<&Normalize::std>("divides them afterwards", {.above = 0}),
  };

  at::Tensor operator()(const at::Tensor& images) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/augment.ipp>
#endif
