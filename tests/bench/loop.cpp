// What quix costs over a loop written by hand: the same model, loss, batches and kernels; samples decoded beforehand,
// so that only the processor's scope is compared. Alternating passes in one process.
//
//     cmake --build build --target bench_loop && build/tests/bench_loop
#include <algorithm>
#include <chrono>
#include <cstdio>

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <quix/quix.hpp>

namespace {

using Clock = std::chrono::steady_clock;
constexpr int batches = 2000;

auto make_model(int width) {
  using namespace torch::nn;
  quix::seed_generator(1);
  return Sequential(Linear(16, width), ReLU(), Linear(width, 10));
}

quix::NamedTensors parameters(torch::nn::Sequential& model) {
  quix::NamedTensors out;
  for (const auto& item : model->named_parameters()) out.emplace_back(item.key(), item.value());
  return out;
}

double by_hand(torch::nn::Sequential& model, const at::Tensor& x, const at::Tensor& y) {
  std::vector<at::Tensor> p = model->parameters(), m, v, steps;
  for (const auto& t : p) {
    const at::NoGradGuard no_grad;
    m.push_back(at::zeros_like(t)), v.push_back(at::zeros_like(t)), steps.push_back(at::zeros({}));
  }
  double sum = 0;
  const auto start = Clock::now();
  for (int i = 0; i < batches; ++i) {
    const auto loss = at::cross_entropy_loss(model->forward(x), y);
    sum += loss.item<double>();
    loss.backward();
    {
      const at::NoGradGuard no_grad;
      std::vector<at::Tensor> g;
      for (auto& t : p) g.push_back(t.grad());
      for (auto& s : steps) *s.data_ptr<float>() += 1;
      at::_fused_adamw_(p, g, m, v, {}, steps, 1e-3, 0.9, 0.999, 0.01, 1e-8, false, false);
    }
    for (auto& t : p) t.mutable_grad().reset();
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / batches + 0 * sum;
}

/// `gradients`: whether all gradients are looked at, too.
double by_quix(torch::nn::Sequential& model, const at::Tensor& x, const at::Tensor& y, bool gradients) {
  quix::BatchProcessor processor(quix::AdamW{}, quix::Constant{}, parameters(model), quix::Fp32{}, quix::NoAverage{},
                                 quix::TrainStep<quix::NoClip>{.non_finite = {.gradients = gradients}}, {},
                                 {.decay_norms = true, .decay_biases = true});  // one group, as by hand
  const quix::CrossEntropy loss;
  double sum = 0;
  const auto start = Clock::now();
  for (int i = 0; i < batches; ++i) {
    {
      auto step = processor.step(static_cast<std::size_t>(x.size(0)));
      step.outputs = model->forward(x);
      step.loss = loss(step.outputs, y);
    }
    sum += processor.last_loss().sum;
  }
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / batches + 0 * sum;
}

}  // namespace

int main() {
  quix::set_compute_threads(1);
  for (const int width : {16, 512}) {
    const auto x = at::rand({32, 16}), y = at::randint(0, 10, {32}, at::kLong);
    std::vector<double> hand, bare, checked;
    for (int run = 0; run < 12; ++run) {
      auto a = make_model(width), b = make_model(width), c = make_model(width);
      const double h = by_hand(a, x, y), q = by_quix(b, x, y, false), g = by_quix(c, x, y, true);
      if (run > 1) hand.push_back(h), bare.push_back(q - h), checked.push_back(g - h);
    }
    for (auto* list : {&hand, &bare, &checked}) std::sort(list->begin(), list->end());
    const auto mid = hand.size() / 2;
    std::printf(
        "width %3d: by hand %.1f us a step; quix %+.2f us (%.2f … %.2f), looking at gradients %+.2f us (%.2f … %.2f)\n",
        width, hand[mid], bare[mid], bare.front(), bare.back(), checked[mid], checked.front(), checked.back());
  }
}
