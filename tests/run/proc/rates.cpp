// The rate in training: schedules with a memory, behind warm-ups and of groups; without a plan; what a log hears.
#include <check.hpp>

#include <cmath>
#include <string_view>

#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/anomaly_mode.h>

#include <quix/proc.hpp>

using namespace quix;

namespace {

void memory_of_schedules() {
  auto w = at::tensor({0.0f}).requires_grad_();
  using Either = Choice<Cosine, Plateau>;
  BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, Either(Plateau{.gamma = 0.5f, .patience = 0}), {{"w", w}});
  processor.observe({{"loss", {1, 1}}});
  CHECK_EQ(processor.lr(), 1.0);
  processor.observe({{"loss", {1, 1}}});
  CHECK_EQ(processor.lr(), 0.5);
  CHECK_EQ(processor.state().tensors().back().first, "schedule");
  const auto saved = processor.state().tensors();
  processor.observe({{"loss", {1, 1}}});
  CHECK_EQ(processor.lr(), 0.25);
  processor.state().set_numbers(saved);
  CHECK_EQ(processor.lr(), 0.5);
  BatchProcessor plain(Sgd{.lr = 1, .momentum = 0}, Either(Cosine{}), {{"w", w}});
  plain.plan(10, 5);
  plain.seek(10);
  CHECK(plain.lr() < 1e-9);
  BatchProcessor longer(Sgd{}, Cosine{.warmup_epochs = 3}, {{"w", w}});
  CHECK_ERROR(longer.plan(10, 5), "schedule", "needs 15 steps (3 epochs), but the run has 10 steps (2 epochs)");
  CHECK_ERROR((BatchProcessor(Sgd{.lr = std::nanf("")}, Constant{}, {{"w", w}})), "optim.lr",
              "must be finite and at least 0, got nan");
}

void schedules_behind_a_warmup() {
  auto w = at::tensor({0.0f}).requires_grad_();
  const Warmup<Plateau> policy{
      .warmup = {4, TrainTime::Unit::steps}, .start_factor = 0, .then = {.gamma = 0.5f, .patience = 0}};
  BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, policy, {{"w", w}});
  processor.plan(10, 5);
  CHECK_EQ(processor.lr(2), 0.5);
  for (int i = 0; i < 2; ++i) processor.observe({{"accuracy", {1, 1}}, {"loss", {3, 1}}});
  CHECK(processor.lr(2) == 0.25 && processor.lr(7) == 0.5);
  CHECK_EQ(processor.state().tensors().back().first, "schedule");
  BatchProcessor accuracy(Sgd{}, Plateau{.metric = "acuracy"}, {{"w", w}});
  CHECK_ERROR(accuracy.observe({{"loss", {3, 1}}, {"accuracy", {1, 1}}}), "schedule.metric", "metric acuracy not found",
              "loss, accuracy");
  // The lengths of both count.
  BatchProcessor both(Sgd{}, Warmup<MultiStep>{.warmup = {1}, .then = {.milestones = {{2}}}}, {{"w", w}});
  both.plan(15, 5);
  CHECK_ERROR(both.plan(14, 5), "needs 15 steps (3 epochs)");
}

void groups_that_begin_later() {
  auto w = at::tensor({1.0f}).requires_grad_(), late = at::tensor({1.0f}).requires_grad_();
  BatchProcessor processor(AdamW{.lr = 0.1f, .weight_decay = 0.5f}, Constant{},
                           {{"head.weight", w}, {"body.weight", late}}, Fp32{}, NoAverage{}, TrainStep<ClipNorm>{},
                           NoLog{}, Groups{.decay_norms = true, .start = {{"body.*", {2, TrainTime::Unit::steps}}}});
  processor.plan(4, 4);
  CHECK(processor.describe_groups().find("weights, from 2steps") != std::string::npos);
  for (int i = 0; i < 4; ++i) {
    processor(1, [&](auto& step) { step.loss = 3 * w.sum() + 4 * late.sum(); });
    // Neither gradient nor decay moves it before, and it is no part of the norm.
    CHECK_EQ(late.item<float>() == 1, i < 2);
    CHECK(std::abs(processor.report().gradient_norm - (i < 2 ? 3 : 5)) < 1e-5);
  }
  for (const auto& [name, tensor] : processor.state().tensors())
    if (name == "step.body.weight") CHECK_EQ(tensor.item<float>(), 2.0f);
  CHECK_ERROR(processor.plan(2, 4), "groups.start", "would never be trained: the run has 2 steps");
  CHECK_ERROR((Groups{.start = {{"bdoy.*", {1}}}}.split({{"body.weight", w}})), "groups.start", "no parameter matches");
}

