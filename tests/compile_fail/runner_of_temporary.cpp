// error: quix: a Runner refers to its configuration; pass a variable that outlives the Runner, not a temporary
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
  quix::Sgd optim{};
};
void f() { quix::Runner<Exp> runner(quix::Config<Exp>{}, quix::ThreadSplit{}); }
