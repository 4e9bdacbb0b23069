// torch::optim's classes behind the adaptor: the trajectories of Python's, and a state that resumes.
#include <quix/proc/torch_optim.hpp>

#include "trajectory.hpp"

namespace {

/// A policy with a class's own options.
template <class O, class Options>
struct With {
  float lr;
  Options options;
  TorchOptimState<O> build(const ParameterGroups& groups) const { return {groups, options}; }
};
template <class O, class Options>
With<O, Options> with(const Options& options) {
  return {static_cast<float>(options.get_lr()), options};
}

}  // namespace

TESTS {
  using namespace torch::optim;
  const auto golden = golden_optimizers();
  const auto adam = with<torch::optim::Adam>(AdamOptions(0.01).betas({0.8, 0.99}).weight_decay(0.1));
  const auto adamw = with<torch::optim::AdamW>(AdamWOptions(0.01).amsgrad(true));
  const auto sgd = with<torch::optim::SGD>(SGDOptions(0.05).momentum(0.9).weight_decay(0.01));
  const auto rmsprop =
      with<torch::optim::RMSprop>(RMSpropOptions(0.01).alpha(0.9).eps(1e-3).momentum(0.8).centered(true));
  const auto adagrad = with<torch::optim::Adagrad>(AdagradOptions(0.05).lr_decay(0.01).weight_decay(0.02));
  follow(golden, "adam", adam), follow(golden, "adamw_amsgrad", adamw, 1e-5, at::kFloat, 4);
  follow(golden, "sgd_momentum", sgd), follow(golden, "rmsprop_both", rmsprop), follow(golden, "adagrad", adagrad);
  resumes(adam), resumes(adamw), resumes(sgd), resumes(rmsprop), resumes(adagrad);

  // By the schedule, in groups, with gradients that are divided first.
  auto w = at::ones({2}).requires_grad_(), b = at::ones({1}).requires_grad_();
  BatchProcessor processor(TorchOptim<torch::optim::SGD>{.lr = 0.5f}, LinearDecay{}, {{"w", w}, {"b", b}}, Fp32{},
                           NoAverage{}, TrainStep<NoClip>{}, NoLog{}, Groups{.lr_factor = {{"b", 0.1f}}});
  processor.plan(2, 2);
  for (int i = 0; i < 2; ++i) processor(4, [&](auto& step) { step.loss = Loss{(w.sum() + b.sum()) * 4, 4}; });
  CHECK(std::abs(w[0].item<float>() - 0.25f) < 1e-6 && std::abs(b.item<float>() - 0.925f) < 1e-6);
  // And by two schedules.
  auto u = at::ones({1}).requires_grad_(), v = at::ones({1}).requires_grad_();
  BatchProcessor two(TorchOptim<torch::optim::SGD>{.lr = 0.5f},
                     PerGroup<Constant, LinearDecay>{.parameters = {"v"}, .special = {}, .rest = {}},
                     {{"u", u}, {"v", v}}, Fp32{}, NoAverage{}, TrainStep<NoClip>{}, NoLog{},
                     Groups{.lr_factor = {{"v", 0.1f}}});
  two.plan(2, 2);
  for (int i = 0; i < 2; ++i) two(1, [&](auto& step) { step.loss = u.sum() + v.sum(); });
  CHECK(std::abs(u.item<float>() - 0.25f) < 1e-6 && std::abs(v.item<float>() - 0.9f) < 1e-6);
  auto embedding = at::ones({3, 2}).requires_grad_();
  embedding.mutable_grad() = at::ones({3, 2}).to_sparse();
  CHECK_ERROR((TorchOptim<torch::optim::Adam>{}.build(NamedTensors{{"table", embedding}}).step(1), 0),
              "the parameter table has a sparse gradient");
  return 0;
}
