#pragma once

#include <string>
#include <vector>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/layers.hpp>
#include <quix/zoo/torch_script.hpp>

namespace quix {
namespace detail {

/// The first line of LibTorch's message: the rest is for its developers.
inline std::string first_line(const std::exception& error) {
  const std::string what = error.what();
  return what.substr(0, what.find('\n'));
}

}  // namespace detail

QUIX_INLINE torch::nn::ModuleHolder<TorchScriptModule> TorchScript::build(const TaskInfo&) const {
  return torch::nn::ModuleHolder<TorchScriptModule>(std::make_shared<TorchScriptModule>(*this));
}

QUIX_INLINE TorchScriptModule::TorchScriptModule(const TorchScript& policy) : path_(policy.path) {
  if (!std::filesystem::is_regular_file(path_)) throw Error("model.path", "file not found: " + path_.string());
  try {
    script_ = std::make_shared<torch::jit::Module>(torch::jit::load(path_.string()));
  } catch (const std::exception& error) {  // LibTorch's own, and the script compiler's
    throw Error(path_.string(), "not a TorchScript module (" + detail::first_line(error) +
                                    "); write it in Python with  torch.jit.save(torch.jit.script(model), path)");
  }
  // Registered here under the same names; the tensors are those of the script.
  for (const auto& entry : script_->named_parameters()) {
    const bool learns = entry.value.requires_grad();  // a layer frozen in Python stays frozen
    detail::put(*this, entry.name, entry.value).requires_grad_(learns);
  }
  for (const auto& entry : script_->named_buffers()) {
    auto name = entry.name;
    auto& folder = detail::folder_of(*this, name);
    folder.register_buffer(name, entry.value);
  }
  if (parameters().empty())
    throw Error(path_.string(),
                "no parameters to train; if torch.jit.freeze froze them, save the module before freezing");
}

QUIX_INLINE void TorchScriptModule::train(bool on) {
  torch::nn::Module::train(on);
  script_->train(on);
}

QUIX_INLINE at::Tensor TorchScriptModule::run(std::initializer_list<at::Tensor> inputs) {
  const auto out = script_->forward(std::vector<c10::IValue>(inputs.begin(), inputs.end()));
  if (!out.isTensor()) throw Error(path_.string(), "expected forward() to return one tensor, got " + out.tagKind());
  return out.toTensor();
}

}  // namespace quix
