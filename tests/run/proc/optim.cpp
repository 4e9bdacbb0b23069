// Trajectories of 100 steps against Python's torch 2.13 (golden/make_optim.py), rtol 1e-5.
#include "trajectory.hpp"

#include <algorithm>

namespace {

/// float32 in memory, through the kernels, also with gradients that are to be divided; then float64 by ATen's
/// operations.
template <class Policy>
void follow_all(const Node& golden, const char* name, const Policy& policy) {
  follow(golden, name, policy);
  follow(golden, name, policy, 1e-5, at::kFloat, 1024);
  follow(golden, name, policy, 1e-5, at::kDouble, 3);
}

/// The kernels run in parallel on large tensors, to the same bits on any number of threads.
template <class Policy>
void parallel(const Policy& policy) {
  std::vector<at::Tensor> results;
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    at::manual_seed(3);
    NamedTensors parameters{{"a", at::randn({300, 700})}, {"b", at::randn({5})}, {"c", at::randn({70001})}};
    for (auto& [name, p] : parameters) p.requires_grad_();
    auto optim = policy.build(parameters);
    for (int t = 0; t < 3; ++t) {
      for (auto& [name, p] : parameters) p.mutable_grad() = at::randn_like(p);
      optim.step(policy.lr);
    }
    for (auto& [name, p] : parameters) results.push_back(p.detach());
  }
  for (std::size_t i = 0; i < 3; ++i) CHECK(results[i].equal(results[i + 3]));
}

/// The step of a policy takes what gradients are to be divided by: none of ours falls back to a pass over them.
template <class Policy>
concept DividesItself = requires(decltype(Policy{}.build(ParameterGroups{})) state) {
  state.step(1.0, 2.0);
};
template <DividesItself... Policies>
constexpr bool all_divide_themselves = true;
static_assert(all_divide_themselves<AdamW, Adam, Sgd, RmsProp, Adagrad, Lion, Lamb, Muon, ScheduleFree>);

