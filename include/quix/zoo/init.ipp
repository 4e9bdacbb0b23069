#pragma once

#include <cmath>

#include <quix/torch/modules.hpp>
#include <quix/zoo/init.hpp>

namespace quix {

QUIX_INLINE void init_parameters(torch::nn::Module& model) {
  const at::NoGradGuard no_grad;
  model.apply([](torch::nn::Module& module) {
    const bool convolution =
        module.as<torch::nn::Conv1d>() || module.as<torch::nn::Conv2d>() || module.as<torch::nn::Conv3d>();
    const bool linear = module.as<torch::nn::Linear>();
    const bool norm = module.as<torch::nn::BatchNorm1d>() || module.as<torch::nn::BatchNorm2d>() ||
                      module.as<torch::nn::BatchNorm3d>() || module.as<torch::nn::LayerNorm>() ||
                      module.as<torch::nn::GroupNorm>();
    if (!convolution && !linear && !norm) return;
    auto own = module.named_parameters(/*recurse=*/false);
    if (auto* bias = own.find("bias"); bias && bias->defined()) bias->zero_();
    auto* weight = own.find("weight");
    if (!weight || !weight->defined()) return;  // a normalization layer without parameters
    if (norm) {
      weight->fill_(1);
    } else {
      // Fan-out: output channels times what a filter covers.
      const auto fan = static_cast<double>(weight->size(0)) * static_cast<double>(weight->numel()) /
                       static_cast<double>(weight->size(0) * weight->size(1));
      weight->normal_(0, linear ? 1e-3 : std::sqrt(2 / fan));
    }
  });
}

}  // namespace quix
