// error: quix: 'loss' returns another type than
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
  double operator()(const at::Tensor& a, const at::Tensor&) const { return a.sum().item<double>(); }
};
struct Exp {
  quix::Shards<Sample> data{};
  Mlp model{};
  Wrong loss{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
