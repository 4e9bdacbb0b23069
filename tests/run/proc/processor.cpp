// The scope around a forward pass: what it does when left, and what it leaves alone.
#include <check.hpp>

#include <cmath>

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>

#include <quix/proc.hpp>
#include <quix/zoo.hpp>

using namespace quix;

namespace {

using Processor = BatchProcessor<Sgd>;

float value(const at::Tensor& w, int i) { return w.data_ptr<float>()[i]; }

/// A mean over the batch: gradient 1 for each.
void mean_over_the_batch(Processor& processor, const at::Tensor& w, const at::Tensor& unused) {
  {
    auto step = processor.step(4);
    step.loss = w.sum();
  }
  CHECK_EQ(value(w, 0), 0.5f);
  CHECK_EQ(value(w, 1), 1.5f);
  CHECK_EQ(unused.item<float>(), 5.0f);
  CHECK_EQ(processor.last_loss().value(), 3.0);
  CHECK_EQ(processor.last_loss().weight, 4.0);
  CHECK(!w.grad().defined());
  CHECK_EQ(processor.steps(), 1u);
}

/// A sum with its weight moves as the mean does.
void sum_with_weight(Processor& processor, const at::Tensor& w) {
  processor(4, [&](auto& step) { step.loss = Loss{w.sum() * 4, 4}; });
  CHECK_EQ(value(w, 0), 0.0f);
  CHECK_EQ(processor.last_loss().value(), 2.0);
}

/// One number in another shape is a scalar: the mean over the batch of [B, 1] is of shape [1].
void one_number_is_a_scalar(const at::Tensor& w) {
  for (const auto& shape : {std::vector<std::int64_t>{1}, {1, 1}}) {
    auto v = at::tensor({1.0f}).requires_grad_();
    BatchProcessor odd(Sgd{.lr = 0.5f, .momentum = 0}, Constant{}, {{"v", v}});
    odd(3, [&](auto& step) { step.loss = (v * at::ones({3, 1})).mean(0).view(shape); });
    odd(3, [&](auto& step) { step.loss = Loss{(v * at::ones({3, 1})).sum(0).view(shape), 3}; });
    CHECK(v.item<float>() == 0 && odd.last_loss().value() == 0.5 && odd.last_loss().weight == 3);
  }
  CHECK_ERROR(parts_of(Loss{w.sum(), 1, {{"all", w}}}), "loss: the loss term all is not a scalar");
}

/// An exception in the scope: parameters, gradients and the count of steps stay.
void exception_in_the_scope(Processor& processor, const at::Tensor& w) {
  try {
    auto step = processor.step(1);
    step.loss = w.sum();
    throw 1;
  } catch (int) {}
  CHECK_EQ(value(w, 0), 0.0f);
  CHECK_EQ(processor.steps(), 2u);
  CHECK(!w.grad().defined());
}

/// Mistakes are said in a sentence, and change nothing.
void mistakes(Processor& processor, const at::Tensor& w) {
  const auto with = [&](auto&& body) {
    auto step = processor.step(1);
    body(step);
  };
  CHECK_ERROR((with([](auto&) {}), 0), "step 3", "ended without a loss");
  CHECK_ERROR((with([&](auto& s) { s.loss = w * 2; }), 0), "not a scalar");
  CHECK_ERROR((with([&](auto& s) { s.loss = at::ones({}); }), 0), "no gradient");
  CHECK_EQ(value(w, 0), 0.0f);
  CHECK_EQ(processor.steps(), 2u);
}

/// What is not finite is skipped: a loss, or a gradient behind a finite loss.
void skipped_steps(const at::Tensor& w) {
  const auto spoil = [&](auto& processor, auto&& loss) {
    auto step = processor.step(1);
    step.loss = loss();
  };
  BatchProcessor careful(Sgd{.lr = 0.5f, .momentum = 0}, Constant{}, {{"w", w}}, Fp32{}, NoAverage{},
                         TrainStep<NoClip>{.non_finite = {.patience = 2}});
  const auto nan_loss = [&] { return (w * std::nan("")).sum(); };
  spoil(careful, nan_loss);
  CHECK(careful.report().skipped && careful.report().why == "the loss is not a number" && careful.steps() == 1);
  CHECK_EQ(careful.last_loss().weight, 0.0);
  spoil(careful, [&] { return (w - w).pow(0.5).sum() + w.sum(); });  // √0 has no slope
  CHECK(careful.report().skipped && careful.report().why == "gradients are not finite");
  CHECK_EQ(value(w, 0), 0.0f);
  spoil(careful, [&] { return w.sum() * 0; });  // a good one begins the count anew
  spoil(careful, nan_loss), spoil(careful, nan_loss);
  CHECK_ERROR((spoil(careful, nan_loss), 0), "step 6", "the loss is not a number, 3 times in a row",
              "training diverged");
  BatchProcessor strict(Sgd{}, Constant{}, {{"w", w}}, Fp32{}, NoAverage{},
                        TrainStep<NoClip>{.non_finite = {.action = NonFinite::Action::stop}});
  CHECK_ERROR((spoil(strict, [&] { return (w + INFINITY).sum(); }), 0), "infinite", "training diverged");
  CHECK_EQ(value(w, 0), 0.0f);
}

/// A scope works inside a destructor that runs while another exception is on its way.
void scope_in_a_destructor(Processor& processor, const at::Tensor& w) {
  struct Inner {
    BatchProcessor<Sgd>& processor;
    at::Tensor w;
    ~Inner() {
      auto step = processor.step(1);
      step.loss = w.sum();
    }
  };
  try {
    const Inner inner{processor, w};
    throw 1;
  } catch (int) {}
  CHECK_EQ(processor.steps(), 3u);
}

/// The schedule sees the steps done.
void schedule_sees_steps(const at::Tensor& w) {
  BatchProcessor scheduled(Sgd{.lr = 1, .momentum = 0}, Cosine{}, {{"w", w}});
  scheduled.plan(10, 5);
  CHECK_EQ(scheduled.lr(), 1.0);
  scheduled.seek(10);
  CHECK(std::abs(scheduled.lr()) < 1e-12);
}

/// Cross-entropy as a sum; accuracy.
void entropy_and_accuracy() {
  const auto logits = at::tensor({2.0f, 1.0f, 0.0f, 0.0f, 3.0f, 0.0f}).view({2, 3});
  const auto labels = at::tensor({0, 2}, at::kLong);
  const auto loss = CrossEntropy{}(logits, labels);
  const double expected = (std::log(std::exp(2) + std::exp(1) + 1) - 2) + std::log(2 + std::exp(3));
  CHECK(std::abs(loss.sum.item<double>() - expected) < 1e-5);
  CHECK_EQ(loss.weight, 2.0);
  CHECK_EQ(Accuracy{}(logits, labels).value(), 0.5);
  CHECK_ERROR(CrossEntropy{}(logits, at::tensor({0}, at::kLong)), "got outputs [2, 3] and targets [1]");
}

void normalisation() {
  const auto image = at::tensor({0, 51, 255}, at::kByte).view({1, 3, 1, 1});
  const auto plain = Normalize{}(image);
  CHECK(plain.scalar_type() == at::kFloat && std::abs(plain[0][1].item<float>() - 0.2f) < 1e-6);
  const auto each = Normalize{.mean = {0.1f, 0.2f, 0.5f}, .std = {1, 2, 0.5f}}(image);
  CHECK(std::abs(each[0][0].item<float>() + 0.1f) < 1e-6 && std::abs(each[0][1].item<float>()) < 1e-6 &&
        std::abs(each[0][2].item<float>() - 1) < 1e-6);
  CHECK_ERROR((Normalize{.mean = {0, 0}}(image)), "one for each of the 3 channels");
  CHECK(Normalize{}(plain).equal(plain));
}

}  // namespace

TESTS {
  auto w = at::tensor({1.0f, 2.0f}).requires_grad_();
  auto unused = at::tensor({5.0f}).requires_grad_();
  BatchProcessor processor(Sgd{.lr = 0.5f, .momentum = 0}, Constant{}, {{"w", w}, {"unused", unused}});
  mean_over_the_batch(processor, w, unused);
  sum_with_weight(processor, w);
  one_number_is_a_scalar(w);
  exception_in_the_scope(processor, w);
  mistakes(processor, w);
  skipped_steps(w);
  scope_in_a_destructor(processor, w);
  schedule_sees_steps(w);
  entropy_and_accuracy();
  normalisation();
  return 0;
}
