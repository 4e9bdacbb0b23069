#pragma once

// Trajectories of optimizers: what golden/make_optim.py wrote, followed step by step.

#include <check.hpp>

#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <ATen/ops/tensor.h>

#include <quix/cfg/json.hpp>
#include <quix/io/file.hpp>
#include <quix/proc.hpp>

using namespace quix;

inline Node golden_optimizers() {
  const auto path = std::string(std::getenv("QUIX_GOLDEN")) + "/optim.json";
  return json::parse(io::read_text(path), path);
}

inline std::vector<float> floats(const Node& list) {
  std::vector<float> out;
  for (const auto& item : list.items) out.push_back(static_cast<float>(std::stod(item.text)));
  return out;
}

inline at::Tensor tensor(const Node& list, at::IntArrayRef shape) {
  return at::tensor(floats(list)).view(shape).clone();
}

/// `type`: the element type of the parameters; `divide`: gradients come that much too large.
template <class Policy>
void follow(const Node& golden, const char* name, const Policy& policy, double tolerance = 1e-5,
            at::ScalarType type = at::kFloat, double divide = 1,
            const std::pair<std::string, std::vector<std::int64_t>>& matrix = {"weight", {3, 4}}) {
  const Node& run = *golden.find(name);
  const std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes{matrix, {"bias", {4}}};
  NamedTensors parameters;
  for (const auto& [key, shape] : shapes)
    parameters.emplace_back(key, tensor(*run.find("start")->find(key), shape).to(type).requires_grad_());
  auto optim = policy.build(parameters);
  const auto& gradients = golden.find("gradients")->items;
  std::size_t point = 0;
  for (std::size_t t = 1; t <= gradients.size(); ++t) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const bool none = parameters[i].first == "bias" && t % 10 == 0;
      parameters[i].second.mutable_grad() =
          none ? at::Tensor() : tensor(*gradients[t - 1].find(parameters[i].first), shapes[i].second).to(type) * divide;
    }
    if constexpr (requires { optim.step(policy.lr, divide); }) {
      optim.step(policy.lr, divide);
    } else {
      quix::detail::divide_gradients(parameters, divide);
      optim.step(policy.lr);
    }
    const auto& points = run.find("points")->items;
    if (point >= points.size() || std::stoull(points[point].find("step")->text) != t) continue;
    for (const auto& [key, parameter] : parameters) {
      const auto expected = floats(*points[point].find(key));
      const auto values = parameter.detach().to(at::kFloat).contiguous();
      const float* got = values.template data_ptr<float>();
      for (std::size_t i = 0; i < expected.size(); ++i)
        if (std::abs(got[i] - expected[i]) > tolerance * std::abs(expected[i]) + tolerance / 100)
          test::fail(__FILE__, __LINE__,
                     std::string(name) + " step " + std::to_string(t) + " " + key + ": " + std::to_string(got[i]) +
                         " is not " + std::to_string(expected[i]));
    }
    ++point;
  }
  CHECK_EQ(point, 4u);
  // What evaluation uses, where it is something else; and exactly the parameters of training again.
  if constexpr (requires { optim.evaluate(true); }) {
    std::vector<at::Tensor> before;
    for (const auto& [key, parameter] : parameters) before.push_back(parameter.detach().clone());
    optim.evaluate(true), optim.evaluate(true);
    for (const auto& [key, parameter] : parameters) {
      const auto expected = floats(*run.find("average")->find(key));
      const auto values = parameter.detach().to(at::kFloat).contiguous();
      for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(std::abs(values.template data_ptr<float>()[i] - expected[i]) < 1e-5);
    }
    optim.evaluate(false), optim.evaluate(false);
    for (std::size_t i = 0; i < parameters.size(); ++i) CHECK(parameters[i].second.detach().equal(before[i]));
  }
}

/// Seven steps in one go, and in two with a state that is copied into another optimizer: the same bits.
template <class Policy>
void resumes(const Policy& policy) {
  const auto run = [&](int stop) {
    auto w = at::tensor({1.0f, -2.0f, 3.0f, 0.5f}).view({2, 2}).requires_grad_(),
         b = at::tensor({1.0f}).requires_grad_();
    const NamedTensors parameters{{"w", w}, {"b", b}};
    auto optim = policy.build(parameters);
    for (int t = 0; t < 7; ++t) {
      if (t == stop) {
        auto other = policy.build(parameters);
        const auto from = optim.state(), to = other.state();
        CHECK_EQ(from.size(), to.size());
        for (std::size_t i = 0; i < from.size(); ++i) {
          CHECK_EQ(from[i].first, to[i].first);
          CHECK(from[i].first.ends_with(".w") || from[i].first.ends_with(".b"));
          to[i].second.copy_(from[i].second);
        }
        optim = std::move(other);
      }
      w.mutable_grad() = at::tensor({0.5f, 1.0f, -1.0f, 0.1f}).view({2, 2}) * (t - 3);
      // Once without a gradient: the counts of steps differ.
      b.mutable_grad() = t == 1 ? at::Tensor() : at::tensor({static_cast<float>(t) - 2.5f});
      optim.step(static_cast<double>(policy.lr) * (1 + t % 3));
    }
    return std::pair(w.detach().clone(), b.detach().clone());
  };
  const auto whole = run(-1), cut = run(4);
  CHECK(whole.first.equal(cut.first) && whole.second.equal(cut.second));
}