/// Three schedules, by the closed form of SGD: each step moves a parameter by its rate.
template <class Optim>
void schedules_of_groups(const Optim& optim) {
  auto head = at::zeros({2, 2}).requires_grad_(), body = at::zeros({2, 2}).requires_grad_(),
       bias = at::zeros({2}).requires_grad_();
  const LinearDecay linear{.floor = 0.5f};
  const PerGroup<Constant, PerGroup<LinearDecay, Cosine>> schedule{
      .parameters = {"head.*"}, .special = {}, .rest = {.parameters = {"*.bias"}, .special = linear, .rest = {}}};
  BatchProcessor processor(optim, schedule, {{"head.weight", head}, {"body.weight", body}, {"body.bias", bias}}, Fp32{},
                           NoAverage{}, TrainStep<NoClip>{}, NoLog{}, Groups{.lr_factor = {{"*.weight", 0.5f}}});
  processor.plan(6, 3);
  CHECK_EQ(processor.groups().size(), 3u);
  CHECK(processor.describe_groups().find("schedule of head.*") != std::string::npos);
  double at_head = 0, at_body = 0, at_bias = 0;
  for (int i = 0; i < 6; ++i) {
    const Progress now{.steps = static_cast<double>(i), .total = 6, .per_epoch = 3, .samples = 1};
    CHECK(std::abs(processor.lr() - 0.1 * Cosine{}.factor(now)) < 1e-8);
    processor(1, [&](auto& step) { step.loss = head.sum() + body.sum() + bias.sum(); });
    at_head -= 0.5 * 0.1, at_body -= 0.5 * 0.1 * Cosine{}.factor(now), at_bias -= 0.1 * linear.factor(now);
    const auto is = [](const at::Tensor& tensor, double value) {
      return (tensor.detach() - value).abs().max().template item<double>() < 1e-6;
    };
    CHECK(is(head, at_head) && is(body, at_body) && is(bias, at_bias));
    for (const auto& group : processor.groups())
      if (group.schedule == 2)
        CHECK(std::abs(processor.lr(3, group) - 0.1 * linear.factor({.steps = 3, .total = 6})) < 1e-8);
  }
}

/// Without a plan the rate stays as it is; what a log hears of a loss's parts; what may not be.
void alone() {
  auto w = at::tensor({0.0f}).requires_grad_();
  BatchProcessor unplanned(Sgd{.lr = 1, .momentum = 0}, Cosine{}, {{"w", w}});
  for (int i = 1; i <= 3; ++i) {
    unplanned(1, [&](auto& step) { step.loss = w.sum(); });
    CHECK_EQ(w.item<float>(), static_cast<float>(-i));
  }
  BatchProcessor warm(Sgd{.lr = 1, .momentum = 0}, Warmup<Plateau>{.then = {.gamma = 0.5f, .patience = 0}}, {{"w", w}});
  CHECK_EQ(warm.lr(), 1.0);
  for (int i = 0; i < 2; ++i) warm.observe({{"loss", {3, 1}}});
  CHECK_EQ(warm.lr(), 0.5);
  auto u = at::tensor({0.0f}).requires_grad_();
  BatchProcessor two(Sgd{.lr = 1, .momentum = 0}, PerGroup<LinearDecay, Cosine>{.parameters = {"u"}},
                     {{"w", w}, {"u", u}});
  for (int i = 0; i < 2; ++i) two(1, [&](auto& step) { step.loss = u.sum(); });
  CHECK_EQ(u.item<float>(), -2.0f);
  std::vector<StepReport> log;
  const auto keep = [&](const StepReport& report) { log.push_back(report); };
  BatchProcessor logged(Sgd{.lr = 0.5f}, Constant{}, {{"w", w}}, Fp32{}, NoAverage{},
                        TrainStep<NoClip>{.accumulate = 2}, keep);
  for (int i = 1; i <= 4; ++i)
    logged(2, [&](auto& step) { step.loss = Loss{w.sum(), 2, {{"part", at::tensor(10.0 * i)}}}; });
  CHECK_EQ(log.size(), 2u);
  CHECK(log[0].parts.size() == 1 && log[0].parts[0].first == "part" && log[0].parts[0].second.value() == 30.0 / 4);
  CHECK_EQ(log[1].parts[0].second.value(), 70.0 / 4);
  CHECK_EQ(log[1].step, 2u);

  // The count of steps is part of the state: schedules go on where they were.
  BatchProcessor first(Sgd{.lr = 1}, LinearDecay{}, {{"w", w}}), second(Sgd{.lr = 1}, LinearDecay{}, {{"w", w}});
  first.plan(4, 4), second.plan(4, 4);
  for (int i = 0; i < 2; ++i) first(1, [&](auto& step) { step.loss = w.sum(); });
  second.state().set_numbers(first.state().tensors());
  CHECK(second.steps() == 2 && second.lr() == 0.5);

  // A schedule that gives no number is an error before anything is stepped.
  struct Broken {
    double factor(const Progress& p) const { return p.steps < 1 ? 1 : std::nan(""); }
  };
  BatchProcessor broken(Sgd{.lr = 1}, Broken{}, {{"w", w}});
  broken.plan(4, 4);
  broken(1, [&](auto& step) { step.loss = w.sum(); });
  const float before = w.item<float>();
  CHECK_ERROR((broken(1, [&](auto& step) { step.loss = w.sum(); }), 0),
              "schedule: the learning rate of step 2 is not a number");
  CHECK_EQ(w.item<float>(), before);
  using Any = Choice<Constant, MultiStep>;
  BatchProcessor chosen(Sgd{}, Warmup<Any>{.warmup = {1}, .then = MultiStep{.milestones = {{4}}}}, {{"w", w}});
  CHECK_ERROR(chosen.plan(6, 3), "needs 15 steps (5 epochs)");

  // Anomalies: autograd says which operation made the number that is none, and is quiet again afterwards.
  TrainStep<NoClip> watched;
  watched.non_finite.detect_anomaly = true;
  BatchProcessor anomalies(Sgd{}, Constant{}, {{"w", w}}, Fp32{}, NoAverage{}, watched);
  bool said = false;
  try {
    anomalies(1, [&](auto& step) { step.loss = (w - w.detach()).sqrt().sum() * 0; });
  } catch (const std::exception& error) {
    said = std::string_view(error.what()).find("SqrtBackward") != std::string_view::npos;
  }
  CHECK(said && !torch::autograd::AnomalyMode::is_enabled());
}

