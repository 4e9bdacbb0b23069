#pragma once

#include <string>

#include <torch/types.h>

#include <quix/detail/separate.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

/// The device that a name means: `cpu`, `cuda`, `cuda:1`, or `auto`, the first GPU where there is one. Throws Error for
/// a name that is none, and for a device that is not there.
at::Device find_device(const std::string& name);

/// The random generators that training on a device draws from: their states, to save and to read back.
NamedTensors generator_states(at::Device device);
void set_generator_states(at::Device device, const NamedTensors& states);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/torch/device.ipp>
#endif
