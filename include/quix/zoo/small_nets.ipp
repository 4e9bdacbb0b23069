#pragma once

#include <algorithm>

#include <ATen/ops/cat.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>

#include <quix/zoo/layers.hpp>
#include <quix/zoo/small_nets.hpp>

namespace quix {

QUIX_INLINE MlpModule::MlpModule(const Mlp& policy, const TaskInfo& task)
    : dropout_(static_cast<double>(policy.dropout)) {
  auto width = task.inputs;
  for (std::size_t i = 0; i < policy.hidden.size(); ++i) {
    const auto next = static_cast<std::int64_t>(policy.hidden[i]);
    const auto name = "hidden." + std::to_string(i);
    layers_.push_back(detail::put(*this, name + ".linear", torch::nn::Linear(width, next)));
    if (policy.norm) norms_.push_back(detail::put(*this, name + ".norm", torch::nn::BatchNorm1d(next)));
    width = next;
  }
  head_ = detail::put(*this, "head", torch::nn::Linear(width, std::max<std::int64_t>(task.classes, 1)));
}

QUIX_INLINE at::Tensor MlpModule::forward(const at::Tensor& input) {
  auto x = input.flatten(1);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    x = layers_[i](x);
    if (!norms_.empty()) x = norms_[i](x);
    x = at::relu(x);
    if (dropout_ > 0) x = at::dropout(x, dropout_, is_training());
  }
  return head_(x);
}

QUIX_INLINE LeNetModule::LeNetModule(const LeNet& policy, const TaskInfo& task)
    : dropout_(static_cast<double>(policy.dropout)) {
  const auto [channels, height, width] = detail::image_shape(task, "LeNet", 12);
  conv1_ = detail::put(*this, "conv1", detail::conv(channels, 6, 5, 1, 2, true));
  conv2_ = detail::put(*this, "conv2", detail::conv(6, 16, 5, 1, 0, true));
  const auto side = [](std::int64_t n) { return (n / 2 - 4) / 2; };
  fc1_ = detail::put(*this, "fc1", torch::nn::Linear(16 * side(height) * side(width), 120));
  fc2_ = detail::put(*this, "fc2", torch::nn::Linear(120, 84));
  fc3_ = detail::put(*this, "fc3", torch::nn::Linear(84, detail::class_count(task)));
}

QUIX_INLINE at::Tensor LeNetModule::forward(const at::Tensor& input) {
  auto x = at::max_pool2d(at::relu(conv1_(input)), 2);
  x = at::max_pool2d(at::relu(conv2_(x)), 2).flatten(1);
  x = at::relu(fc1_(at::dropout(x, dropout_, is_training())));
  return fc3_(at::relu(fc2_(x)));
}

QUIX_INLINE UNetModule::UNetModule(const UNet& policy, const TaskInfo& task) {
  const auto [channels, height, width] = detail::image_shape(task, "a U-Net", 1 << policy.depth);
  if (height % (1 << policy.depth) != 0 || width % (1 << policy.depth) != 0)
    throw Error("model.depth", std::to_string(policy.depth) + " levels need sides that are multiples of " +
                                   std::to_string(1 << policy.depth) + ", got images of " + std::to_string(width) +
                                   "x" + std::to_string(height));
  auto in = channels;
  for (int level = 0; level <= policy.depth; ++level) {
    const auto out = static_cast<std::int64_t>(policy.width) << level;
    down_.push_back(add_level("down." + std::to_string(level), in, out));
    in = out;
  }
  for (int level = policy.depth - 1; level >= 0; --level) {
    const auto out = static_cast<std::int64_t>(policy.width) << level;
    const auto name = "up." + std::to_string(level);
    grow_.push_back(detail::put(*this, name + ".grow",
                                torch::nn::ConvTranspose2d(torch::nn::ConvTranspose2dOptions(in, out, 2).stride(2))));
    up_.push_back(add_level(name, 2 * out, out));
    in = out;
  }
  head_ = detail::put(*this, "head",
                      detail::conv(in, policy.classes > 0 ? policy.classes : detail::class_count(task), 1, 1, 0, true));
}

QUIX_INLINE at::Tensor UNetModule::forward(const at::Tensor& input) {
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

QUIX_INLINE UNetModule::Level UNetModule::add_level(const std::string& name, std::int64_t in, std::int64_t out) {
  Level level;
  for (std::size_t i = 0; i < 2; ++i) {
    level.convs[i] =
        detail::put(*this, name + ".conv" + std::to_string(i + 1), detail::conv(i ? out : in, out, 3, 1, 1, false));
    level.norms[i] = detail::put(*this, name + ".norm" + std::to_string(i + 1), torch::nn::BatchNorm2d(out));
  }
  return level;
}

QUIX_INLINE at::Tensor UNetModule::run(Level& level, at::Tensor x) {
  for (std::size_t i = 0; i < 2; ++i) x = at::relu(level.norms[i](level.convs[i](x)));
  return x;
}

QUIX_INLINE torch::nn::ModuleHolder<MlpModule> Mlp::build(const TaskInfo& task) const {
  return torch::nn::ModuleHolder<MlpModule>(*this, task);
}
QUIX_INLINE torch::nn::ModuleHolder<LeNetModule> LeNet::build(const TaskInfo& task) const {
  return torch::nn::ModuleHolder<LeNetModule>(*this, task);
}
QUIX_INLINE torch::nn::ModuleHolder<UNetModule> UNet::build(const TaskInfo& task) const {
  return torch::nn::ModuleHolder<UNetModule>(*this, task);
}

}  // namespace quix
