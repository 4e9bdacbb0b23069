// Training steps per second of an MLP and a small CNN on images of 28² in batches of 128, in memory; for training.py
// and gpu.py, which compare it with Python's torch. On a GPU also ResNet-18 on images of 224² in bfloat16.
//
//     build/tests/bench_training THREADS MODEL [DEVICE [graph]]
//
// MODEL is mlp, cnn, cnn_channels_last or resnet18; DEVICE cpu or cuda; graph replays the model's passes.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <ATen/Parallel.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/relu.h>

#include <quix/proc/graph.hpp>
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

template <class Precision = quix::Fp32, class Model>
double steps_per_second(Model& model, const at::Tensor& x, const at::Tensor& y, bool graphed) {
  using Clock = std::chrono::steady_clock;
  model->to(x.device());
  quix::BatchProcessor processor(quix::AdamW{}, quix::Constant{}, *model, Precision{});
  const quix::CrossEntropy loss;
  std::optional<quix::GraphedModel> graph;
  if (graphed)
    graph.emplace([&](const std::vector<at::Tensor>& in) { return model->forward(in[0]); }, *model, x.device());
  model->train();
  const auto steps = [&](int n) {
    const auto start = Clock::now();
    for (int i = 0; i < n; ++i) {
      auto step = processor.step(static_cast<std::size_t>(x.size(0)));
      step.outputs = graph ? (*graph)({x}) : model->forward(x);
      step.loss = loss(step.outputs, y);
    }
    (void)model->parameters()[0].flatten()[0].template item<float>();  // a GPU has done them by then
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
  const at::Device device(argc > 3 ? argv[3] : "cpu");
  const bool graphed = argc > 4;
  const std::string_view name = argv[2];
  const auto side = name == "resnet18" ? 224 : 28;
  auto x = at::rand({128, name == "resnet18" ? 3 : 1, side, side}).to(device);
  const auto y = at::randint(10, {128}, at::kLong).to(device);
  double rate = 0;
  if (name == "mlp") {
    using namespace torch::nn;
    auto model = std::make_shared<SequentialImpl>(Flatten(), Linear(784, 256), ReLU(), Linear(256, 10));
    rate = steps_per_second(model, x, y, graphed);
  } else {
    // As quix's loader lays images out, those of one channel too; convolutions follow their input.
    if (name != "cnn") x = x.to(x.options(), false, true, at::MemoryFormat::ChannelsLast);
    if (name == "resnet18") {
      auto model = quix::ResNet{.stem = quix::Stem::imagenet}.build(
          {.shape = {3, 224, 224}, .inputs = 3 * 224 * 224, .classes = 1000});
      rate = steps_per_second<quix::Bf16>(model, x, y, graphed);
    } else {
      auto model = std::make_shared<Cnn>();
      rate = steps_per_second(model, x, y, graphed);
    }
  }
  std::printf("%.2f\n", rate);
  return 0;
}
