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

/// The first layers of a convolutional network, for an image size.
enum class Stem : std::uint8_t {
  automatic,  ///< cifar up to 64 pixels, imagenet above
  imagenet,   ///< 7 × 7 with stride 2, and max pooling
  cifar,      ///< 3 × 3, no pooling
};

/// ResNet (He et al., 2016), with the stride in the 3 × 3 convolution as torchvision has it.
struct ResNet {
  int depth = 18;
  Stem stem = Stem::automatic;
  int width = 64;
  bool zero_residual = false;

  static constexpr std::array notes = {
      quix::note<&ResNet::depth>("number of layers", {.choices = {"18", "34", "50"}}),
      quix::note<&ResNet::stem>("first layers, for large (imagenet) or small (cifar) images"),
      quix::note<&ResNet::width>("channels of the first stage; each further stage doubles them", {.min = 1}),
      quix::note<&ResNet::zero_residual>("initialize each block as the identity (Goyal et al., 2017)"),
  };
  torch::nn::ModuleHolder<class ResNetModule> build(const TaskInfo& task) const;
};

/// The module of ResNet.
class ResNetModule : public torch::nn::Module {
 public:
  ResNetModule(const ResNet& policy, const TaskInfo& task);
  at::Tensor forward(const at::Tensor& input);

 private:
  struct Block {
    std::vector<torch::nn::Conv2d> convs;
    std::vector<torch::nn::BatchNorm2d> norms;
    torch::nn::Conv2d down{nullptr};
    torch::nn::BatchNorm2d down_norm{nullptr};
  };

  std::int64_t add_block(const std::string& name, std::int64_t in, std::int64_t width, std::int64_t stride,
                         bool bottleneck);

  bool small_ = false;
  torch::nn::Conv2d stem_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
  std::vector<Block> blocks_;
  torch::nn::Linear head_{nullptr};
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/resnet.ipp>
#endif
