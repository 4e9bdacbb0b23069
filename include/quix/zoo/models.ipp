#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>
#include <torch/nn/init.h>

#include <quix/cfg/error.hpp>
#include <quix/torch/modules.hpp>
#include <quix/zoo/models.hpp>

namespace quix {
namespace detail {

/// A module that only holds others: the path of a name.
class FolderImpl : public torch::nn::Module {};

/// Registers a module under a dotted name, in modules made for its path, and returns it.
template <class M>
M put(torch::nn::Module& root, const std::string& name, M module) {
  auto* at = &root;
  std::size_t begin = 0;
  for (auto dot = name.find('.'); dot != std::string::npos; begin = dot + 1, dot = name.find('.', begin)) {
    const auto part = name.substr(begin, dot - begin);
    const auto children = at->named_children();
    auto* child = children.find(part);
    at = child ? child->get() : at->register_module(part, std::make_shared<FolderImpl>()).get();
  }
  return at->register_module(name.substr(begin), std::move(module));
}
/// The same for a parameter.
inline at::Tensor put_parameter(torch::nn::Module& root, const std::string& name, at::Tensor value) {
  const auto dot = name.rfind('.');
  if (dot == std::string::npos) return root.register_parameter(name, std::move(value));
  auto* at = &root;
  for (std::size_t begin = 0; begin < dot;) {
    const auto end = std::min(name.find('.', begin), dot);
    const auto part = name.substr(begin, end - begin);
    const auto children = at->named_children();
    auto* child = children.find(part);
    at = child ? child->get() : at->register_module(part, std::make_shared<FolderImpl>()).get();
    begin = end + 1;
  }
  return at->register_parameter(name.substr(dot + 1), std::move(value));
}

/// Normal, without what lies beyond two standard deviations.
inline void truncated_normal(const at::Tensor& tensor, double deviation) {
  const at::NoGradGuard no_grad;
  const double edge = std::erf(2 / std::sqrt(2.0));
  tensor.uniform_(-edge, edge).erfinv_().mul_(deviation * std::sqrt(2.0));
}

inline torch::nn::Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                              std::int64_t padding, bool bias, std::int64_t groups = 1) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(padding).bias(bias).groups(groups));
}
inline torch::nn::LayerNorm layer_norm(std::int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(1e-6));
}

/// Channels, height and width of a task's images. Throws Error for other samples.
inline std::array<std::int64_t, 3> image_shape(const TaskInfo& task, const char* model, std::int64_t least) {
  if (task.shape.size() != 3 || task.shape[1] < least || task.shape[2] < least) {
    std::string shape;
    for (const auto d : task.shape) shape += (shape.empty() ? "" : ", ") + std::to_string(d);
    throw Error("model", std::string(model) + " takes images [channels, height, width] of at least " +
                             std::to_string(least) + " pixels; the samples are [" + shape + "]");
  }
  return {task.shape[0], task.shape[1], task.shape[2]};
}
inline std::int64_t class_count(const TaskInfo& task) {
  if (task.classes < 1) throw Error("model", "needs a number of classes; the samples have no class field");
  return task.classes;
}

class MlpNet : public NetImpl {
 public:
  MlpNet(const Mlp& policy, const TaskInfo& task) : dropout_(static_cast<double>(policy.dropout)) {
    auto width = task.inputs;
    for (std::size_t i = 0; i < policy.hidden.size(); ++i) {
      const auto next = static_cast<std::int64_t>(policy.hidden[i]);
      const auto name = "hidden." + std::to_string(i);
      layers_.push_back(put(*this, name + ".linear", torch::nn::Linear(width, next)));
      if (policy.norm) norms_.push_back(put(*this, name + ".norm", torch::nn::BatchNorm1d(next)));
      width = next;
    }
    head_ = put(*this, "head", torch::nn::Linear(width, std::max<std::int64_t>(task.classes, 1)));
  }
  at::Tensor forward(const at::Tensor& input) override {
    auto x = input.flatten(1);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      x = layers_[i](x);
      if (!norms_.empty()) x = norms_[i](x);
      x = at::relu(x);
      if (dropout_ > 0) x = at::dropout(x, dropout_, is_training());
    }
    return head_(x);
  }

 private:
  double dropout_;
  std::vector<torch::nn::Linear> layers_;
  std::vector<torch::nn::BatchNorm1d> norms_;
  torch::nn::Linear head_{nullptr};
};

