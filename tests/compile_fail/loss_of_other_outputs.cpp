// error: quix: 'loss' cannot be called with what the model's forward\(\) returns and the targets
// needs torch
#include <quix/quix.hpp>
struct Sample {
  quix::Image<"png"> image;
  quix::Class<"cls"> label;
};
struct Two {
  at::Tensor mean, scale;
};
struct PairImpl : torch::nn::Module {
  Two forward(const at::Tensor& a) { return {a, a}; }
};
TORCH_MODULE(Pair);
struct Net {
  auto build(const quix::TaskInfo&) const { return Pair(); }
};
struct Exp {
  quix::Shards<Sample> data{};
  Net model{};
  quix::LossOnly metrics{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
