// Trajectories of 100 steps against Python's torch 2.13 (golden/make_optim.py), rtol 1e-5.
#include <check.hpp>

#include <cmath>
#include <cstdlib>

#include <ATen/ops/tensor.h>

#include <quix/cfg/json.hpp>
#include <quix/io/file.hpp>
#include <quix/proc.hpp>

using namespace quix;

namespace {

std::vector<float> floats(const Node& list) {
  std::vector<float> out;
  for (const auto& item : list.items) out.push_back(static_cast<float>(std::stod(item.text)));
  return out;
}

at::Tensor tensor(const Node& list, at::IntArrayRef shape) { return at::tensor(floats(list)).view(shape).clone(); }

template <class Policy>
void follow(const Node& golden, const char* name, const Policy& policy) {
  const Node& run = *golden.find(name);
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes{{"weight", {3, 4}}, {"bias", {4}}};
  NamedTensors parameters;
  for (const auto& [key, shape] : shapes)
    parameters.emplace_back(key, tensor(*run.find("start")->find(key), shape).requires_grad_());
  auto optim = policy.build(parameters);
  const auto& gradients = golden.find("gradients")->items;
  std::size_t point = 0;
  for (std::size_t t = 1; t <= gradients.size(); ++t) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const bool none = parameters[i].first == "bias" && t % 10 == 0;
      parameters[i].second.mutable_grad() =
          none ? at::Tensor() : tensor(*gradients[t - 1].find(parameters[i].first), shapes[i].second);
    }
    optim.step(policy.lr);
    const auto& points = run.find("points")->items;
    if (point >= points.size() || std::stoull(points[point].find("step")->text) != t) continue;
    for (const auto& [key, parameter] : parameters) {
      const auto expected = floats(*points[point].find(key));
      const float* got = parameter.template data_ptr<float>();
      for (std::size_t i = 0; i < expected.size(); ++i)
        if (std::abs(got[i] - expected[i]) > 1e-5f * std::abs(expected[i]) + 1e-7f)
          test::fail(__FILE__, __LINE__,
                     std::string(name) + " step " + std::to_string(t) + " " + key + ": " + std::to_string(got[i]) +
                         " is not " + std::to_string(expected[i]));
    }
    ++point;
  }
  CHECK_EQ(point, 4u);
}

}  // namespace

TESTS {
  const auto path = std::string(std::getenv("QUIX_GOLDEN")) + "/optim.json";
  const auto golden = json::parse(io::read_text(path), path);
  follow(golden, "adamw", AdamW{.lr = 0.01f, .betas = {0.9f, 0.95f}, .eps = 1e-7f, .weight_decay = 0.1f});
  follow(golden, "sgd", Sgd{.lr = 0.05f, .momentum = 0});
  follow(golden, "sgd_momentum", Sgd{.lr = 0.05f, .momentum = 0.9f, .weight_decay = 0.01f});
  follow(golden, "sgd_nesterov", Sgd{.lr = 0.05f, .momentum = 0.8f, .nesterov = true});
  CHECK_ERROR((Sgd{.momentum = 0, .nesterov = true}.build({})), "optim.nesterov");

  // Its state, by parameter name.
  auto p = at::tensor({1.0f}).requires_grad_();
  auto optim = AdamW{}.build({{"w", p}});
  CHECK_EQ(optim.state().size(), 3u);
  CHECK_EQ(optim.state()[0].first, "exp_avg.w");
  CHECK_EQ(optim.state()[2].first, "step.w");
  optim.step(0.1);  // no gradient: nothing moves, nothing counts
  CHECK_EQ(p.item<float>(), 1.0f);
  CHECK_EQ(optim.state()[2].second.item<float>(), 0.0f);

  // Schedules: pure functions with known values.
  const Cosine cosine{.warmup_epochs = 1, .floor = 0.1f};
  const auto at = [&](double step) { return cosine.factor({.steps = step, .total = 110, .per_epoch = 10}); };
  CHECK(std::abs(at(0) - 1.0 / 11) < 1e-12);
  CHECK(std::abs(at(9) - 10.0 / 11) < 1e-12);
  CHECK(std::abs(at(10) - 1) < 1e-7);
  CHECK(std::abs(at(60) - 0.55) < 1e-7);
  CHECK(std::abs(at(110) - 0.1) < 1e-7);
  CHECK(std::abs(at(500) - 0.1) < 1e-7);
  CHECK_EQ(Constant{}.factor({}), 1.0);
  return 0;
}