class LeNetNet : public NetImpl {
 public:
  LeNetNet(const LeNet& policy, const TaskInfo& task) : dropout_(static_cast<double>(policy.dropout)) {
    const auto [channels, height, width] = image_shape(task, "LeNet", 12);
    conv1_ = put(*this, "conv1", conv(channels, 6, 5, 1, 2, true));
    conv2_ = put(*this, "conv2", conv(6, 16, 5, 1, 0, true));
    const auto side = [](std::int64_t n) { return (n / 2 - 4) / 2; };
    fc1_ = put(*this, "fc1", torch::nn::Linear(16 * side(height) * side(width), 120));
    fc2_ = put(*this, "fc2", torch::nn::Linear(120, 84));
    fc3_ = put(*this, "fc3", torch::nn::Linear(84, class_count(task)));
  }
  at::Tensor forward(const at::Tensor& input) override {
    auto x = at::max_pool2d(at::relu(conv1_(input)), 2);
    x = at::max_pool2d(at::relu(conv2_(x)), 2).flatten(1);
    x = at::relu(fc1_(at::dropout(x, dropout_, is_training())));
    return fc3_(at::relu(fc2_(x)));
  }

 private:
  double dropout_;
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr};
  torch::nn::Linear fc1_{nullptr}, fc2_{nullptr}, fc3_{nullptr};
};

class ResNetNet : public NetImpl {
 public:
  ResNetNet(const ResNet& policy, const TaskInfo& task) {
    const bool bottleneck = policy.depth == 50;
    std::array<int, 4> blocks{};
    switch (policy.depth) {
      case 18: blocks = {2, 2, 2, 2}; break;
      case 34:
      case 50: blocks = {3, 4, 6, 3}; break;
      default:
        throw Error("model.depth", "is " + std::to_string(policy.depth) + "; there are ResNets of 18, 34 and 50");
    }
    const auto [channels, height, width] = image_shape(task, "a ResNet", 8);
    small_ = policy.stem == Stem::cifar || (policy.stem == Stem::automatic && std::max(height, width) <= 64);
    const std::int64_t first = policy.width;
    stem_ = put(*this, "conv1", small_ ? conv(channels, first, 3, 1, 1, false) : conv(channels, first, 7, 2, 3, false));
    norm_ = put(*this, "bn1", torch::nn::BatchNorm2d(first));
    auto in = first;
    for (int stage = 0; stage < 4; ++stage)
      for (int i = 0; i < blocks[static_cast<std::size_t>(stage)]; ++i) {
        const auto name = "layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".";
        in = add_block(name, in, first << stage, stage > 0 && i == 0 ? 2 : 1, bottleneck);
      }
    head_ = put(*this, "fc", torch::nn::Linear(in, class_count(task)));
    for (const auto& module : modules(/*include_self=*/false))
      if (auto* one = module->as<torch::nn::Conv2dImpl>())
        torch::nn::init::kaiming_normal_(one->weight, 0, torch::kFanOut, torch::kReLU);
    const at::NoGradGuard no_grad;
    for (auto& block : blocks_)
      if (policy.zero_residual) block.norms.back()->weight.zero_();
  }

  at::Tensor forward(const at::Tensor& input) override {
    auto x = at::relu(norm_(stem_(input)));
    if (!small_) x = at::max_pool2d(x, 3, 2, 1);
    for (auto& block : blocks_) {
      auto y = x;
      for (std::size_t i = 0; i < block.convs.size(); ++i) {
        y = block.norms[i](block.convs[i](y));
        if (i + 1 < block.convs.size()) y = at::relu(y);
      }
      x = at::relu(y + (block.down ? block.down_norm(block.down(x)) : x));
    }
    return head_(at::adaptive_avg_pool2d(x, {1, 1}).flatten(1));
  }

 private:
  struct Block {
    std::vector<torch::nn::Conv2d> convs;
    std::vector<torch::nn::BatchNorm2d> norms;
    torch::nn::Conv2d down{nullptr};
    torch::nn::BatchNorm2d down_norm{nullptr};
  };

  std::int64_t add_block(const std::string& name, std::int64_t in, std::int64_t width, std::int64_t stride,
                         bool bottleneck) {
    const auto out = bottleneck ? 4 * width : width;
    Block block;
    const auto add = [&](std::int64_t from, std::int64_t to, std::int64_t kernel, std::int64_t step) {
      const auto number = std::to_string(block.convs.size() + 1);
      block.convs.push_back(put(*this, name + "conv" + number, conv(from, to, kernel, step, kernel / 2, false)));
      block.norms.push_back(put(*this, name + "bn" + number, torch::nn::BatchNorm2d(to)));
    };
    if (bottleneck)
      add(in, width, 1, 1), add(width, width, 3, stride), add(width, out, 1, 1);
    else
      add(in, width, 3, stride), add(width, width, 3, 1);
    if (stride != 1 || in != out) {
      block.down = put(*this, name + "downsample.0", conv(in, out, 1, stride, 0, false));
      block.down_norm = put(*this, name + "downsample.1", torch::nn::BatchNorm2d(out));
    }
    blocks_.push_back(std::move(block));
    return out;
  }