void groups() {
  const auto p = [](at::IntArrayRef shape) { return at::ones(shape).requires_grad_(); };
  const NamedTensors parameters{{"blocks.0.weight", p({2, 2})},   {"blocks.0.bias", p({2})},
                                {"blocks.1.norm.weight", p({2})}, {"blocks.1.weight", p({2, 2})},
                                {"head.weight", p({1, 2})},       {"head.bias", p({1})}};
  const auto by_name = [](const ParameterGroups& groups) {
    std::map<std::string, std::pair<double, double>> out;
    for (const auto& group : groups)
      for (const auto& [name, tensor] : group.parameters)
        out[name] = {group.lr_factor, group.weight_decay.value_or(-1)};
    return out;
  };
  auto split = by_name(Groups{}.split(parameters));
  CHECK(split.at("blocks.0.weight") == std::pair(1.0, -1.0) && split.at("blocks.0.bias") == std::pair(1.0, 0.0));
  CHECK(split.at("blocks.1.norm.weight") == std::pair(1.0, 0.0));
  CHECK_EQ(Groups({.decay_norms = true, .decay_biases = true}).split(parameters).size(), 1u);
  split = by_name(Groups{.weight_decay = {{"head.*", 0.5f}}, .lr_factor = {{"blocks.?.*", 0.25f}}}.split(parameters));
  CHECK(split.at("head.bias") == std::pair(1.0, 0.5) && split.at("blocks.0.weight") == std::pair(0.25, -1.0));
  split = by_name(Groups{.layer_decay = 0.5f}.split(parameters));
  CHECK(split.at("blocks.0.weight").first == 0.25 && split.at("blocks.1.weight").first == 0.5 &&
        split.at("head.weight").first == 1);
  const auto table = describe(Groups{.layer_decay = 0.5f}.split(parameters), 0.05);
  CHECK(table.find("rate × 0.25") != table.npos && table.find("decay 0.05") != table.npos &&
        table.find("2 parameters") != table.npos);
  CHECK_ERROR(Groups{.freeze = {"haed.*"}}.split(parameters), "groups.freeze", "no parameter matches haed.*");
  CHECK_ERROR((Groups{.lr_factor = {{"head.*", 1}, {"*.bias", 2}}}.split(parameters)), "groups.lr_factor",
              "the parameter head.bias matches two patterns, *.bias and head.*");
  CHECK_ERROR(Groups{.freeze = {"*"}}.split(parameters), "matches every parameter");
  CHECK_EQ(by_name(Groups{.freeze = {"blocks.*"}}.split(parameters)).size(), 2u);
  CHECK(!parameters[0].second.requires_grad() && parameters[4].second.requires_grad());
  // One optimizer, each group by its own numbers; a shared parameter once.
  auto a = p({1, 1}), b = p({1}), c = p({1, 1});
  auto optim = Sgd{.lr = 1, .momentum = 0, .weight_decay = 0.5f}.build(
      Groups{.lr_factor = {{"c", 0.1f}}}.split({{"a", a}, {"b", b}, {"c", c}, {"again", a}}));
  for (auto* tensor : {&a, &b, &c}) tensor->mutable_grad() = at::ones_like(*tensor);
  optim.step(1);
  CHECK(std::abs(a.item<float>() - (1 - 1.5f)) < 1e-6 && std::abs(b.item<float>() - 0) < 1e-6 &&
        std::abs(c.item<float>() - (1 - 0.15f)) < 1e-6);
  CHECK(quix::detail::matches("a*c?", "abbcd") && !quix::detail::matches("a*c?", "abbc") &&
        quix::detail::matches("*", "") && quix::detail::matches("*.weight", "x.y.weight"));
  // The layers of the zoo's models: a name up to its number.
  const NamedTensors named{{"conv1.weight", p({2, 2})},
                           {"layer1.0.conv1.weight", p({2, 2})},
                           {"layer1.1.conv1.weight", p({2, 2})},
                           {"encoder.layers.encoder_layer_0.ln_1.weight", p({2})},
                           {"features.1.0.block.2.weight", p({2, 2})},
                           {"fc.weight", p({2, 2})}};
  split = by_name(Groups{.layer_decay = 0.5f}.split(named));
  double expected = 1;
  for (auto it = named.rbegin(); it != named.rend(); ++it, expected /= 2) CHECK_EQ(split.at(it->first).first, expected);
  // What stands behind the numbered layers is another layer than what stands before them; every bias is one.
  const NamedTensors vit{{"class_token", p({1, 1, 2})},
                         {"encoder.pos_embedding", p({1, 2, 2})},
                         {"encoder.layers.encoder_layer_0.self_attention.in_proj_bias", p({2})},
                         {"encoder.layers.encoder_layer_1.ln_1.weight", p({2})},
                         {"encoder.ln.weight", p({2})},
                         {"heads.head.weight", p({2, 2})}};
  split = by_name(Groups{.layer_decay = 0.5f}.split(vit));
  expected = 1;
  for (auto it = vit.rbegin(); it != vit.rend(); ++it, expected /= 2) CHECK_EQ(split.at(it->first).first, expected);
  split = by_name(Groups{.decay_norms = true}.split(vit));
  CHECK(split.at("encoder.layers.encoder_layer_0.self_attention.in_proj_bias").second == 0 &&
        split.at("encoder.ln.weight").second == -1);
  // A shared parameter is meant by each of its names.
  auto tied = p({2, 2});
  const NamedTensors shared{{"embed.weight", tied}, {"other", p({1})}, {"decoder.weight", tied}};
  CHECK_EQ(by_name(Groups{.lr_factor = {{"decoder.*", 0.5f}}}.split(shared)).at("embed.weight").first, 0.5);
  CHECK_EQ(
      by_name(Groups{.lr_factor = {{"decoder.*", 0.5f}, {"embed.*", 0.25f}}}.split(shared)).at("embed.weight").first,
      0.25);
  const auto twice = Groups{}.split({{"same", tied}, {"same", tied}});
  CHECK_EQ(twice[0].parameters.size(), 1u);
  CHECK_EQ(by_name(Groups{.freeze = {"decoder.*"}}.split(shared)).size(), 1u);
  CHECK(!tied.requires_grad());
  CHECK_ERROR((Groups{.lr_factor = {{"head.*", std::nanf("")}}}.split({{"head.w", p({1})}})),
              "groups.lr_factor: head.*: must be finite and at least 0, got nan");
  const Weights headed(NamedTensors{{"head.weight", p({2, 2})}, {"other.weight", p({2, 2})}});
  CHECK_ERROR(BatchProcessor(Muon{.adam = {"haed.*"}}, Constant{}, headed), "optim.adam: no parameter matches haed.*");
  const BatchProcessor frozen_head(Muon{.adam = {"head.*"}}, Constant{}, headed, Fp32{}, NoAverage{},
                                   TrainStep<NoClip>{}, NoLog{}, Groups{.freeze = {"head.*"}});
  CHECK_ERROR((Muon{.adam_lr = std::nanf("")}.build({{"head.weight", p({2, 2})}})), "optim.adam_lr");
  // A line of the table is whole, however long the name.
  ParameterGroups named_long(NamedTensors{{"w", p({1})}});
  named_long[0].name = std::string(300, 'n');
  CHECK(describe(named_long, 0.5).ends_with("decay 0.5\n"));
  // Sparse gradients are said to be.
  auto embedding = at::ones({3, 2}).requires_grad_();
  embedding.mutable_grad() = at::ones({3, 2}).to_sparse();
  CHECK_ERROR((Lion{}.build({{"table", embedding}}).step(1), 0), "the parameter table has a sparse gradient");
}

