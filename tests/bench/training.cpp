// Training steps per second of an MLP and a small CNN on images of 28² in batches of 128, in memory; for training.py,
// which runs Python's torch beside it.
//
//     build/tests/bench_training THREADS MODEL        mlp, cnn, or cnn_channels_last
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <ATen/Parallel.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/relu.h>

#include <quix/quix.hpp>

namespace {

struct Cnn : torch::nn::Module {
  Cnn()
      : conv1(register_module("conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(1, 16, 3).padding(1)))),
        conv2(register_module("conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(16, 32, 3).padding(1)))),
        head(register_module("head", torch::nn::Linear(1568, 10))) {}
  at::Tensor forward(const at::Tensor& x) {
    const auto y = at::max_pool2d(at::relu(conv1(x)), 2);
    return head(at::max_pool2d(at::relu(conv2(y)), 2).flatten(1));
  }
  torch::nn::Conv2d conv1, conv2;
  torch::nn::Linear head;
};

template <class Model>
double steps_per_second(Model& model, const at::Tensor& x, const at::Tensor& y) {
  using Clock = std::chrono::steady_clock;
  quix::BatchProcessor processor(quix::AdamW{}, quix::Constant{}, *model);
  const quix::CrossEntropy loss;
  model->train();
  const auto steps = [&](int n) {
    const auto start = Clock::now();
    for (int i = 0; i < n; ++i) {
      auto step = processor.step(128);
      step.outputs = model->forward(x);
      step.loss = loss(step.outputs, y);
    }
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  steps(20);
  const int n = std::max(20, static_cast<int>(20 * 2 / steps(20)));
  return n / steps(n);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  at::set_num_threads(std::atoi(argv[1]));
  quix::keep_freed_memory();
  at::manual_seed(1);
  auto x = at::rand({128, 1, 28, 28});
  const auto y = at::randint(10, {128}, at::kLong);
  double rate = 0;
  if (!std::strcmp(argv[2], "mlp")) {
    using namespace torch::nn;
    auto model = std::make_shared<SequentialImpl>(Flatten(), Linear(784, 256), ReLU(), Linear(256, 10));
    rate = steps_per_second(model, x, y);
  } else {
    // As quix's loader lays images out, those of one channel too; convolutions follow their input.
    if (std::strstr(argv[2], "channels_last")) x = x.to(x.options(), false, true, at::MemoryFormat::ChannelsLast);
    auto model = std::make_shared<Cnn>();
    rate = steps_per_second(model, x, y);
  }
  std::printf("%.2f\n", rate);
  return 0;
}
