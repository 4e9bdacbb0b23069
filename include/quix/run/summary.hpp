#pragma once

#include <cstdint>
#include <string>

#include <torch/nn/module.h>

#include <quix/detail/separate.hpp>

namespace quix {

/// Numbers that a model learns; those that several modules share count once.
std::uint64_t parameter_count(const torch::nn::Module& model);

/// A model as a human-readable table: a line for each module with direct parameters, with their shapes, number and
/// bytes; then the sums, with frozen parameters and buffers.
std::string describe(const torch::nn::Module& model);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/summary.ipp>
#endif
