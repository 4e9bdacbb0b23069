#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <torch/types.h>

#include <quix/detail/separate.hpp>
#include <quix/proc/core.hpp>

namespace quix {

/// A model whose forward and backward passes are recorded once and then replayed as two CUDA graphs: two calls start
/// the hundreds of kernels of a small model. To autograd it is one operation, so losses, accumulation, clipping and
/// optimizers work as without it.
///
///     quix::GraphedModel graphed([&](const auto& inputs) { return model->forward(inputs[0]); }, *model, device);
///     step.outputs = graphed({image});
///
/// The first call records for inputs of its shapes; inputs of other shapes (the last batch of an epoch), and calls
/// without gradients, run the model directly. The model must perform the same operations each time and read nothing
/// back to the CPU; random numbers are drawn again in each replay. A backward pass belongs to the last call: that of an
/// earlier call throws Error. Inputs are data: one that requires a gradient throws Error. On the CPU nothing is
/// recorded: a replay computes again.
class GraphedModel {
 public:
  using Forward = std::function<at::Tensor(const std::vector<at::Tensor>&)>;

  /// Throws Error for a GPU when quix was compiled without CUDA's headers.
  GraphedModel(Forward forward, const Weights& weights, at::Device device);

  at::Tensor operator()(const std::vector<at::Tensor>& inputs);
  /// Number of replayed calls.
  std::uint64_t replayed() const { return passes_ ? passes_->calls : 0; }

  /// The tensors of autograd's operation.
  struct Passes {
    std::vector<at::Tensor> inputs, parameters;  ///< the memory that the graphs read
    at::Tensor outputs, output_gradient;         ///< … and write, and read
    std::vector<at::Tensor> gradients;           ///< of the parameters; undefined where one is not used
    std::uint64_t calls = 0;
    std::function<void()> forward{}, backward{};  ///< replay
  };

 private:
  void record(const std::vector<at::Tensor>& inputs);

  Forward forward_;
  std::vector<at::Tensor> parameters_;
  NamedTensors buffers_;
  at::Device device_;
  std::shared_ptr<Passes> passes_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/graph.ipp>
#endif
