#pragma once

#include <algorithm>
#include <utility>

#include <ATen/autocast_mode.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <quix/proc/graph.hpp>
#include <quix/torch/device.hpp>

#if __has_include(<cuda_runtime_api.h>) && __has_include(<c10/cuda/impl/cuda_cmake_macros.h>)
#define QUIX_CUDA_GRAPHS true
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#else
#define QUIX_CUDA_GRAPHS false
#endif

namespace quix {
namespace detail {

inline constexpr bool has_cuda_graphs = QUIX_CUDA_GRAPHS;

/// Runs some work on a GPU, or records it: work(record), where record(f) gives what replays f.
using Recorder = std::function<std::function<void()>(const std::function<void()>&)>;

#if QUIX_CUDA_GRAPHS
/// On a stream of its own, as recording asks for. What is recorded shares one pool of memory.
inline void on_recording_stream(at::Device device, const std::function<void(const Recorder&)>& work) {
  c10::cuda::device_synchronize();
  {
    const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index()));
    const auto pool = at::cuda::graph_pool_handle();
    work([&](const std::function<void()>& f) -> std::function<void()> {
      const auto graph = std::make_shared<at::cuda::CUDAGraph>();
      graph->capture_begin(pool);
      f();
      graph->capture_end();
      return [graph] { graph->replay(); };
    });
    c10::cuda::device_synchronize();
  }
}
#else
inline void on_recording_stream(at::Device, const std::function<void(const Recorder&)>&) {}
#endif

/// Casts that autocast keeps would be those of a recording.
class NoCastCache {
 public:
  NoCastCache() : before_(at::autocast::is_autocast_cache_enabled()) {
    at::autocast::set_autocast_cache_enabled(false);
  }
  ~NoCastCache() { at::autocast::set_autocast_cache_enabled(before_); }
  NoCastCache(const NoCastCache&) = delete;

 private:
  bool before_;
};

/// Both passes, to autograd one operation on the parameters.
struct GraphedPass : torch::autograd::Function<GraphedPass> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, GraphedModel::Passes* passes, at::TensorList) {
    context->saved_data["passes"] = static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(passes));
    passes->forward();
    return passes->outputs.detach();
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    auto* passes =
        reinterpret_cast<GraphedModel::Passes*>(static_cast<std::intptr_t>(context->saved_data["passes"].toInt()));
    if (!passes->output_gradient.defined()) passes->output_gradient = at::empty_like(passes->outputs);
    passes->output_gradient.copy_(gradients[0]);
    passes->backward();
    torch::autograd::variable_list out(1);  // none of the first argument
    // The very tensors: autograd copies what has another owner. A detached one it would keep as the parameter's
    // gradient, and the next replay would write into that.
    out.insert(out.end(), passes->gradients.begin(), passes->gradients.end());
    return out;
  }
};

}  // namespace detail

QUIX_INLINE GraphedModel::GraphedModel(Forward forward, const Weights& weights, at::Device device)
    : forward_(std::move(forward)), device_(device) {
  if (device.is_cuda() && !detail::has_cuda_graphs)
    throw Error(
        "step.cuda_graph",
        "needs CUDA's headers where the program is compiled (cuda_runtime_api.h); build it with them, or without "
        "this option");
  for (const auto& [name, parameter] : weights.parameters)
    if (parameter.requires_grad()) parameters_.push_back(parameter);
  for (const auto& [name, buffer] : weights.buffers) buffers_.push_back(buffer);
}

QUIX_INLINE void GraphedModel::record(const std::vector<at::Tensor>& inputs) {
  passes_ = std::make_unique<Passes>();
  auto& p = *passes_;
  p.parameters = parameters_;
  for (const auto& input : inputs) p.inputs.push_back(input.detach().clone());
  // The first time gives the memory; where nothing is recorded, later times write into it.
  const auto live = std::make_shared<at::Tensor>();
  const auto forward = [this, &p, live] {
    const at::AutoGradMode grad(true);
    *live = forward_(p.inputs);
    if (p.outputs.defined())
      p.outputs.copy_(live->detach());
    else
      p.outputs = live->detach();
  };
  const auto backward = [&p, live] {
    auto found = torch::autograd::grad({*live}, p.parameters, {p.output_gradient}, std::nullopt,
                                       /*create_graph=*/false, /*allow_unused=*/true);
    if (p.gradients.empty()) {
      p.gradients = std::move(found);
    } else {
      for (std::size_t i = 0; i < found.size(); ++i)
        if (found[i].defined()) p.gradients[i].copy_(found[i]);
    }
  };
  const detail::NoCastCache no_cache;
  if (!device_.is_cuda()) {
    // The memory alone: a model in training has buffers and draws that one pass more would move.
    p.forward = forward, p.backward = backward;
    return;
  }
  // Passes that find algorithms and make workspaces: buffers and random numbers are put back behind them.
  const auto generators = generator_states(device_);
  std::vector<at::Tensor> before;
  for (const auto& buffer : buffers_) before.push_back(buffer.detach().clone());
  detail::on_recording_stream(device_, [&](const detail::Recorder& recorder) {
    for (int i = 0; i < 3; ++i) {
      forward();
      p.output_gradient = at::empty_like(p.outputs).zero_();
      backward();
      p.outputs.reset(), p.gradients.clear();
    }
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].copy_(before[i]);
    set_generator_states(device_, generators);
    p.forward = recorder(forward);
    p.output_gradient = at::empty_like(p.outputs);
    p.backward = recorder(backward);
  });
}

QUIX_INLINE at::Tensor GraphedModel::operator()(const std::vector<at::Tensor>& inputs) {
  if (!passes_) record(inputs);
  auto& p = *passes_;
  const bool fits = inputs.size() == p.inputs.size() &&
                    std::equal(inputs.begin(), inputs.end(), p.inputs.begin(), [](const auto& a, const auto& b) {
                      return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type();
                    });
  if (!fits) return forward_(inputs);
  {
    const at::NoGradGuard no_grad;
    for (std::size_t i = 0; i < inputs.size(); ++i) p.inputs[i].copy_(inputs[i]);
  }
  ++replayed_;
  return detail::GraphedPass::apply(&p, at::TensorList(p.parameters));
}

}  // namespace quix

#undef QUIX_CUDA_GRAPHS
