// What is not a number: a skipped step leaves buffers and schedules as they were, and metrics count it as wrong.
#include <check.hpp>

#include <cmath>
#include <limits>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <torch/nn/modules/batchnorm.h>

#include <quix/proc.hpp>
#include <quix/zoo.hpp>

using namespace quix;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// The buffers of a module, as numbers.
std::vector<double> buffers_of(const torch::nn::Module& module) {
  std::vector<double> out;
  for (const auto& buffer : module.buffers()) {
    const auto flat = buffer.to(at::kDouble).flatten().contiguous();
    out.insert(out.end(), flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel());
  }
  return out;
}

Totals all(const auto& metric, const at::Tensor& outputs, const at::Tensor& target) {
  std::vector<Counts> counts;
  quix::detail::count_metrics(metric, counts, NoContext{}, outputs, target);
  std::span<const Counts> rest(counts);
  Totals out;
  quix::detail::metric_values(metric, rest, out);
  ScoreArrays arrays;
  rest = counts;
  quix::detail::metric_arrays(metric, rest, arrays);
  for (const auto& [name, array] : arrays)
    for (std::size_t i = 0; i < array.numbers.size(); ++i)
      out.emplace_back(name + "/" + std::to_string(i), Measure{array.numbers[i], 1});
  return out;
}
double value(const Totals& totals, std::string_view name) {
  for (const auto& [key, measure] : totals)
    if (key == name) return measure.has_value() ? measure.value() : not_a_number;
  test::fail(__FILE__, __LINE__, "no metric " + std::string(name));
  return not_a_number;
}

struct Scores {
  Accuracy accuracy{};
  TopK top{.k = 2};
  ClassAccuracy classes{};
  PrecisionRecall f1{};
  Confusion confusion{};
  Auroc auroc{};
};

void train_on(torch::nn::BatchNorm1d& norm, auto& processor, const at::Tensor& x, double factor = 1) {
  auto step = processor.step(static_cast<std::size_t>(x.size(0)));
  step.outputs = norm->forward(x);
  step.loss = Loss{step.outputs.pow(2).sum() * factor, static_cast<double>(x.size(0))};
}

/// Batch normalization: its running means are those of before a batch that is skipped, or that threw.
void skipped_batches(torch::nn::BatchNorm1d& norm) {
  BatchProcessor processor(Sgd{.lr = 0.1f}, Constant{}, *norm, Fp32{}, Ema{.decay = 0.5f});
  const auto good = at::arange(8, at::kFloat).view({4, 2}), bad = at::full({4, 2}, INFINITY);
  train_on(norm, processor, good);
  const auto before = buffers_of(*norm);
  CHECK(before.size() == 5 && before[4] == 1);
  train_on(norm, processor, bad);
  CHECK(processor.report().skipped && buffers_of(*norm) == before);
  CHECK(processor.last_good() == 1 && processor.steps() == 2);
  {
    const auto averaged = processor.evaluation_weights();
    CHECK(buffers_of(*norm) == before);  // the average's too
  }
  train_on(norm, processor, good, not_a_number);  // the loss alone
  CHECK(processor.report().skipped && buffers_of(*norm) == before);
  try {
    auto step = processor.step(4);
    norm->forward(good * 100);
    throw 1;
  } catch (int) {}
  CHECK(buffers_of(*norm) == before);
  train_on(norm, processor, good);
  CHECK(!processor.report().skipped && buffers_of(*norm) != before && buffers_of(*norm)[4] == 2);
  CHECK(processor.last_good() == 4);
}

/// Of a step of two batches both count, or none.
void steps_of_two_batches(torch::nn::BatchNorm1d& norm) {
  const auto good = at::arange(8, at::kFloat).view({4, 2}), bad = at::full({4, 2}, INFINITY);
  BatchProcessor two(Sgd{.lr = 0.1f}, Constant{}, *norm, Fp32{}, NoAverage{}, TrainStep<NoClip>{.accumulate = 2});
  const auto start = buffers_of(*norm);
  train_on(norm, two, good);
  CHECK(buffers_of(*norm) != start);
  train_on(norm, two, bad);
  CHECK(two.report().skipped && buffers_of(*norm) == start);
  train_on(norm, two, good), train_on(norm, two, good);
  CHECK(!two.report().skipped && buffers_of(*norm)[4] == start[4] + 2);
}

/// Diverged: the error too leaves them.
void diverged_step(torch::nn::BatchNorm1d& norm) {
  const auto bad = at::full({4, 2}, INFINITY);
  BatchProcessor strict(Sgd{.lr = 0.1f}, Constant{}, *norm, Fp32{}, NoAverage{},
                        TrainStep<NoClip>{.non_finite = {.action = NonFinite::Action::stop}});
  const auto last = buffers_of(*norm);
  CHECK_ERROR((train_on(norm, strict, bad), 0), "training diverged");
  CHECK(buffers_of(*norm) == last);
}

