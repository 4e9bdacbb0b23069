#pragma once

#include <algorithm>

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>
#include <torch/nn/init.h>

#include <quix/zoo/layers.hpp>
#include <quix/zoo/resnet.hpp>

namespace quix {

QUIX_INLINE ResNetModule::ResNetModule(const ResNet& policy, const TaskInfo& task) {
  const bool bottleneck = policy.depth == 50;
  std::array<int, 4> blocks{};
  switch (policy.depth) {
    case 18: blocks = {2, 2, 2, 2}; break;
    case 34:
    case 50: blocks = {3, 4, 6, 3}; break;
    default: throw Error("model.depth", "expected 18, 34 or 50, got " + std::to_string(policy.depth));
  }
  const auto [channels, height, width] = detail::image_shape(task, "a ResNet", 8);
  small_ = policy.stem == Stem::cifar || (policy.stem == Stem::automatic && std::max(height, width) <= 64);
  const std::int64_t first = policy.width;
  stem_ = detail::put(
      *this, "conv1",
      small_ ? detail::conv(channels, first, 3, 1, 1, false) : detail::conv(channels, first, 7, 2, 3, false));
  norm_ = detail::put(*this, "bn1", torch::nn::BatchNorm2d(first));
  auto in = first;
  for (int stage = 0; stage < 4; ++stage)
    for (int i = 0; i < blocks[static_cast<std::size_t>(stage)]; ++i) {
      const auto name = "layer" + std::to_string(stage + 1) + "." + std::to_string(i) + ".";
      in = add_block(name, in, first << stage, stage > 0 && i == 0 ? 2 : 1, bottleneck);
    }
  head_ = detail::put(*this, "fc", torch::nn::Linear(in, detail::class_count(task)));
  for (const auto& module : modules(/*include_self=*/false))
    if (auto* one = module->as<torch::nn::Conv2dImpl>())
      torch::nn::init::kaiming_normal_(one->weight, 0, torch::kFanOut, torch::kReLU);
  const at::NoGradGuard no_grad;
  for (auto& block : blocks_)
    if (policy.zero_residual) block.norms.back()->weight.zero_();
}

QUIX_INLINE at::Tensor ResNetModule::forward(const at::Tensor& input) {
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

QUIX_INLINE std::int64_t ResNetModule::add_block(const std::string& name, std::int64_t in, std::int64_t width,
                                                 std::int64_t stride, bool bottleneck) {
  const auto out = bottleneck ? 4 * width : width;
  Block block;
  const auto add = [&](std::int64_t from, std::int64_t to, std::int64_t kernel, std::int64_t step) {
    const auto number = std::to_string(block.convs.size() + 1);
    block.convs.push_back(
        detail::put(*this, name + "conv" + number, detail::conv(from, to, kernel, step, kernel / 2, false)));
    block.norms.push_back(detail::put(*this, name + "bn" + number, torch::nn::BatchNorm2d(to)));
  };
  if (bottleneck)
    add(in, width, 1, 1), add(width, width, 3, stride), add(width, out, 1, 1);
  else
    add(in, width, 3, stride), add(width, width, 3, 1);
  if (stride != 1 || in != out) {
    block.down = detail::put(*this, name + "downsample.0", detail::conv(in, out, 1, stride, 0, false));
    block.down_norm = detail::put(*this, name + "downsample.1", torch::nn::BatchNorm2d(out));
  }
  blocks_.push_back(std::move(block));
  return out;
}

QUIX_INLINE torch::nn::ModuleHolder<ResNetModule> ResNet::build(const TaskInfo& task) const {
  return torch::nn::ModuleHolder<ResNetModule>(*this, task);
}

}  // namespace quix
