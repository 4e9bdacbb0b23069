// error: quix: Exp::name has the name of a flag of the program; rename it
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
  std::string name = "mine";
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
