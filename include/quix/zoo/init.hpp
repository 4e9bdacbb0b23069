#pragma once

#include <torch/nn/module.h>

#include <quix/detail/separate.hpp>

namespace quix {

/// Initializes a model's weights: convolutions by He et al. (2015), normal with variance 2 / fan-out; linear layers
/// normal with a standard deviation of 0.001; normalization weights 1; biases 0. Other parameters are unchanged.
void init_parameters(torch::nn::Module& model);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/init.ipp>
#endif