void schedule_free_begins_late() {
  // z begins where a parameter is in its first step, not where it was when the optimizer was built.
  const auto p = [] { return at::tensor({1.0f, 2.0f}).requires_grad_(); };
  auto a = p(), b = p(), never = p();
  const auto set = [](at::Tensor& t, float value) {
    const at::NoGradGuard no_grad;
    t.fill_(value);
  };
  auto late = ScheduleFree{}.build({{"a", a}, {"never", never}});
  set(a, 5), set(b, 5), set(never, 7);
  auto fresh = ScheduleFree{}.build({{"b", b}});
  for (int i = 0; i < 3; ++i) {
    for (auto* t : {&a, &b}) t->mutable_grad() = at::ones({2}) * (i + 1);
    late.step(0.1), fresh.step(0.1);
  }
  CHECK(a.detach().equal(b.detach()) && a[0].item<float>() != 5);
  late.evaluate(true), fresh.evaluate(true);
  CHECK(a.detach().equal(b.detach()) && never[0].item<float>() == 7);
}

/// The rate grows and falls: the average weighs each step by the square of the largest rate so far. In scalars, by the
/// paper's algorithm.
void schedule_free_with_a_warmup() {
  const ScheduleFree policy{.betas = {0.9f, 0.99f}, .weight_decay = 0.05f};
  auto w = at::tensor({1.5f}).requires_grad_();
  auto optim = policy.build({{"w", w}});
  double y = 1.5, z = y, x = y, v = 0, largest = 0, sum = 0;
  const double b1 = static_cast<double>(policy.betas[0]), b2 = static_cast<double>(policy.betas[1]);
  for (int t = 1; t <= 60; ++t) {
    const double rate = 0.02 * (t < 20 ? t / 20.0 : t < 40 ? 1 : 0.3), g = std::sin(t) + 0.5;
    w.mutable_grad() = at::tensor({static_cast<float>(g)});
    optim.step(rate);
    v = b2 * v + (1 - b2) * g * g;
    const double d = g / (std::sqrt(v / (1 - std::pow(b2, t))) + 1e-8) + 0.05 * y;
    largest = std::max(largest, rate), sum += largest * largest;
    const double c = largest * largest / sum;
    z -= rate * d, x = (1 - c) * x + c * z, y = (1 - b1) * z + b1 * x;
    CHECK(std::abs(w.item<double>() - y) < 1e-5);
  }
  optim.evaluate(true);
  CHECK(std::abs(w.item<double>() - x) < 1e-5);
}