void schedules_of_groups() {
  schedules_of_groups(Sgd{.lr = 0.1f, .momentum = 0});
  schedules_of_groups(Choice<AdamW, Sgd>{Sgd{.lr = 0.1f, .momentum = 0}});
  auto w = at::zeros({2, 2}).requires_grad_();
  using Two = PerGroup<Constant, LinearDecay>;
  const auto make = [&](const std::vector<std::string>& patterns) {
    BatchProcessor(Sgd{}, Two{.parameters = patterns}, {{"head.weight", w}});
  };
  make({});
  CHECK_ERROR(make({"haed.*"}), "schedule.parameters", "no parameter matches haed.*", "head.weight");
  // One of several schedules, and not the one that is chosen.
  using Either = Choice<Two, Cosine>;
  for (const bool per_group : {true, false}) {
    auto a = at::zeros({1}).requires_grad_(), b = at::zeros({1}).requires_grad_();
    BatchProcessor processor(Sgd{.lr = 1, .momentum = 0},
                             per_group ? Either(Two{.parameters = {"a"}}) : Either(Cosine{}), {{"a", a}, {"b", b}});
    processor.plan(2, 2);
    for (int i = 0; i < 2; ++i) processor(1, [&](auto& step) { step.loss = a.sum() + b.sum(); });
    CHECK(std::abs(a.item<float>() + (per_group ? 2 : 1.5)) < 1e-6 && std::abs(b.item<float>() + 1.5) < 1e-6);
  }
  // Frozen ones and all names of a shared one may be named; the option that is wrong is.
  auto tied = at::zeros({2, 2}).requires_grad_(), frozen = at::zeros({1}).requires_grad_();
  BatchProcessor names(Sgd{}, Two{.parameters = {"decoder.*", "cold"}},
                       {{"encoder.w", tied}, {"decoder.w", tied}, {"cold", frozen}, {"head.weight", w}}, Fp32{},
                       NoAverage{}, TrainStep<NoClip>{}, NoLog{}, Groups{.freeze = {"cold"}});
  CHECK(names.groups().size() == 2 && names.groups()[0].schedule + names.groups()[1].schedule == 1);
  using Three = PerGroup<Constant, Two>;
  CHECK_ERROR(
      BatchProcessor(Sgd{}, Three{.parameters = {"head.*"}, .rest = {.parameters = {"haed"}}}, {{"head.weight", w}}),
      "schedule.rest.parameters: no parameter matches haed");
  CHECK_ERROR(BatchProcessor(Sgd{}, Three{.parameters = {"head.*"}, .rest = {.parameters = {"*.weight"}}},
                             {{"head.weight", w}}),
              "the parameter head.weight matches patterns of two schedules");
  // The longest one has to fit.
  BatchProcessor longer(Sgd{},
                        PerGroup<MultiStep, Constant>{.parameters = {"head.*"}, .special = {.milestones = {{4}}}},
                        {{"head.weight", w}});
  CHECK_ERROR(longer.plan(6, 3), "needs 12 steps (4 epochs)");
  // Muon's two parts, of which one has AdamW's rate, and the schedule-free average: a schedule of 0 stands still.
  const auto stands = [](const auto& optim) {
    auto a = at::ones({2, 2}).requires_grad_(), b = at::ones({2, 2}).requires_grad_();
    const PerGroup<MultiStep, Constant> schedule{.parameters = {"b"}, .special = {.milestones = {{0}}, .gamma = 0}};
    BatchProcessor processor(optim, schedule, {{"a", a}, {"b", b}});
    processor.plan(4, 4);
    for (int i = 0; i < 3; ++i) processor(1, [&](auto& step) { step.loss = (a * a).sum() + (b * b).sum(); });
    return !a.eq(1).any().template item<bool>() && b.eq(1).all().template item<bool>();
  };
  CHECK(stands(Muon{}) && stands(Muon{.adam = {"b"}}) && stands(ScheduleFree{}) && stands(AdamW{}));
}
}  // namespace

TESTS {
  memory_of_schedules(), schedules_behind_a_warmup(), groups_that_begin_later(), schedules_of_groups(), alone();
  return 0;
}
