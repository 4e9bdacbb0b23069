// What several processors have to agree on or keep apart: votes of ranks, parts of a model, outcomes of a batch.
#include <check.hpp>

#include <cmath>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>

#include <quix/proc.hpp>

using namespace quix;

namespace {

/// Two ranks of one training, in two threads: before a step each waits for the other's vote.
struct Ranks {
  std::mutex mutex;
  std::condition_variable all;
  Vote sum;
  int said = 0, round = 0;

  void vote(Vote& mine) {
    std::unique_lock lock(mutex);
    if (said == 0) sum = {};
    sum.loss += mine.loss, sum.samples += mine.samples, sum.not_finite |= mine.not_finite,
        sum.overflow |= mine.overflow;
    if (++said == 2) {
      said = 0, ++round;
      all.notify_all();
    } else {
      all.wait(lock, [&, now = round] { return round != now; });
    }
    mine = sum;
  }
};
struct OneOf {
  Ranks* ranks;
  void operator()(Vote& vote) const { ranks->vote(vote); }
};

void ranks_agree() {
  // Both skip where one meets something that is no number, with the loss scale of both backing off; and both divide by
  // the weight of all samples, which one alone does not know.
  struct Rank {
    Ranks* all;
    at::Tensor w = at::tensor({1.0f}).requires_grad_();
    BatchProcessor<Sgd, Constant, Fp16, NoAverage, TrainStep<NoClip>, NoLog, OneOf> processor{
        Sgd{.lr = 1, .momentum = 0},
        Constant{},
        {{"w", w}},
        Fp16{.init_scale = 1024},
        {},
        {},
        {},
        Groups{},
        OneOf{all}};
  };
  Ranks all;
  Rank ranks[2]{{&all}, {&all}};
  const auto each = [&](auto&& loss) {
    std::thread other([&] { ranks[1].processor(1, [&](auto& step) { step.loss = loss(1); }); });
    ranks[0].processor(1, [&](auto& step) { step.loss = loss(0); });
    other.join();
  };
  each([&](int r) { return Loss{r ? (ranks[r].w - 1).pow(0.5).sum() + ranks[r].w.sum() : ranks[r].w.sum(), 1}; });
  CHECK_EQ(ranks[0].processor.report().why, "another rank skips it");
  CHECK_EQ(ranks[1].processor.report().why, "gradients are not finite");
  for (auto& rank : ranks) {
    CHECK(rank.processor.report().skipped && rank.w.item<float>() == 1);
    for (const auto& [name, tensor] : rank.processor.state().tensors())
      if (name == "scaler.scale") CHECK_EQ(tensor.item<double>(), 512.0);
  }
  each([&](int r) { return Loss{ranks[r].w.sum() * (r ? 6 : 2), r ? 3.0 : 1.0}; });
  CHECK_EQ(ranks[0].w.item<float>(), 1 - 2.0f / 4);
  CHECK_EQ(ranks[1].w.item<float>(), 1 - 6.0f / 4);
  for (auto& rank : ranks) CHECK(rank.processor.report().loss.weight == 4 && !rank.processor.report().skipped);
}

/// A loss of two parts of a model gives gradients only to the parameters of the processor that takes it.
void parts_keep_apart() {
  auto a = at::tensor({2.0f}).requires_grad_(), b = at::tensor({3.0f}).requires_grad_();
  BatchProcessor generator(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"a", a}});
  BatchProcessor critic(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"b", b}});
  generator(1, [&](auto& step) { step.loss = (a * b).sum(); });
  CHECK(a.item<float>() == -1 && !b.grad().defined());
  critic(1, [&](auto& step) { step.loss = (a * b).sum(); });
  CHECK(b.item<float>() == 4 && !a.grad().defined());
}

/// What a batch came to is a value where the scope is ended, and an error where it ends by itself.
void outcomes() {
  auto w = at::tensor({1.0f}).requires_grad_();
  BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"w", w}}, Fp32{}, NoAverage{},
                           TrainStep<NoClip>{.accumulate = 2, .non_finite = {.patience = 1}});
  const auto take = [&](float factor) {
    auto step = processor.step(1);
    step.loss = w.sum() * factor;
    return step.end();
  };
  CHECK(take(1) == StepOutcome::pending && take(1) == StepOutcome::taken && w.item<float>() == 0);
  CHECK(processor.end_epoch() == StepOutcome::pending);
  CHECK(take(3) == StepOutcome::pending && processor.end_epoch() == StepOutcome::taken && w.item<float>() == -3);
  CHECK(take(INFINITY) == StepOutcome::pending && take(1) == StepOutcome::skipped);
  CHECK(take(1) == StepOutcome::pending && take(INFINITY) == StepOutcome::diverged && w.item<float>() == -3);
  CHECK(std::string(processor.divergence().what()).find("2 times in a row: training diverged") != std::string::npos);
  CHECK(!w.grad().defined() && processor.last_good() == processor.steps());
  CHECK(take(INFINITY) == StepOutcome::pending && take(1) == StepOutcome::skipped);
  CHECK(take(INFINITY) == StepOutcome::pending);
  CHECK_ERROR((processor(1, [&](auto& step) { step.loss = w.sum(); }), 0), "training diverged");
}

/// The weight of a sample, of which the scale of gradients depends meanwhile, changes no bit; checkpoints have it.
void any_weight_of_a_sample() {
  const auto train = [](double weight) {
    at::manual_seed(3);
    auto w = at::randn({64}).requires_grad_();
    BatchProcessor processor(AdamW{.lr = 0.1f}, Constant{}, {{"w", w}});
    for (int i = 0; i < 5; ++i) {
      auto step = processor.step(8);
      step.loss = Loss{(w * at::randn({64})).sum() * weight, 8 * weight};
    }
    return w.detach().clone();
  };
  CHECK(train(1).equal(train(1 << 16)) && train(1).equal(train(0.25)));
  auto w = at::tensor({1.0f}).requires_grad_();
  BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"w", w}});
  processor(2, [&](auto& step) { step.loss = Loss{w.sum(), 2 * 3}; });
  double unit = 0;
  for (const auto& [name, tensor] : processor.state().tensors())
    if (name == "unit") unit = tensor.item<double>();
  CHECK_EQ(unit, 4.0);
}

}  // namespace

TESTS {
  ranks_agree(), parts_keep_apart(), outcomes(), any_weight_of_a_sample();
  return 0;
}
