// error: quix: 'model' is no model policy
// needs torch
#include <quix/quix.hpp>
struct Sample {
  quix::Image<"png"> image;
  quix::Class<"cls"> label;
};
struct Mlp {
  int hidden = 3;
  auto build(int inputs) const { return torch::nn::Sequential(torch::nn::Linear(inputs, hidden)); }
};
struct Wrong {
  int steps = 3;
};
struct Exp {
  quix::Shards<Sample> data{};
  Mlp model{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