/// Buffers of other layouts: repeated by expand(), a part of a larger one, sparse (whose values nothing here changes).
void buffers_of_other_layouts() {
  struct Odd : torch::nn::Module {
    at::Tensor weight = register_parameter("weight", at::ones({3}));
    at::Tensor whole = at::arange(6, at::kFloat).view({3, 2});
    at::Tensor repeated = register_buffer("repeated", at::full({1}, 4.0f).expand({3}));
    at::Tensor part = register_buffer("part", whole.select(1, 1));
    at::Tensor sparse = register_buffer("sparse", at::ones({2}).to_sparse());
  } odd;
  BatchProcessor others(Sgd{.lr = 0.1f}, Constant{}, odd);
  {
    auto step = others.step(1);
    odd.repeated.narrow(0, 0, 1).fill_(7), odd.part.fill_(7);
    step.loss = odd.weight.sum() * not_a_number;
  }
  CHECK(others.report().skipped && odd.repeated.eq(4).all().item<bool>());
  CHECK(odd.whole.equal(at::arange(6, at::kFloat).view({3, 2})));
}

/// A Plateau does not see an epoch in which nothing counted, as loss 0: nothing would be better than that.
void plateau_waits() {
  auto w = at::ones({2}).requires_grad_();
  BatchProcessor waits(Sgd{.lr = 1}, Plateau{.gamma = 0.5f, .patience = 0}, {{"w", w}});
  waits.observe({{"loss", {}}});
  waits.observe({{"loss", {8, 2}}}), waits.observe({{"loss", {6, 2}}});
  CHECK_EQ(waits.lr(), 1.0);
  waits.observe({{"loss", {}}});
  CHECK_EQ(waits.lr(), 1.0);
  waits.observe({{"loss", {6, 2}}});
  CHECK_EQ(waits.lr(), 0.5);
  CHECK(!Measure{}.has_value() && (Measure{0, 1}.has_value()));
}

/// Metrics: a sample with an output that is not a number is wrong, whatever its class. Rows 0, 1 and 3 are right.
void wrong_in_every_metric() {
  const auto outputs = at::tensor({3.0, 1.0, 0.0, 0.0, 3.0, 1.0, not_a_number, not_a_number, not_a_number, 0.0, 1.0,
                                   3.0, not_a_number, 5.0, 0.0})
                           .view({5, 3});
  const auto target = at::tensor({0, 1, 0, 2, 0}, at::kLong);
  const auto scores = all(Scores{}, outputs, target);
  CHECK_EQ(value(scores, "accuracy"), 3.0 / 5);
  CHECK_EQ(value(scores, "top2"), 3.0 / 5);
  CHECK_EQ(value(scores, "accuracy_by_class/0"), 1.0 / 3);
  CHECK_EQ(value(scores, "precision"), 1.0);
  CHECK_EQ(value(scores, "confusion/0"), 1.0);
  CHECK_EQ(value(scores, "confusion/1"), 0.0);
  CHECK(value(scores, "auroc") < 1);
}

void nothing_but_not_a_number() {
  CHECK_EQ(value(all(Scores{}, at::full({4, 3}, not_a_number), at::tensor({0, 1, 2, 0}, at::kLong)), "accuracy"), 0.0);
  CHECK_EQ(value(all(Auroc{}, at::full({4, 3}, not_a_number), at::tensor({0, 1, 2, 0}, at::kLong)), "auroc"), 0.0);
  CHECK_EQ(value(all(Auroc{}, at::full({4}, not_a_number), at::tensor({0.0f, 1.0f, 1.0f, 0.0f})), "auroc"), 0.0);
  // One positive that is not a number loses against both negatives, the other wins.
  CHECK_EQ(value(all(Auroc{}, at::tensor({not_a_number, 2.0, 0.0, -1.0}), at::tensor({1.0, 1.0, 0.0, 0.0})), "auroc"),
           0.5);
  const auto map = at::full({1, 2, 2, 2}, not_a_number);
  CHECK_EQ(value(all(MeanIoU{}, map, at::zeros({1, 2, 2}, at::kLong)), "mean_iou"), 0.0);
  CHECK(std::isnan(value(all(RegressionErrors{}, at::full({4}, not_a_number), at::ones({4})), "mae")));
  // Where no sample has a class, there is no value.
  CHECK(std::isnan(value(all(Auroc{}, at::randn({4}), at::ones({4})), "auroc")));
  CHECK(std::isnan(value(all(Accuracy{}, at::randn({2, 3}), at::full({2}, -100, at::kLong)), "accuracy")));
}

}  // namespace

TESTS {
  torch::nn::BatchNorm1d norm(2);
  skipped_batches(norm);
  steps_of_two_batches(norm);
  diverged_step(norm);
  buffers_of_other_layouts();
  plateau_waits();
  wrong_in_every_metric();
  nothing_but_not_a_number();
  return 0;
}
