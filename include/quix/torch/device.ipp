#pragma once

#include <mutex>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <quix/cfg/error.hpp>
#include <quix/torch/device.hpp>

namespace quix {
namespace detail {

inline at::Generator generator_of(at::DeviceType type, at::DeviceIndex index) {
  return type == at::kCUDA ? at::globalContext().defaultGenerator({type, index}) : at::detail::getDefaultCPUGenerator();
}

}  // namespace detail

QUIX_INLINE at::Device find_device(const std::string& name) {
  const auto there = at::hasCUDA() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
  if (name == "cpu" || (name == "auto" && there == 0)) return at::kCPU;
  const bool one = name.starts_with("cuda:") && name.size() > 5 && name.size() < 9 &&
                   name.find_first_not_of("0123456789", 5) == name.npos;
  if (name != "cuda" && name != "auto" && !one)
    throw Error("train.device", "unknown device " + name + "; use cpu, cuda, cuda:N or auto");
  const int index = one ? std::stoi(name.substr(5)) : 0;
  if (index >= there)
    throw Error("train.device", name + " not available: " +
                                    (there == 0   ? std::string("this LibTorch finds no GPU")
                                     : there == 1 ? std::string("there is one GPU, cuda:0")
                                                  : "the last GPU is cuda:" + std::to_string(there - 1)) +
                                    "; use cpu or auto");
  return {at::kCUDA, static_cast<at::DeviceIndex>(index)};
}

QUIX_INLINE NamedTensors generator_states(at::Device device) {
  NamedTensors out;
  const auto add = [&](const char* name, at::Generator generator) {
    const std::lock_guard lock(generator.mutex());
    out.emplace_back(name, generator.get_state());
  };
  add("cpu", detail::generator_of(at::kCPU, 0));
  if (device.is_cuda()) add("cuda", detail::generator_of(at::kCUDA, device.index()));
  return out;
}

QUIX_INLINE void set_generator_states(at::Device device, const NamedTensors& states) {
  for (const auto& [name, state] : states) {
    auto generator = detail::generator_of(name == "cuda" ? at::kCUDA : at::kCPU, device.index());
    const std::lock_guard lock(generator.mutex());
    generator.set_state(state);
  }
}

}  // namespace quix
