// What a step can be made of: micro-batches, clipping, precision, averages, other optimizers.
#include <check.hpp>

#include <cmath>
#include <cstring>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

#include <quix/proc.hpp>
#include <quix/torch/modules.hpp>
#include <quix/zoo.hpp>

using namespace quix;

namespace {

torch::nn::Sequential network(std::uint64_t seed = 1) {
  at::manual_seed(seed);
  using namespace torch::nn;
  return Sequential(Linear(6, 16), ReLU(), Linear(16, 3));
}

NamedTensors parameters_of(const torch::nn::Sequential& model) { return Weights(*model).parameters; }

double difference(const NamedTensors& a, const NamedTensors& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, (a[i].second.detach() - b[i].second.detach()).abs().max().item<double>());
  return most;
}

/// 4 steps on 32 samples each, the last on 21, in batches of `size`.
template <class Optim>
NamedTensors train(int size, const Optim& optim, const TrainStep<NoClip>& policy) {
  auto model = network();
  BatchProcessor processor(optim, Constant{}, *model, Fp32{}, NoAverage{}, policy);
  at::manual_seed(9);
  const auto x = at::randn({117, 6});
  const auto y = at::randint(3, {117}, at::kLong);
  const CrossEntropy loss{};
  for (std::int64_t begin = 0; begin < 117; begin += 32) {
    for (std::int64_t i = begin; i < std::min<std::int64_t>(begin + 32, 117); i += size) {
      const auto n = std::min<std::int64_t>(size, std::min<std::int64_t>(begin + 32, 117) - i);
      auto step = processor.step(static_cast<std::size_t>(n));
      step.loss = loss(model->forward(x.narrow(0, i, n)), y.narrow(0, i, n));
    }
    if (begin == 96) processor.finish_epoch();
  }
  CHECK_EQ(processor.steps(), 4u);
  CHECK_EQ(processor.pending(), 0);
  return parameters_of(model);
}

void accumulation() {
  const auto whole = train(32, AdamW{}, {});
  CHECK(difference(whole, parameters_of(network())) > 1e-3);
  CHECK(difference(train(1, AdamW{}, {.accumulate = 32}), whole) < 2e-6);
  CHECK(difference(train(8, AdamW{}, {.accumulate = 4}), whole) < 2e-6);
  CHECK(difference(train(5, AdamW{}, {.accumulate = 7}), whole) < 2e-6);
  CHECK(difference(train(8, Lion{}, {.accumulate = 4}), train(32, Lion{}, {})) < 2e-6);
  // A mean counts as many samples as it has; an exception drops what was gathered.
  auto w = at::tensor({1.0f}).requires_grad_();
  BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"w", w}}, Fp32{}, NoAverage{},
                           TrainStep<NoClip>{.accumulate = 2});
  processor(3, [&](auto& step) { step.loss = w.sum() * 2; });
  CHECK_EQ(w.item<float>(), 1.0f);
  CHECK_EQ(processor.pending(), 1);
  processor(1, [&](auto& step) { step.loss = w.sum() * 6; });
  CHECK_EQ(w.item<float>(), 1.0f - (3 * 2 + 6) / 4.0f);
  CHECK_EQ(processor.report().loss.weight, 4.0);
  processor(1, [&](auto& step) { step.loss = w.sum(); });
  try {
    auto step = processor.step(1);
    throw 1;
  } catch (int) {}
  CHECK_EQ(processor.pending(), 0);
  processor.finish_epoch();
  CHECK_EQ(processor.steps(), 1u);
}

