// A graphed model in the place of the model: the same training to the bit. Without a GPU its passes are computed again
// in place of a replay, through the same memory and the same operation of autograd.
#include <check.hpp>

#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <quix/proc.hpp>
#include <quix/proc/graph.hpp>
#include <quix/torch/device.hpp>
#include <quix/torch/modules.hpp>
#include <quix/zoo/losses.hpp>

using namespace quix;

namespace {

torch::nn::Sequential network(at::Device device) {
  at::manual_seed(1);
  using namespace torch::nn;
  Sequential out(Linear(6, 16), BatchNorm1d(16), ReLU(), Dropout(0.2), Linear(16, 3));
  out->to(device);
  return out;
}

/// Six steps of 20 samples in three batches each, of which the last is smaller; some bfloat16.
template <class Precision>
NamedTensors train(at::Device device, bool graphed, std::uint64_t& replayed) {
  auto model = network(device);
  // One that two modules share, and one that no pass uses.
  model->register_parameter("tied", model->parameters()[0]);
  model->register_parameter("unused", at::ones({2}, at::TensorOptions(device)));
  BatchProcessor processor(AdamW{.lr = 0.05f}, Constant{}, *model, Precision{}, Ema{.decay = 0.5f},
                           TrainStep<ClipNorm>{.accumulate = 3});
  GraphedModel graph([&](const std::vector<at::Tensor>& x) { return model->forward(x[0]); }, *model, device);
  at::manual_seed(2);
  const auto x = at::randn({20, 6}).to(device);
  const auto y = at::randint(3, {20}, at::kLong).to(device);
  for (int t = 0; t < 6; ++t)
    for (const auto& [begin, size] : {std::pair{0, 8}, {8, 8}, {16, 4}}) {
      const auto input = x.narrow(0, begin, size);
      auto step = processor.step(static_cast<std::size_t>(size));
      step.outputs = graphed ? graph({input}) : model->forward(input);
      step.loss = CrossEntropy{}(step.outputs, y.narrow(0, begin, size));
    }
  replayed = graph.replayed();
  const auto evaluation = processor.evaluation_weights();
  auto out = Weights(*model).parameters;
  for (auto& buffer : Weights(*model).buffers) out.push_back(std::move(buffer));
  for (auto& [name, tensor] : out) tensor = tensor.detach().to(at::kCPU).clone();
  return out;
}

}  // namespace

TESTS {
  const auto device = find_device("auto");
  std::uint64_t none = 0, some = 0;
  const auto check = [&](const NamedTensors& plain, const NamedTensors& graphed) {
    CHECK(none == 0 && some == 12);
    CHECK_EQ(plain.size(), graphed.size());
    for (std::size_t i = 0; i < plain.size(); ++i)
      if (device.is_cuda() ? !plain[i].second.allclose(graphed[i].second, 1e-4, 1e-5)
                           : !plain[i].second.equal(graphed[i].second))
        test::fail(__FILE__, __LINE__,
                   plain[i].first + " differs by " +
                       std::to_string((plain[i].second - graphed[i].second).abs().max().item<double>() * 1e9));
  };
  const auto plain = train<Fp32>(device, false, none);
  check(plain, train<Fp32>(device, true, some));
  check(train<Bf16>(device, false, none), train<Bf16>(device, true, some));
  // What a replay cannot give is said.
  auto model = network(device);
  GraphedModel graph([&](const std::vector<at::Tensor>& x) { return model->forward(x[0]); }, *model, device);
  const auto x = at::randn({8, 6}).to(device);
  const auto first = graph({x}), second = graph({x});
  CHECK_ERROR(first.sum().backward(), "called twice before backward");
  second.sum().backward();
  CHECK_ERROR(graph({x.detach().requires_grad_()}), "an input requires a gradient");
  {
    const at::NoGradGuard evaluating;
    model->eval();
    CHECK(graph({x}).equal(model->forward(x)) && graph.replayed() == 2);
  }
  CHECK(!plain[0].second.equal(network(at::kCPU)->parameters()[0]));
  return 0;
}
