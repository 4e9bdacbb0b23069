#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/data/task.hpp>
#include <quix/detail/separate.hpp>
#include <quix/torch/modules.hpp>

// Policies whose build() gives a module. State-dict keys are torchvision's where it has the model, so its weights load.

namespace quix {

/// Vision transformer (Dosovitskiy et al., 2021). Images must be square, with a side that is a multiple of `patch`.
struct VisionTransformer {
  enum class Size : std::uint8_t { tiny, small, base };
  Size size = Size::tiny;
  int patch = 16;
  int layers = 12;
  float dropout = 0;

  static constexpr std::array notes = {
      quix::note<&VisionTransformer::size>("width and heads: 192 and 3, 384 and 6, 768 and 12"),
      quix::note<&VisionTransformer::patch>("patch side", {.min = 1, .unit = "px"}),
      quix::note<&VisionTransformer::layers>("transformer blocks", {.min = 1}),
      quix::note<&VisionTransformer::dropout>("probability of dropping a feature", {.min = 0, .below = 1}),
  };
  torch::nn::ModuleHolder<class VisionTransformerModule> build(const TaskInfo& task) const;
};

/// The module of VisionTransformer.
class VisionTransformerModule : public torch::nn::Module {
 public:
  VisionTransformerModule(const VisionTransformer& policy, const TaskInfo& task);
  at::Tensor forward(const at::Tensor& input);

 private:
  struct Block {
    torch::nn::LayerNorm ln1{nullptr}, ln2{nullptr};
    at::Tensor in_weight, in_bias;
    torch::nn::Linear out{nullptr}, up{nullptr}, down{nullptr};
  };
  std::int64_t heads_;
  double dropout_;
  at::Tensor token_, position_;
  torch::nn::Conv2d patches_{nullptr};
  std::vector<Block> blocks_;
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear head_{nullptr};
};

/// ConvNeXt-Tiny (Liu et al.: A ConvNet for the 2020s, 2022). Images of at least 32 × 32.
struct ConvNext {
  float stochastic_depth = 0.1f;
  float layer_scale = 1e-6f;

  static constexpr std::array notes = {
      quix::note<&ConvNext::stochastic_depth>(
          "stochastic depth: probability of dropping the last block; lower for earlier blocks", {.min = 0, .below = 1}),
      quix::note<&ConvNext::layer_scale>("initial layer scale", {.min = 0}),
  };
  torch::nn::ModuleHolder<class ConvNextModule> build(const TaskInfo& task) const;
};

/// The module of ConvNext.
class ConvNextModule : public torch::nn::Module {
 public:
  ConvNextModule(const ConvNext& policy, const TaskInfo& task);
  at::Tensor forward(const at::Tensor& input);

 private:
  struct Block {
    at::Tensor scale;
    torch::nn::Conv2d depthwise{nullptr};
    torch::nn::LayerNorm norm{nullptr};
    torch::nn::Linear up{nullptr}, down{nullptr};
  };
  struct Stage {
    torch::nn::Conv2d entry{nullptr};
    torch::nn::LayerNorm norm{nullptr};
    std::vector<Block> blocks;
  };
  double drop_;
  std::vector<Stage> stages_;
  torch::nn::LayerNorm norm_{nullptr};
  torch::nn::Linear head_{nullptr};
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/patches.ipp>
#endif