void clipping() {
  const auto once = [](auto clip, float divide = 1) {
    auto a = at::tensor({3.0f, 4.0f}).requires_grad_(), b = at::ones({1, 2}).requires_grad_();
    BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"a", a}, {"b", b}}, Fp32{}, NoAverage{},
                             TrainStep<decltype(clip)>{.clip = clip});
    // Gradients a: (6, 8), b: (0, 10) of norm √200.
    processor(1, [&](auto& step) {
      step.loss = Loss{((a * a).sum() + 10 * b.select(1, 1).sum()) * divide, static_cast<double>(divide)};
    });
    std::vector<float> out;
    for (const auto& t : {at::tensor({3.0f, 4.0f}) - a.detach(), at::ones({2}) - b.detach().view({2})})
      for (int i = 0; i < 2; ++i) out.push_back(t[i].template item<float>());
    out.push_back(static_cast<float>(processor.report().gradient_norm));
    return out;
  };
  const auto near = [](const std::vector<float>& a, const std::vector<float>& b) {
    for (std::size_t i = 0; i < b.size(); ++i)
      if (std::abs(a[i] - b[i]) > 2e-4f * (1 + std::abs(b[i]))) return false;
    return true;
  };
  const float n = std::sqrt(200.0f);
  for (const float divide : {1.0f, 8.0f}) {
    CHECK(near(once(NoClip{}, divide), {6, 8, 0, 10, n}));
    CHECK(near(once(ClipNorm{.max = 1}, divide), {6 / n, 8 / n, 0, 10 / n, n}));
    CHECK(near(once(ClipNorm{.max = 20}, divide), {6, 8, 0, 10}));
    CHECK(near(once(ClipValue{.max = 7}, divide), {6, 7, 0, 7}));
    // Units: the vector a of norm 5, the row b of norm √2.
    const float s = 0.1f * std::sqrt(2.0f) / 10;
    CHECK(near(once(ClipAdaptive{.clip_factor = 0.1f}, divide), {6 * 0.05f, 8 * 0.05f, 0, 10 * s}));
  }
  CHECK(near(once(Choice<NoClip, ClipNorm>(ClipNorm{.max = 1})), {6 / n, 8 / n, 0, 10 / n, n}));
}

void precision() {
  const auto x = at::randn({8, 6});
  for (int round = 0; round < 2; ++round) {
    auto model = network();
    BatchProcessor processor(Sgd{.lr = 0.1f}, Constant{}, *model, Bf16{});
    {
      auto step = processor.step(8);
      step.outputs = model->forward(x);
      CHECK(step.outputs.scalar_type() == at::kBFloat16);
      step.loss = step.outputs.to(at::kFloat).pow(2).mean();
      CHECK(!at::autocast::is_autocast_enabled(at::kCPU));  // metrics are computed as they are
    }
    CHECK(!at::autocast::is_autocast_enabled(at::kCPU));
    CHECK(model->forward(x).scalar_type() == at::kFloat);
    const auto evaluation = processor.evaluation();
    CHECK(model->forward(x).scalar_type() == at::kBFloat16 && at::GradMode::is_enabled() == false);
    {
      const NoAutocast precise(at::kCPU);
      CHECK(model->forward(x).scalar_type() == at::kFloat);
    }
    CHECK(model->forward(x).scalar_type() == at::kBFloat16);
  }
  CHECK(at::GradMode::is_enabled() && !at::autocast::is_autocast_enabled(at::kCPU));
  {  // inference mode, not only no gradients; and what it found is there again, also behind an exception
    auto model = network();
    BatchProcessor inner(Sgd{.lr = 0.1f}, Constant{}, *model, Bf16{});
    {
      const auto evaluation = inner.evaluation();
      CHECK(c10::InferenceMode::is_enabled());
    }
    CHECK(!c10::InferenceMode::is_enabled());
    const Autocast outer(at::kCPU, at::kHalf);
    try {
      auto step = inner.step(8);
      CHECK(at::autocast::get_autocast_dtype(at::kCPU) == at::kBFloat16);
      throw 1;
    } catch (int) {}
    CHECK(at::autocast::is_autocast_enabled(at::kCPU) && at::autocast::get_autocast_dtype(at::kCPU) == at::kHalf);
  }
  // Float32 throughout, unless TF32 is asked for.
  for (const bool tf32 : {true, false}) {
    (void)Fp32{.tf32 = tf32}.autocast();
    CHECK(at::globalContext().allowTF32CuDNN() == tf32 && at::globalContext().allowTF32CuBLAS() == tf32);
  }
  // A loss of half precision is one of float32 before it goes back. float16's gradients cannot hold the first scale,
  // 2^16: that step is skipped, and the next has half of it, as with Python's GradScaler.
  for (const auto type : {at::kHalf, at::kBFloat16}) {
    auto v = at::tensor({2.0f}).requires_grad_();
    BatchProcessor halves(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"v", v}}, Fp16{});
    if (type == at::kHalf) {
      halves(1, [&](auto& step) { step.loss = (v * 3).to(type).sum(); });
      CHECK(halves.report().skipped && halves.report().loss_scale == 65536 && v.item<float>() == 2);
    }
    halves(1, [&](auto& step) { step.loss = (v * 3).to(type).sum(); });
    CHECK(!halves.report().skipped && std::abs(v.item<float>() + 1) < 1e-3);
  }

  // fp16: the loss is scaled, clipping and the fused step see true gradients; an overflow halves the scale and skips.
  auto w = at::tensor({2.0f}).requires_grad_();
  BatchProcessor processor(AdamW{.lr = 0.1f}, Constant{}, {{"w", w}}, Fp16{.init_scale = 1024, .growth_interval = 2},
                           NoAverage{}, TrainStep<ClipNorm>{.clip = {.max = 1}});
  processor(1, [&](auto& step) { step.loss = (w * 3).sum(); });
  CHECK(std::abs(processor.report().gradient_norm - 3) < 1e-4 && processor.report().loss_scale == 1024);
  CHECK(std::abs(w.item<float>() - 1.9f * 1.0f) < 5e-3);
  const float before = w.item<float>();
  processor(1, [&](auto& step) { step.loss = (w * INFINITY).sum() * 0 + w.sum(); });
  CHECK(processor.report().skipped && w.item<float>() == before);
  const auto scale_of = [&] {
    for (const auto& [name, tensor] : processor.state().tensors())
      if (name == "scaler.scale") return tensor.item<double>();
    return 0.0;
  };
  CHECK_EQ(scale_of(), 1024.0);  // the loss itself was no number: the scale is not to blame
  processor(1, [&](auto& step) { step.loss = w.sum() + (w - w.detach()).pow(0.5).sum(); });
  CHECK(processor.report().skipped && scale_of() == 512 && w.item<float>() == before);
  for (int i = 0; i < 2; ++i) processor(1, [&](auto& step) { step.loss = w.sum(); });
  CHECK_EQ(scale_of(), 1024.0);
}

