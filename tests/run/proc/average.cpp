// Averages of weights, step by step against golden/make_average.py: decay, warm-up, intervals, SWA's start. Over an
// optimizer that evaluates other weights than it trains, they average those.
#include <check.hpp>

#include <cmath>
#include <cstdlib>

#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>

#include <quix/cfg/json.hpp>
#include <quix/io/file.hpp>
#include <quix/proc.hpp>

using namespace quix;

namespace {

Node golden;

std::vector<double> numbers(const Node& list) {
  std::vector<double> out;
  for (const auto& item : list.items) out.push_back(std::stod(item.text));
  return out;
}

/// Goes where it is told: the weights after each step are the golden ones.
struct Led {
  float lr = 1;
  struct State {
    at::Tensor w;
    std::size_t t = 0;
    void step(double) {
      const at::NoGradGuard no_grad;
      w.copy_(at::tensor(numbers(golden.find("weights")->items[t++])));
    }
    NamedTensors state() const { return {}; }
  };
  State build(const ParameterGroups& groups) const { return {groups[0].parameters[0].second}; }
};

template <class A>
void follows(const char* name, const A& policy) {
  auto w = at::ones({5}).requires_grad_();
  BatchProcessor processor(Led{}, Constant{}, {{"w", w}}, Fp32{}, policy);
  const auto& expected = golden.find(name)->items;
  processor.plan(expected.size(), 4, 8);
  for (std::size_t t = 0; t < expected.size(); ++t) {
    processor(8, [&](auto& step) { step.loss = w.sum(); });
    const auto evaluation = processor.evaluation();
    const auto values = numbers(expected[t]);
    for (std::size_t i = 0; i < values.size(); ++i)
      if (const double got = w.template data_ptr<float>()[i]; std::abs(got - values[i]) > 2e-6 * (1 + std::abs(got)))
        return test::fail(__FILE__, __LINE__,
                          std::string(name) + " step " + std::to_string(t + 1) + ": " + std::to_string(got) +
                              " is not " + std::to_string(values[i]));
  }
}

/// ScheduleFree trains y and evaluates x. An average is one of x, and before there is one evaluation takes x.
void over_schedule_free() {
  const ScheduleFree optim{.lr = 0.5f, .betas = {0.6f, 0.9f}};
  constexpr int steps = 8;
  /// What evaluation sees after each step.
  const auto run = [&](const auto& average) {
    auto w = at::tensor({1.0f, -2.0f}).requires_grad_();
    BatchProcessor processor(optim, Constant{}, {{"w", w}}, Fp32{}, average);
    processor.plan(steps, steps);
    std::vector<at::Tensor> evaluated, trained;
    for (int t = 0; t < steps; ++t) {
      processor(1, [&](auto& step) { step.loss = (w * w).sum() * (1 + t % 3); });
      trained.push_back(w.detach().clone());
      CHECK(processor.has_evaluation_weights());
      const auto evaluation = processor.evaluation_weights();
      evaluated.push_back(w.detach().clone());
    }
    return std::pair(evaluated, trained);
  };
  const auto [x, y] = run(NoAverage{});
  CHECK(!x.back().allclose(y.back(), 1e-3, 1e-3));
  const auto [mean, y_mean] = run(Swa{.start = {5, TrainTime::Unit::steps}, .every = {1, TrainTime::Unit::steps}});
  const auto [ema, y_ema] = run(Ema{.decay = 0.75f});
  auto average = x[0], sum = at::zeros({2});
  for (std::size_t t = 0; t < steps; ++t) {
    CHECK(y_mean[t].equal(y[t]) && y_ema[t].equal(y[t]));  // training is what it is without an average
    if (t < 4) {
      CHECK(mean[t].equal(x[t]));
    } else {
      sum = sum + x[t];
      CHECK(mean[t].allclose(sum / static_cast<double>(t - 3), 1e-6, 1e-6));
    }
    if (t > 0) average = 0.75 * average + 0.25 * x[t];
    CHECK(ema[t].allclose(average, 1e-6, 1e-6));
  }
}

}  // namespace

TESTS {
  const auto path = std::string(std::getenv("QUIX_GOLDEN")) + "/average.json";
  golden = json::parse(io::read_text(path), path);
  follows("ema", Ema{.decay = 0.9f});
  follows("ema_every", Ema{.decay = 0.75f, .every = 3});
  follows("ema_warmup", Ema{.decay = 0.9f, .warmup = {6, TrainTime::Unit::steps}});
  follows("ema_warmup", Ema{.decay = 0.9f, .warmup = {1.5}});
  follows("ema_warmup", Ema{.decay = 0.9f, .warmup = {48, TrainTime::Unit::samples}});
  follows("ema_warmup", Ema{.decay = 0.9f, .warmup = {30, TrainTime::Unit::percent}});
  follows("ema_ramp", Ema{.decay = 0.8f, .ramp = true});
  follows("swa", Swa{.start = {8, TrainTime::Unit::steps}, .every = {1}});
  follows("swa", Choice<NoAverage, Ema, Swa>(Swa{.start = {40, TrainTime::Unit::percent}, .every = {1}}));
  over_schedule_free();
  return 0;
}
