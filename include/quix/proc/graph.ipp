#pragma once

#include <algorithm>
#include <utility>

#include <ATen/autocast_mode.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <quix/proc/buffers.hpp>
#include <quix/proc/cuda_graph.hpp>
#include <quix/proc/graph.hpp>
#include <quix/torch/device.hpp>

namespace quix {
namespace detail {

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

/// Keeps passes alive as long as an operation of autograd needs them.
struct PassesHolder : torch::CustomClassHolder {
  explicit PassesHolder(std::shared_ptr<GraphedModel::Passes> held) : passes(std::move(held)) {}
  std::shared_ptr<GraphedModel::Passes> passes;
};

/// Both passes, to autograd one operation on the parameters.
struct GraphedPass : torch::autograd::Function<GraphedPass> {
  static at::Tensor forward(torch::autograd::AutogradContext* context,
                            const std::shared_ptr<GraphedModel::Passes>& passes, at::TensorList) {
    context->saved_data["passes"] = c10::IValue::make_capsule(c10::make_intrusive<PassesHolder>(passes));
    context->saved_data["call"] = static_cast<std::int64_t>(++passes->calls);
    passes->forward();
    return passes->outputs.detach();
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto holder = context->saved_data["passes"].toCapsule();
    auto& passes = *static_cast<PassesHolder&>(*holder).passes;
    if (static_cast<std::uint64_t>(context->saved_data["call"].toInt()) != passes.calls)
      throw Error("step.cuda_graph",
                  "model called twice before backward; call it once per step, or turn CUDA graphs off");
    if (!passes.output_gradient.defined()) passes.output_gradient = at::empty_like(passes.outputs);
    passes.output_gradient.copy_(gradients[0]);
    passes.backward();
    torch::autograd::variable_list out(1);  // none of the first argument
    // The very tensors: autograd copies what has another owner. A detached one it would keep as the parameter's
    // gradient, and the next replay would write into that.
    out.insert(out.end(), passes.gradients.begin(), passes.gradients.end());
    return out;
  }
};

}  // namespace detail

QUIX_INLINE GraphedModel::GraphedModel(Forward forward, const Weights& weights, at::Device device)
    : forward_(std::move(forward)), buffers_(weights.buffers), device_(device) {
  if (device.is_cuda() && !detail::has_cuda_graphs)
    throw Error("step.cuda_graph",
                "the program was compiled without CUDA's headers (cuda_runtime_api.h); rebuild it with them, or turn "
                "this option off");
  const auto known = [](const std::vector<at::Tensor>& list, const at::Tensor& tensor) {
    return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.is_same(tensor); });
  };
  // One that two modules share is one: autograd would give its gradient twice.
  for (const auto& [name, parameter] : weights.parameters)
    if (parameter.requires_grad() && !known(parameters_, parameter)) parameters_.push_back(parameter);
}

QUIX_INLINE void GraphedModel::record(const std::vector<at::Tensor>& inputs) {
  const auto made = std::make_shared<Passes>();  // becomes passes_ on success
  auto& p = *made;
  p.parameters = parameters_;
  for (const auto& input : inputs) p.inputs.push_back(input.detach().clone());
  // The first time gives the memory; where nothing is recorded, later times write into it.
  const auto live = std::make_shared<at::Tensor>();
  const auto forward = [model = forward_, &p, live] {
    const at::AutoGradMode grad(true);
    *live = model(p.inputs);
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
    p.forward = forward, p.backward = backward;
    passes_ = made;
    return;
  }
  // These passes find algorithms and make workspaces; buffers and random numbers are restored after them.
  const auto generators = generator_states(device_);
  detail::BufferCopies before(buffers_);
  const auto put_back = [&] {
    before.restore();
    set_generator_states(device_, generators);
  };
  try {
    detail::with_recorder(device_, [&](const detail::GraphRecorder& recorder) {
      for (int i = 0; i < 3; ++i) {
        forward();
        p.output_gradient = at::empty_like(p.outputs).zero_();
        backward();
        p.outputs.reset(), p.gradients.clear();
      }
      put_back();
      p.forward = recorder(forward);
      p.output_gradient = at::empty_like(p.outputs);
      p.backward = recorder(backward);
    });
  } catch (...) {
    put_back();
    throw;
  }
  passes_ = made;
}

QUIX_INLINE at::Tensor GraphedModel::operator()(const std::vector<at::Tensor>& inputs) {
  if (!at::GradMode::is_enabled()) return forward_(inputs);  // evaluation, with separate weights
  for (const auto& input : inputs)
    if (input.requires_grad())
      throw Error("step.cuda_graph",
                  "an input requires a gradient, which a replay does not compute; detach it, or turn CUDA graphs off");
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
  return detail::GraphedPass::apply(passes_, at::TensorList(p.parameters));
}

}  // namespace quix
