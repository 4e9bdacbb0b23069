#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <torch/nn/module.h>
#include <torch/types.h>

#include <quix/cfg/error.hpp>
#include <quix/data/task.hpp>
#include <quix/torch/modules.hpp>

// Building blocks of the zoo's models.

namespace quix::detail {

/// A module that only holds other modules, for a dotted name.
class FolderModule : public torch::nn::Module {};

/// The module below `root` that contains a dotted name; created if not found. Cuts the name to its last part.
inline torch::nn::Module& folder_of(torch::nn::Module& root, std::string& name) {
  auto* at = &root;
  for (auto dot = name.find('.'); dot != std::string::npos; dot = name.find('.')) {
    const auto part = name.substr(0, dot);
    const auto children = at->named_children();
    auto* child = children.find(part);
    at = child ? child->get() : at->register_module(part, std::make_shared<FolderModule>()).get();
    name.erase(0, dot + 1);
  }
  return *at;
}
/// Registers a module or a parameter under a dotted name, and returns it.
template <class M>
M put(torch::nn::Module& root, std::string name, M module) {
  auto& folder = folder_of(root, name);
  return folder.register_module(name, std::move(module));
}
inline at::Tensor put(torch::nn::Module& root, std::string name, at::Tensor value) {
  auto& folder = folder_of(root, name);
  return folder.register_parameter(name, std::move(value));
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
    throw Error("model", std::string(model) + " needs images [channels, height, width] of at least " +
                             std::to_string(least) + " pixels; the samples are [" + shape + "]");
  }
  return {task.shape[0], task.shape[1], task.shape[2]};
}
inline std::int64_t class_count(const TaskInfo& task) {
  if (task.classes < 1) throw Error("model", "needs a number of classes; the samples have no class field");
  return task.classes;
}

}  // namespace quix::detail
