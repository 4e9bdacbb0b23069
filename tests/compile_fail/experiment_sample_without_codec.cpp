// error: quix: Sample::label is int, which is not a codec
// errors: 1
// needs torch
#include <quix/quix.hpp>
struct Sample {
  quix::Image<"png"> image;
  int label;
};
struct Mlp {
  int hidden = 3;
  auto build(const quix::TaskInfo& t) const { return torch::nn::Sequential(torch::nn::Linear(t.inputs, hidden)); }
};
struct Exp {
  quix::Shards<Sample> data{};
  Mlp model{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
