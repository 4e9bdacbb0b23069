// error: quix: step clips by MyClip, which is not a clipping policy
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
struct MyClip {
  float max = 1;
};
struct Exp {
  quix::Shards<Sample> data{};
  Mlp model{};
  quix::TrainStep<MyClip> step{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
