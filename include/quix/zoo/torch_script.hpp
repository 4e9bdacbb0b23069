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

/// Any model that Python saved with `torch.jit.save(torch.jit.script(model), "net.pt")`: it goes on training from the
/// weights in the file, with optimizers, checkpoints and evaluation as a module written here. Its forward takes the
/// sample's inputs in their order and returns one tensor.
struct TorchScript {
  std::filesystem::path path{};

  static constexpr std::array notes = {
      quix::note<&TorchScript::path>("file that torch.jit.save wrote", {.required = true}),
  };
  /// Throws Error for a file that holds no TorchScript module, or one that has been frozen.
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
