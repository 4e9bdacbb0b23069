// error: quix: Exp::second is a policy for the role schedule, which is found by that name; rename it to schedule
// errors: 1
// needs torch
#include <quix/quix.hpp>
struct Sample {
  quix::Image<"png"> image;
  quix::Class<"cls"> label;
};
struct Mlp {
  int hidden = 3;
  auto build(const quix::TaskInfo& t) const { return torch::nn::Sequential(torch::nn::Linear(t.inputs, hidden)); }
};
struct Exp {
  quix::Shards<Sample> data{};
  Mlp model{};
  quix::Cosine second{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
