// Optimizer steps, without forward and backward: bench_optim [THREADS [DEVICE]]. Prints µs of a step, median and spread
// of 15 rounds, for three models: a small CNN, an MLP, ResNet-18; compared with LibTorch's own C++ AdamW.
// tests/bench/optim.py adds Python's.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/zeros.h>
#include <torch/optim/adamw.h>

#include <quix/proc.hpp>
#include <quix/zoo.hpp>

namespace {

using namespace quix;
using Clock = std::chrono::steady_clock;

using Shapes = std::vector<std::vector<std::int64_t>>;

at::Device device = at::kCPU;

NamedTensors parameters_of(const Shapes& shapes) {
  NamedTensors out;
  for (const auto& shape : shapes) {
    out.emplace_back("p" + std::to_string(out.size()), at::randn(shape).mul_(0.02).to(device).requires_grad_());
    out.back().second.mutable_grad() = at::randn_like(out.back().second).mul_(0.01);
  }
  return out;
}

template <class F>
void measure(const char* model, const char* name, F&& step) {
  const auto finish = [] {  // a GPU has done its work by then
    if (device.is_cuda()) (void)at::zeros({}, at::TensorOptions(device)).item<float>();
  };
  for (int i = 0; i < 5; ++i) step();
  finish();
  const auto begin = Clock::now();
  step(), finish();
  const double once = std::chrono::duration<double>(Clock::now() - begin).count();
  const int n = std::max(1, static_cast<int>(0.03 / once));
  std::vector<double> rounds;
  for (int r = 0; r < 15; ++r) {
    const auto start = Clock::now();
    for (int i = 0; i < n; ++i) step();
    finish();
    rounds.push_back(std::chrono::duration<double>(Clock::now() - start).count() / n * 1e6);
  }
  std::sort(rounds.begin(), rounds.end());
  std::printf("%s,%s,%.2f,%.2f,%.2f\n", model, name, rounds[7], rounds.front(), rounds.back());
}

template <class Policy>
void policy(const char* model, const Shapes& shapes, const Policy& options) {
  auto state = options.build(parameters_of(shapes));
  measure(model, std::string(Policy::name).c_str(), [&] { state.step(1e-6); });
}

}  // namespace

int main(int argc, char** argv) {
  at::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  if (argc > 2) device = at::Device(argv[2]);
  Shapes resnet;
  for (const auto& [name, p] : Weights(*ResNet{.stem = Stem::imagenet}.build(
                                           {.shape = {3, 224, 224}, .inputs = 3 * 224 * 224, .classes = 1000}))
                                   .parameters)
    resnet.push_back(p.sizes().vec());
  const std::pair<const char*, Shapes> models[] = {
      {"cnn", {{16, 1, 3, 3}, {16}, {32, 16, 3, 3}, {32}, {10, 1568}, {10}}},
      {"mlp", {{256, 784}, {256}, {10, 256}, {10}}},
      {"resnet18", resnet}};
  for (const auto& [name, shapes] : models) {
    policy(name, shapes, AdamW{});
    {
      std::vector<at::Tensor> tensors;
      const auto parameters = parameters_of(shapes);
      for (const auto& [key, p] : parameters) tensors.push_back(p);
      torch::optim::AdamW own(tensors, torch::optim::AdamWOptions(1e-6));
      measure(name, "torch::optim::AdamW", [&] { own.step(); });
    }
    policy(name, shapes, Sgd{});
    policy(name, shapes, RmsProp{});
    policy(name, shapes, Lion{});
    policy(name, shapes, Lamb{});
    policy(name, shapes, ScheduleFree{});
    {
      auto parameters = parameters_of(shapes);
      AveragedWeights average(parameters, {}, Buffers::copy);
      average.update(0.9);
      measure(name, "ema", [&] { average.update(0.999); });
      ParameterGroups groups(parameters);
      quix::Gradients gradients(groups);
      measure(name, "norm", [&] { (void)gradients.norm(); });
    }
  }
}