/// The filters of a convolution are the rows of a matrix.
void muon_takes_filters() {
  at::manual_seed(1);
  const auto start = at::randn({4, 2, 1, 3}), gradient = at::randn({4, 2, 1, 3});
  auto filters = start.clone().requires_grad_(), matrix = start.flatten(1).clone().requires_grad_();
  auto a = Muon{}.build({{"w", filters}}), b = Muon{}.build({{"w", matrix}});
  for (int t = 0; t < 3; ++t) {
    filters.mutable_grad() = gradient * (t + 1), matrix.mutable_grad() = gradient.flatten(1) * (t + 1);
    a.step(0.02), b.step(0.02);
  }
  CHECK(filters.detach().flatten(1).equal(matrix.detach()) && !matrix.detach().equal(start.flatten(1)));
}

void gradients_are_let_go() {
  auto p = at::ones({4}).requires_grad_();
  const auto count = [&](auto&& optim) {
    p.mutable_grad() = at::ones({4});
    const auto gradient = p.grad();
    optim.step(0.1);
    p.mutable_grad().reset();
    return gradient.use_count();
  };
  CHECK_EQ(count(AdamW{}.build({{"p", p}})), 1u);
  CHECK_EQ(count(Lion{}.build({{"p", p}})), 1u);
  CHECK_EQ(count(ScheduleFree{}.build({{"p", p}})), 1u);
}

}  // namespace

TESTS {
  const auto golden = golden_optimizers();
  follow(golden, "adamw", AdamW{.lr = 0.01f, .betas = {0.9f, 0.95f}, .eps = 1e-7f, .weight_decay = 0.1f});
  follow(golden, "sgd", Sgd{.lr = 0.05f, .momentum = 0});
  follow(golden, "sgd_momentum", Sgd{.lr = 0.05f, .momentum = 0.9f, .weight_decay = 0.01f});
  follow(golden, "sgd_nesterov", Sgd{.lr = 0.05f, .momentum = 0.8f, .nesterov = true});
  follow(golden, "adam", Adam{.lr = 0.01f, .betas = {0.8f, 0.99f}, .weight_decay = 0.1f});
  follow(golden, "adam_amsgrad", Adam{.lr = 0.01f, .amsgrad = true});
  follow(golden, "adamw_amsgrad", AdamW{.lr = 0.01f, .amsgrad = true}, 1e-5, at::kFloat, 4);
  follow_all(golden, "rmsprop", RmsProp{.lr = 0.01f, .weight_decay = 0.05f});
  follow_all(golden, "rmsprop_momentum", RmsProp{.lr = 0.01f, .alpha = 0.9f, .momentum = 0.8f});
  follow_all(golden, "rmsprop_centered", RmsProp{.lr = 0.01f, .alpha = 0.9f, .eps = 1e-3f, .centered = true});
  follow_all(golden, "rmsprop_both",
             RmsProp{.lr = 0.01f, .alpha = 0.9f, .eps = 1e-3f, .momentum = 0.8f, .centered = true});
  follow_all(golden, "adagrad", Adagrad{.lr = 0.05f, .lr_decay = 0.01f, .weight_decay = 0.02f});
  follow_all(golden, "lion", Lion{.lr = 0.01f, .betas = {0.9f, 0.98f}, .weight_decay = 0.1f});
  follow_all(golden, "lamb", Lamb{.lr = 0.01f, .betas = {0.9f, 0.99f}, .weight_decay = 0.1f});
  follow_all(golden, "schedule_free", ScheduleFree{.lr = 0.02f, .betas = {0.9f, 0.99f}, .weight_decay = 0.05f});
  follow(golden, "muon", Muon{});
  follow(golden, "muon_tall", Muon{}, 1e-5, at::kFloat, 1, {"tall", {6, 2}});
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

  groups(), schedule_free_begins_late(), schedule_free_with_a_warmup(), muon_takes_filters(), gradients_are_let_go();
  resumes(AdamW{}), resumes(AdamW{.amsgrad = true}), resumes(Adam{}), resumes(Adam{.amsgrad = true}), resumes(Sgd{});
  resumes(RmsProp{.momentum = 0.8f, .centered = true}), resumes(Adagrad{}), resumes(Lion{}), resumes(Lamb{});
  resumes(Muon{}), resumes(Muon{.adam = {"w"}}), resumes(ScheduleFree{});
  parallel(Lion{}), parallel(Lamb{}), parallel(RmsProp{}), parallel(ScheduleFree{}), parallel(AdamW{});
  return 0;
}
