#pragma once

#include <array>
#include <filesystem>
#include <initializer_list>
#include <memory>

#include <torch/nn/module.h>
#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/data/task.hpp>
#include <quix/detail/separate.hpp>

namespace torch::jit {
struct Module;
}

namespace quix {

/// Any model that Python saved with `torch.jit.save(torch.jit.script(model), "net.pt")`: continues training from the
/// weights in the file, with optimizers, checkpoints and evaluation like a C++ module. Its forward takes the sample's
/// inputs in order and returns one tensor.
struct TorchScript {
  std::filesystem::path path{};

  static constexpr std::array notes = {
      quix::note<&TorchScript::path>("file written by torch.jit.save", {.required = true}),
  };
  /// Throws Error for a file without a TorchScript module, or with a frozen one.
  torch::nn::ModuleHolder<class TorchScriptModule> build(const TaskInfo& task) const;
};

/// The module of TorchScript: parameters and buffers are those of the script, under their names in Python.
class TorchScriptModule : public torch::nn::Module {
 public:
  explicit TorchScriptModule(const TorchScript& policy);

  template <class... Inputs>
  at::Tensor forward(const Inputs&... inputs) {
    return run({inputs...});
  }
  void train(bool on = true) override;

 private:
  at::Tensor run(std::initializer_list<at::Tensor> inputs);

  std::filesystem::path path_;
  std::shared_ptr<torch::jit::Module> script_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/torch_script.ipp>
#endif
