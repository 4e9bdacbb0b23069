#pragma once

#include <string>

#include <torch/types.h>

#include <quix/detail/separate.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

/// The device of a name: `cpu`, `cuda`, `cuda:1`, or `auto`, the first GPU if available. Throws Error for an unknown
/// name, and for a device that is not available.
at::Device find_device(const std::string& name);

/// The states of the random generators that training on a device uses, to save and to restore.
NamedTensors generator_states(at::Device device);
void set_generator_states(at::Device device, const NamedTensors& states);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/torch/device.ipp>
#endif
