#pragma once

#include <cmath>

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/zeros.h>
#include <torch/nn/init.h>

#include <quix/zoo/layers.hpp>
#include <quix/zoo/patches.hpp>

namespace quix {

QUIX_INLINE VisionTransformerModule::VisionTransformerModule(const VisionTransformer& policy, const TaskInfo& task)
    : heads_(policy.size == VisionTransformer::Size::tiny    ? 3
             : policy.size == VisionTransformer::Size::small ? 6
                                                             : 12),
      dropout_(static_cast<double>(policy.dropout)) {
  const auto [channels, height, width] = detail::image_shape(task, "a vision transformer", policy.patch);
  if (height != width || height % policy.patch != 0)
    throw Error("model.patch", std::to_string(policy.patch) + " pixels do not divide images of " +
                                   std::to_string(width) + "x" + std::to_string(height) +
                                   "; images must be square, with a side that is a multiple of the patch");
  const std::int64_t dim = 64 * heads_, tokens = height / policy.patch * (width / policy.patch) + 1;
  token_ = detail::put(*this, "class_token", at::zeros({1, 1, dim}));
  patches_ = detail::put(*this, "conv_proj", detail::conv(channels, dim, policy.patch, policy.patch, 0, true));
  position_ = detail::put(*this, "encoder.pos_embedding", at::empty({1, tokens, dim}).normal_(0, 0.02));
  for (int i = 0; i < policy.layers; ++i) {
    const auto name = "encoder.layers.encoder_layer_" + std::to_string(i) + ".";
    Block block;
    block.ln1 = detail::put(*this, name + "ln_1", detail::layer_norm(dim));
    block.in_weight = detail::put(*this, name + "self_attention.in_proj_weight", at::empty({3 * dim, dim}));
    block.in_bias = detail::put(*this, name + "self_attention.in_proj_bias", at::zeros({3 * dim}));
    block.out = detail::put(*this, name + "self_attention.out_proj", torch::nn::Linear(dim, dim));
    block.ln2 = detail::put(*this, name + "ln_2", detail::layer_norm(dim));
    block.up = detail::put(*this, name + "mlp.0", torch::nn::Linear(dim, 4 * dim));
    block.down = detail::put(*this, name + "mlp.3", torch::nn::Linear(4 * dim, dim));
    torch::nn::init::xavier_uniform_(block.in_weight);
    torch::nn::init::zeros_(block.out->bias);
    for (auto& linear : {block.up, block.down}) {
      torch::nn::init::xavier_uniform_(linear->weight);
      torch::nn::init::normal_(linear->bias, 0, 1e-6);
    }
    blocks_.push_back(std::move(block));
  }
  norm_ = detail::put(*this, "encoder.ln", detail::layer_norm(dim));
  head_ = detail::put(*this, "heads.head", torch::nn::Linear(dim, detail::class_count(task)));
  torch::nn::init::normal_(patches_->weight, 0,
                           std::sqrt(1.0 / static_cast<double>(channels * policy.patch * policy.patch)));
  for (const auto& tensor : {patches_->bias, head_->weight, head_->bias}) torch::nn::init::zeros_(tensor);
}

QUIX_INLINE at::Tensor VisionTransformerModule::forward(const at::Tensor& input) {
  const auto drop = [&](const at::Tensor& t) { return dropout_ > 0 ? at::dropout(t, dropout_, is_training()) : t; };
  const auto n = input.size(0);
  auto x = patches_(input).flatten(2).transpose(1, 2);
  x = drop(at::cat({token_.expand({n, -1, -1}).to(x.scalar_type()), x}, 1) + position_);
  for (auto& block : blocks_) {
    // [3, batch, heads, tokens, 64]
    const auto qkv = at::linear(block.ln1(x), block.in_weight, block.in_bias)
                         .view({n, x.size(1), 3, heads_, 64})
                         .permute({2, 0, 3, 1, 4});
    const auto mixed = at::scaled_dot_product_attention(qkv[0], qkv[1], qkv[2]);
    x = x + drop(block.out(mixed.transpose(1, 2).flatten(2)));
    x = x + drop(block.down(drop(at::gelu(block.up(block.ln2(x))))));
  }
  return head_(norm_(x).select(1, 0));
}

QUIX_INLINE ConvNextModule::ConvNextModule(const ConvNext& policy, const TaskInfo& task)
    : drop_(static_cast<double>(policy.stochastic_depth)) {
  const auto shape = detail::image_shape(task, "ConvNeXt", 32);
  constexpr std::array<std::int64_t, 4> widths{96, 192, 384, 768};
  constexpr std::array<int, 4> depths{3, 3, 9, 3};
  for (std::size_t stage = 0; stage < 4; ++stage) {
    const auto dim = widths[stage];
    const auto entry = "features." + std::to_string(2 * stage) + ".";
    Stage one;
    if (stage == 0) {
      one.entry = detail::put(*this, entry + "0", detail::conv(shape[0], dim, 4, 4, 0, true));
      one.norm = detail::put(*this, entry + "1", detail::layer_norm(dim));
    } else {
      one.norm = detail::put(*this, entry + "0", detail::layer_norm(widths[stage - 1]));
      one.entry = detail::put(*this, entry + "1", detail::conv(widths[stage - 1], dim, 2, 2, 0, true));
    }
    for (int i = 0; i < depths[stage]; ++i) {
      const auto name = "features." + std::to_string(2 * stage + 1) + "." + std::to_string(i) + ".";
      Block block;
      block.scale = detail::put(*this, name + "layer_scale", at::full({dim, 1, 1}, policy.layer_scale));
      block.depthwise = detail::put(*this, name + "block.0", detail::conv(dim, dim, 7, 1, 3, true, dim));
      block.norm = detail::put(*this, name + "block.2", detail::layer_norm(dim));
      block.up = detail::put(*this, name + "block.3", torch::nn::Linear(dim, 4 * dim));
      block.down = detail::put(*this, name + "block.5", torch::nn::Linear(4 * dim, dim));
      one.blocks.push_back(std::move(block));
    }
    stages_.push_back(std::move(one));
  }
  norm_ = detail::put(*this, "classifier.0", detail::layer_norm(768));
  head_ = detail::put(*this, "classifier.2", torch::nn::Linear(768, detail::class_count(task)));
  for (const auto& module : modules(/*include_self=*/false)) {
    if (auto* c = module->as<torch::nn::Conv2dImpl>())
      torch::nn::init::normal_(c->weight, 0, 0.02), torch::nn::init::zeros_(c->bias);
    if (auto* l = module->as<torch::nn::LinearImpl>())
      torch::nn::init::normal_(l->weight, 0, 0.02), torch::nn::init::zeros_(l->bias);
  }
}

QUIX_INLINE at::Tensor ConvNextModule::forward(const at::Tensor& input) {
  const auto over_channels = [](torch::nn::LayerNorm& norm, const at::Tensor& t) {
    return norm(t.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
  };
  constexpr int blocks = 18;
  int number = 0;
  auto x = input;
  for (std::size_t stage = 0; stage < 4; ++stage) {
    auto& one = stages_[stage];
    x = stage == 0 ? over_channels(one.norm, one.entry(x)) : one.entry(over_channels(one.norm, x));
    for (auto& block : one.blocks) {
      auto y = block.norm(block.depthwise(x).permute({0, 2, 3, 1}));
      y = block.scale * block.down(at::gelu(block.up(y))).permute({0, 3, 1, 2});
      // Drops the branch of some samples, and scales the others to the same expectation.
      const double keep = 1 - drop_ * number++ / (blocks - 1);
      if (is_training() && keep < 1) y = y * at::empty({y.size(0), 1, 1, 1}, y.options()).bernoulli_(keep).div_(keep);
      x = x + y;
    }
  }
  x = over_channels(norm_, at::adaptive_avg_pool2d(x, {1, 1}));
  return head_(x.flatten(1));
}

QUIX_INLINE torch::nn::ModuleHolder<VisionTransformerModule> VisionTransformer::build(const TaskInfo& task) const {
  return torch::nn::ModuleHolder<VisionTransformerModule>(*this, task);
}
QUIX_INLINE torch::nn::ModuleHolder<ConvNextModule> ConvNext::build(const TaskInfo& task) const {
  return torch::nn::ModuleHolder<ConvNextModule>(*this, task);
}

}  // namespace quix
