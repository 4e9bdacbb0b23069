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

// Small models for small data: policies whose build() gives a module.

namespace quix {

/// Multilayer perceptron with ReLU, on the flattened input.
struct Mlp {
  std::vector<int> hidden{256};
  float dropout = 0;
  bool norm = false;

  static constexpr std::array notes = {
      quix::note<&Mlp::hidden>("widths of the hidden layers", {.min = 1}),
      quix::note<&Mlp::dropout>("probability of dropping a unit", {.min = 0, .below = 1}),
      quix::note<&Mlp::norm>("batch normalization before each ReLU"),
  };
  torch::nn::ModuleHolder<class MlpModule> build(const TaskInfo& task) const;
};

/// The module of Mlp.
class MlpModule : public torch::nn::Module {
 public:
  MlpModule(const Mlp& policy, const TaskInfo& task);
  at::Tensor forward(const at::Tensor& input);

 private:
  double dropout_;
  std::vector<torch::nn::Linear> layers_;
  std::vector<torch::nn::BatchNorm1d> norms_;
  torch::nn::Linear head_{nullptr};
};

/// LeNet-5 (LeCun et al., 1998) with ReLU and max pooling. Images of at least 12 × 12.
struct LeNet {
  float dropout = 0;

  static constexpr std::array notes = {
      quix::note<&LeNet::dropout>("probability of dropping a unit before the last layers", {.min = 0, .below = 1}),
  };
  torch::nn::ModuleHolder<class LeNetModule> build(const TaskInfo& task) const;
};

/// The module of LeNet.
class LeNetModule : public torch::nn::Module {
 public:
  LeNetModule(const LeNet& policy, const TaskInfo& task);
  at::Tensor forward(const at::Tensor& input);

 private:
  double dropout_;
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr};
  torch::nn::Linear fc1_{nullptr}, fc2_{nullptr}, fc3_{nullptr};
};

/// U-Net (Ronneberger et al., 2015) with batch normalization and padding: images [B, C, H, W] to [B, classes, H, W].
/// Height and width must be multiples of 2^depth.
struct UNet {
  int width = 32;
  int depth = 4;
  int classes = 0;

  static constexpr std::array notes = {
      quix::note<&UNet::width>("channels of the first level; each further level doubles them", {.min = 1}),
      quix::note<&UNet::depth>("levels below the first", {.min = 1, .max = 8}),
      quix::note<&UNet::classes>("classes per pixel; 0 uses the dataset's class count", {.min = 0}),
  };
  torch::nn::ModuleHolder<class UNetModule> build(const TaskInfo& task) const;
};

/// The module of UNet.
class UNetModule : public torch::nn::Module {
 public:
  UNetModule(const UNet& policy, const TaskInfo& task);
  at::Tensor forward(const at::Tensor& input);

 private:
  struct Level {
    std::array<torch::nn::Conv2d, 2> convs{nullptr, nullptr};
    std::array<torch::nn::BatchNorm2d, 2> norms{nullptr, nullptr};
  };
  Level add_level(const std::string& name, std::int64_t in, std::int64_t out);
  static at::Tensor run(Level& level, at::Tensor x);

  std::vector<Level> down_, up_;
  std::vector<torch::nn::ConvTranspose2d> grow_;
  torch::nn::Conv2d head_{nullptr};
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/small_nets.ipp>
#endif
