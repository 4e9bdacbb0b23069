// error: quix: checkpoint is Wrong, which lacks, or declares differently,  int keep = 2
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
struct Wrong {
  int every_epochs = 1, every_steps = 0;
};
struct Exp {
  quix::Shards<Sample> data{};
  Mlp model{};
  Wrong checkpoint{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