void averages() {
  auto w = at::tensor({0.0f}).requires_grad_();
  const auto buffer = at::zeros_like(w).requires_grad_(false), count = at::zeros({}, at::kLong);
  const Weights weights{{{"w", w}}, {{"mean", buffer}, {"count", count}}};
  const auto step = [&](auto& processor) {
    processor(1, [&](auto& s) { s.loss = -w.sum(); });  // w grows by 1
    buffer.add_(1), count.add_(1);
  };
  // average: 1, then 0.9 · 1 + 0.1 · 2, …
  BatchProcessor ema(Sgd{.lr = 1, .momentum = 0}, Constant{}, weights, Fp32{},
                     Ema{.decay = 0.9f, .buffers = Buffers::average});
  ema.plan(10, 10);
  for (int i = 0; i < 3; ++i) step(ema);
  double expected = 1;
  for (const int k : {2, 3}) expected = 0.9 * expected + 0.1 * k;
  const auto* memory = w.data_ptr<float>();
  {
    const auto evaluation = ema.evaluation();
    CHECK(std::abs(w.item<double>() - expected) < 1e-6);
    CHECK(w.data_ptr<float>() != memory);  // exchanged, not copied
    CHECK(std::abs(buffer.item<double>() - (0.9 * (0.9 * 0 + 0.1 * 1) + 0.1 * 2)) < 1e-6);
    CHECK_EQ(count.item<std::int64_t>(), 2);
  }
  CHECK(w.item<float>() == 3 && w.data_ptr<float>() == memory && count.item<std::int64_t>() == 3);
  CHECK_EQ(ema.state().tensors().size(),
           5 + 4u);  // step of w, steps, rate_scale, skipped, unit; three averages, their updates

  // By default buffers are copied.
  buffer.zero_();
  BatchProcessor copies(Sgd{.lr = 1, .momentum = 0}, Constant{}, weights, Fp32{}, Ema{.decay = 0.9f});
  copies.plan(10, 10);
  for (int i = 0; i < 3; ++i) step(copies);
  {
    const auto evaluation = copies.evaluation();
    CHECK_EQ(buffer.item<float>(), 2.0f);  // as the last update of the average saw it
  }
  CHECK_EQ(buffer.item<float>(), 3.0f);

  const Progress p{.steps = 40, .total = 100, .per_epoch = 10, .samples = 32};
  CHECK_EQ(Ema({.every = 3}).decay_at(5, p), -1.0);
  CHECK_EQ(Ema({.warmup = {5}}).decay_at(5, p), 0.0);
  CHECK(std::abs(Ema{.ramp = true}.decay_at(8, p) - 0.5) < 1e-12);
  // Python quix: 256 samples, every 8 steps, 300 epochs, decay 0.9998 … its notes: 0.998635 for alpha 2e-4 × 6.827
  const Progress python{.steps = 8, .total = 300 * 100, .per_epoch = 100, .samples = 256};
  CHECK(std::abs(Ema{.decay = 0.9998f, .every = 8, .adjust = true}.decay_at(5, python) - 0.998635) < 1e-6);
  const auto swa = [](double steps) { return Swa{}.decay_at(3, {.steps = steps, .total = 100, .per_epoch = 10}); };
  CHECK(swa(74) == -1 && swa(75) == 0.75 && swa(76) == -1 && swa(85) == 0.75);

  // The mean of what the weights were at two points.
  w.detach().zero_();
  BatchProcessor mean(Sgd{.lr = 1, .momentum = 0}, Constant{}, weights, Fp32{},
                      Swa{.start = {4, TrainTime::Unit::steps}, .every = {2, TrainTime::Unit::steps}});
  mean.plan(8, 8);
  for (int i = 0; i < 7; ++i) {
    step(mean);
    const auto evaluation = mean.evaluation();
    CHECK_EQ(w.item<float>(), i < 3 ? static_cast<float>(i + 1) : i < 5 ? 4.0f : 5.0f);
  }
}

