#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/data/task.hpp>
#include <quix/detail/separate.hpp>

// Models ready for an experiment: policies whose build() gives a module. State-dict keys are torchvision's where it has
// the model, so its weights load.

namespace quix {

/// A module of tensors to tensors, whatever it is made of: what all models here build.
class NetImpl : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& input) = 0;
};
/// A handle, as torch's own modules have.
class Net : public torch::nn::ModuleHolder<NetImpl> {
 public:
  Net(std::shared_ptr<NetImpl> impl) : torch::nn::ModuleHolder<NetImpl>(std::move(impl)) {}  // NOLINT
};

/// Layers of ReLU units on the flattened input.
struct Mlp {
  std::vector<int> hidden{256};
  float dropout = 0;
  bool norm = false;

  static constexpr std::array notes = {
      quix::note<&Mlp::hidden>("widths of the hidden layers", {.min = 1}),
      quix::note<&Mlp::dropout>("probability of dropping a unit", {.min = 0, .below = 1}),
      quix::note<&Mlp::norm>("batch normalisation before each ReLU"),
  };
  Net build(const TaskInfo& task) const;
};

/// LeNet-5 (LeCun et al., 1998) with ReLU and max pooling. Images of at least 12 × 12.
struct LeNet {
  float dropout = 0;

  static constexpr std::array notes = {
      quix::note<&LeNet::dropout>("probability of dropping a unit before the last layers", {.min = 0, .below = 1}),
  };
  Net build(const TaskInfo& task) const;
};

/// The first layers of a convolutional network, by the size of images.
enum class Stem : std::uint8_t {
  automatic,  ///< cifar up to 64 pixels, imagenet above
  imagenet,   ///< 7 × 7 with stride 2, and max pooling
  cifar,      ///< 3 × 3, and nothing else
};

/// ResNet (He et al., 2016), with the stride in the 3 × 3 convolution as torchvision has it.
struct ResNet {
  int depth = 18;
  Stem stem = Stem::automatic;
  int width = 64;
  bool zero_residual = false;

  static constexpr std::array notes = {
      quix::note<&ResNet::depth>("18, 34 or 50 layers", {.min = 18, .max = 50}),
      quix::note<&ResNet::stem>("first layers: for large or for small images"),
      quix::note<&ResNet::width>("channels of the first stage; each one has twice as many", {.min = 1}),
      quix::note<&ResNet::zero_residual>("each block begins as the identity (Goyal et al., 2017)"),
  };
  Net build(const TaskInfo& task) const;
};

/// Vision transformer (Dosovitskiy et al., 2021). Images are square, of a multiple of the patch.
struct VisionTransformer {
  enum class Size : std::uint8_t { tiny, small, base };
  Size size = Size::tiny;
  int patch = 16;
  int layers = 12;
  float dropout = 0;

  static constexpr std::array notes = {
      quix::note<&VisionTransformer::size>("width and heads: 192 and 3, 384 and 6, 768 and 12"),
      quix::note<&VisionTransformer::patch>("side of a patch", {.min = 1, .unit = "px"}),
      quix::note<&VisionTransformer::layers>("transformer blocks", {.min = 1}),
      quix::note<&VisionTransformer::dropout>("probability of dropping a feature", {.min = 0, .below = 1}),
  };
  Net build(const TaskInfo& task) const;
};

/// ConvNeXt-Tiny (Liu et al.: A ConvNet for the 2020s, 2022). Images of at least 32 × 32.
struct ConvNext {
  float stochastic_depth = 0.1f;
  float layer_scale = 1e-6f;

  static constexpr std::array notes = {
      quix::note<&ConvNext::stochastic_depth>("probability of leaving out the last block; less for those before it",
                                              {.min = 0, .below = 1}),
      quix::note<&ConvNext::layer_scale>("factor of each block's branch, at first", {.min = 0}),
  };
  Net build(const TaskInfo& task) const;
};

/// U-Net (Ronneberger et al., 2015) with batch normalisation and padding: images [B, C, H, W] to [B, classes, H, W].
/// Height and width are multiples of 2^depth.
struct UNet {
  int width = 32;
  int depth = 4;
  int classes = 0;

  static constexpr std::array notes = {
      quix::note<&UNet::width>("channels of the first level; each one below has twice as many", {.min = 1}),
      quix::note<&UNet::depth>("levels below the first", {.min = 1, .max = 8}),
      quix::note<&UNet::classes>("of a pixel; 0: those of the samples' class field", {.min = 0}),
  };
  Net build(const TaskInfo& task) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/models.ipp>
#include <quix/zoo/patches.ipp>
#endif
