// Parameters that are not plain memory: parts of other tensors, columns first, with gradients of another order, or
// moved after the optimizer was built. Each policy steps them as it steps their plain copies, and nothing beside them.
#include <check.hpp>

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <quix/proc.hpp>

using namespace quix;

namespace {

at::Tensor columns_first(const at::Tensor& t) { return t.t().contiguous().t(); }

/// Four steps of a parameter, which begins as `start`, a tensor of any strides of the values of `plain`. `moved` is
/// done to it after two steps.
template <class Policy, class Move>
void like_plain(const char* what, const Policy& policy, const at::Tensor& start, bool turn_gradients, Move&& moved) {
  at::manual_seed(4);
  auto plain = start.clone(at::MemoryFormat::Contiguous).requires_grad_(), odd = start.detach().requires_grad_(),
       other = at::ones({3}).requires_grad_(), other_plain = at::ones({3}).requires_grad_();
  auto a = policy.build({{"w", plain}, {"other", other_plain}}), b = policy.build({{"w", odd}, {"other", other}});
  const auto state = b.state();
  for (int t = 0; t < 4; ++t) {
    if (t == 2) moved(odd);
    const auto g = at::randn(start.sizes());
    plain.mutable_grad() = g.clone(), odd.mutable_grad() = turn_gradients ? columns_first(g) : g.clone();
    other_plain.mutable_grad() = at::ones({3}), other.mutable_grad() = at::ones({3});
    a.step(policy.lr, 2), b.step(policy.lr, 2);
    if (!odd.detach().allclose(plain.detach(), 1e-5, 1e-6) || !other.detach().equal(other_plain.detach()))
      return test::fail(__FILE__, __LINE__,
                        std::string(Policy::name) + ", " + what + ", step " + std::to_string(t + 1) + ": differs");
  }
  CHECK(!odd.detach().allclose(start, 1e-4, 1e-4) || start.data_ptr() == odd.data_ptr());
  // What state() gave before is what there is now: a checkpoint holds it.
  const auto expected = a.state();
  for (std::size_t i = 0; i < state.size(); ++i)
    if (!state[i].second.allclose(expected[i].second, 1e-5, 1e-6))
      return test::fail(__FILE__, __LINE__,
                        std::string(Policy::name) + ", " + what + ": another state, " + state[i].first);
}

template <class Policy>
void all_kinds(const Policy& policy) {
  at::manual_seed(3);
  const auto stays = [](at::Tensor&) {};
  const auto values = at::randn({3, 2});
  // Two columns of five: what lies between them, and behind, is another's.
  const auto base = at::full({4, 5}, 7.0f);
  const auto part = base.narrow(0, 0, 3).narrow(1, 1, 2);
  part.copy_(values);
  like_plain("a part", policy, part, false, stays);
  CHECK(part.allclose(values) == false);
  part.copy_(at::full({3, 2}, 7.0f));
  CHECK(base.equal(at::full({4, 5}, 7.0f)));
  part.copy_(values);
  like_plain("a part with turned gradients", policy, part, true, stays);
  // Every second element.
  const auto line = at::full({6, 4}, 7.0f);
  const auto sparse = line.slice(1, 0, 4, 2).slice(0, 0, 6, 2);
  sparse.copy_(values);
  like_plain("every second element", policy, sparse, false, stays);
  sparse.copy_(at::full({3, 2}, 7.0f));
  CHECK(line.equal(at::full({6, 4}, 7.0f)));
  like_plain("columns first", policy, columns_first(values), false, stays);
  like_plain("columns first, gradients too", policy, columns_first(values), true, stays);
  like_plain("turned gradients", policy, values.clone(), true, stays);
  // Strides that change after building.
  like_plain("turned later", policy, values.clone(), false,
             [](at::Tensor& w) { w.set_data(columns_first(w.detach())); });
  like_plain("made plain later", policy, columns_first(values), false,
             [](at::Tensor& w) { w.set_data(w.detach().contiguous()); });
  like_plain("a part later", policy, values.clone(), false, [](at::Tensor& w) {
    const auto room = at::zeros({3, 9}).narrow(1, 2, 2);
    room.copy_(w.detach());
    w.set_data(room);
  });
}

/// What cannot be stepped is named: at building, and when it came to be so later.
template <class Policy>
void refusals(const Policy& policy) {
  CHECK_ERROR((policy.build({{"tall", at::ones({1, 2}).expand({3, 2}).requires_grad_()}})),
              "optim: the parameter tall has elements that share memory", ".clone()");
  auto w = at::ones({3, 2}).requires_grad_();
  auto optim = policy.build({{"w", w}});
  w.mutable_grad() = at::ones({3, 2});
  w.set_data(at::ones({1, 2}).expand({3, 2}));
  CHECK_ERROR((optim.step(0.1), 0), "the parameter w has elements that share memory");
  w.set_data(at::ones({5, 2}));
  CHECK_ERROR((optim.step(0.1), 0), "the parameter w has the shape [5, 2], its gradient [3, 2]",
              "built for 6 elements");
  w.mutable_grad() = at::ones({5, 2});
  CHECK_ERROR((optim.step(0.1), 0), "the parameter w has the shape [5, 2], its gradient [5, 2]");
  if (optim.state().size() > 1) {  // a state of another shape
    w.set_data(columns_first(at::ones({2, 3}))), w.mutable_grad() = at::ones({2, 3});
    CHECK_ERROR((optim.step(0.1), 0), "the parameter w has the shape [2, 3]");
  }
  // Nothing was counted as a step.
  for (const auto& [name, tensor] : optim.state())
    if (name == "step.w") CHECK_EQ(tensor.template item<float>(), 0.0f);
}

template <class... Policies>
void each(const Policies&... policies) {
  (all_kinds(policies), ...);
  (refusals(policies), ...);
}

/// An average and gradient norms take parts of tensors, too.
void beside_optimizers() {
  const auto base = at::full({3, 5}, 7.0f);
  auto w = base.narrow(1, 0, 2).detach().requires_grad_();
  BatchProcessor processor(Sgd{.lr = 1, .momentum = 0}, Constant{}, {{"w", w}}, Fp32{}, Ema{.decay = 0.5f},
                           TrainStep<ClipNorm>{.clip = {.max = 100}});
  for (int i = 0; i < 2; ++i) processor(1, [&](auto& step) { step.loss = w.sum(); });
  CHECK(std::abs(processor.report().gradient_norm - std::sqrt(6)) < 1e-6);
  {
    const auto evaluation = processor.evaluation_weights();
    CHECK(w.detach().allclose(at::full({3, 2}, 5.5f)));
  }
  CHECK(w.detach().equal(at::full({3, 2}, 5.0f)) && w.data_ptr() == base.data_ptr());
  CHECK(base.narrow(1, 2, 3).equal(at::full({3, 3}, 7.0f)) && base.narrow(1, 0, 2).equal(at::full({3, 2}, 5.0f)));
}

}  // namespace

TESTS {
  each(AdamW{.lr = 0.01f}, AdamW{.lr = 0.01f, .amsgrad = true}, Adam{.lr = 0.01f, .weight_decay = 0.1f}, Sgd{},
       Sgd{.momentum = 0}, Adagrad{}, RmsProp{.momentum = 0.8f, .centered = true}, Lion{.lr = 0.01f}, Lamb{.lr = 0.01f},
       ScheduleFree{.lr = 0.02f});
  all_kinds(Muon{});
  beside_optimizers();
  return 0;
}