void nothing_counts() {
  // A batch of weight 0, whose pixels are all void, changes nothing, also as the first of a step.
  auto w = at::tensor({1.0f}).requires_grad_();
  BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"w", w}}, Fp32{}, NoAverage{},
                           TrainStep<NoClip>{.accumulate = 2});
  processor(1, [&](auto& step) { step.loss = Loss{w.sum() * 0, 0}; });
  CHECK_EQ(processor.last_loss().weight, 0.0);
  processor(1, [&](auto& step) { step.loss = Loss{w.sum() * 6, 3}; });
  CHECK(w.item<float>() == -1 && !processor.report().skipped);
  for (int i = 0; i < 2; ++i) processor(1, [&](auto& step) { step.loss = Loss{w.sum() * 0, 0}; });
  CHECK(w.item<float>() == -1 && processor.steps() == 2 && !processor.report().skipped);
}

void shared_weights_are_averaged_once() {
  auto w = at::tensor({0.0f}).requires_grad_();
  BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"w", w}, {"tied", w}}, Fp32{},
                           Ema{.decay = 0.5f});
  for (int i = 0; i < 2; ++i) processor(1, [&](auto& step) { step.loss = -w.sum(); });
  {
    const auto evaluation = processor.evaluation();
    CHECK_EQ(w.item<float>(), 1.5f);
  }
  CHECK_EQ(w.item<float>(), 2.0f);
  // An average that is due in a step that is skipped is not lost.
  BatchProcessor every(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"w", w}}, Fp32{}, Ema{.every = 2});
  every(1, [&](auto& step) { step.loss = -w.sum(); });
  every(1, [&](auto& step) { step.loss = -w.sum() * INFINITY; });
  CHECK(every.report().skipped && every.has_evaluation_weights());
}

/// An optimizer of one's own, without step(rate, divide): gradients come divided.
struct Plain {
  float lr = 1;
  struct State {
    NamedTensors parameters;
    void step(double rate) {
      const at::NoGradGuard no_grad;
      for (auto& [name, p] : parameters)
        if (p.grad().defined()) p.sub_(p.grad(), rate);
    }
    NamedTensors state() const { return {}; }
  };
  State build(const ParameterGroups& groups) const { return {groups[0].parameters}; }
};

void own_optimizer() {
  auto w = at::tensor({0.0f}).requires_grad_();
  for (int choice = 0; choice < 2; ++choice) {
    w.detach().zero_();
    const auto run = [&](const auto& optim) {
      BatchProcessor processor(optim, Constant{}, {{"w", w}}, Fp32{}, NoAverage{}, TrainStep<NoClip>{.accumulate = 2});
      processor(1, [&](auto& step) { step.loss = Loss{w.sum() * 4, 4}; });
      processor(1, [&](auto& step) { step.loss = Loss{w.sum() * 2, 4}; });
    };
    if (choice)
      run(Choice<Sgd, Plain>(Plain{}));
    else
      run(Plain{});
    CHECK(std::abs(w.item<float>() + 6.0f / 8) < 1e-6);
  }
  // Several outputs of a model, by their own type; a log.
  struct Two {
    at::Tensor a, b;
  };
  std::vector<double> seen;
  const auto log = [&](const StepReport& report) { seen.push_back(report.loss.value()); };
  BatchProcessor logged(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"w", w}}, Fp32{}, NoAverage{}, TrainStep<NoClip>{},
                        log);
  {
    auto step = logged.step<Two>(1);
    step.outputs = {w * 2, w * 3};
    step.loss = step.outputs.a.sum() + step.outputs.b.sum();
  }
  CHECK(seen.size() == 1 && std::abs(seen[0] + 5 * 0.75) < 1e-5);
}

}  // namespace

TESTS {
  accumulation(), clipping(), precision(), averages(), own_optimizer();
  nothing_counts(), shared_weights_are_averaged_once();
  return 0;
}