  bool small_ = false;
  torch::nn::Conv2d stem_{nullptr};
  torch::nn::BatchNorm2d norm_{nullptr};
  std::vector<Block> blocks_;
  torch::nn::Linear head_{nullptr};
};

class UNetNet : public NetImpl {
 public:
  UNetNet(const UNet& policy, const TaskInfo& task) {
    const auto [channels, height, width] = image_shape(task, "a U-Net", 1 << policy.depth);
    if (height % (1 << policy.depth) != 0 || width % (1 << policy.depth) != 0)
      throw Error("model.depth", "of " + std::to_string(policy.depth) + " halves images " +
                                     std::to_string(policy.depth) + " times; " + std::to_string(width) + "x" +
                                     std::to_string(height) + " are no multiples of " +
                                     std::to_string(1 << policy.depth));
    auto in = channels;
    for (int level = 0; level <= policy.depth; ++level) {
      const auto out = static_cast<std::int64_t>(policy.width) << level;
      down_.push_back(add_level("down." + std::to_string(level), in, out));
      in = out;
    }
    for (int level = policy.depth - 1; level >= 0; --level) {
      const auto out = static_cast<std::int64_t>(policy.width) << level;
      const auto name = "up." + std::to_string(level);
      grow_.push_back(put(*this, name + ".grow",
                          torch::nn::ConvTranspose2d(torch::nn::ConvTranspose2dOptions(in, out, 2).stride(2))));
      up_.push_back(add_level(name, 2 * out, out));
      in = out;
    }
    head_ = put(*this, "head", conv(in, policy.classes > 0 ? policy.classes : class_count(task), 1, 1, 0, true));
  }

  at::Tensor forward(const at::Tensor& input) override {
    std::vector<at::Tensor> levels;
    auto x = input;
    for (std::size_t i = 0; i < down_.size(); ++i) {
      x = run(down_[i], i == 0 ? x : at::max_pool2d(x, 2));
      levels.push_back(x);
    }
    for (std::size_t i = 0; i < up_.size(); ++i)
      x = run(up_[i], at::cat({levels[levels.size() - 2 - i], grow_[i](x)}, 1));
    return head_(x);
  }

 private:
  struct Level {
    std::array<torch::nn::Conv2d, 2> convs{nullptr, nullptr};
    std::array<torch::nn::BatchNorm2d, 2> norms{nullptr, nullptr};
  };
  Level add_level(const std::string& name, std::int64_t in, std::int64_t out) {
    Level level;
    for (std::size_t i = 0; i < 2; ++i) {
      level.convs[i] = put(*this, name + ".conv" + std::to_string(i + 1), conv(i ? out : in, out, 3, 1, 1, false));
      level.norms[i] = put(*this, name + ".norm" + std::to_string(i + 1), torch::nn::BatchNorm2d(out));
    }
    return level;
  }
  static at::Tensor run(Level& level, at::Tensor x) {
    for (std::size_t i = 0; i < 2; ++i) x = at::relu(level.norms[i](level.convs[i](x)));
    return x;
  }

  std::vector<Level> down_, up_;
  std::vector<torch::nn::ConvTranspose2d> grow_;
  torch::nn::Conv2d head_{nullptr};
};

}  // namespace detail

QUIX_INLINE Net Mlp::build(const TaskInfo& task) const {
  return std::static_pointer_cast<NetImpl>(std::make_shared<detail::MlpNet>(*this, task));
}
QUIX_INLINE Net LeNet::build(const TaskInfo& task) const {
  return std::static_pointer_cast<NetImpl>(std::make_shared<detail::LeNetNet>(*this, task));
}
QUIX_INLINE Net ResNet::build(const TaskInfo& task) const {
  return std::static_pointer_cast<NetImpl>(std::make_shared<detail::ResNetNet>(*this, task));
}
QUIX_INLINE Net UNet::build(const TaskInfo& task) const {
  return std::static_pointer_cast<NetImpl>(std::make_shared<detail::UNetNet>(*this, task));
}

}  // namespace quix
