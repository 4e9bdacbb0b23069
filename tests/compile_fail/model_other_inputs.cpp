// error: quix: the forward\(\) of 'model' does not take the inputs of the sample
// needs torch
#include <quix/quix.hpp>
struct Sample {
  quix::Image<"png"> image;
  quix::Class<"cls"> label;
};
struct PairImpl : torch::nn::Module {
  at::Tensor forward(const at::Tensor& a, const at::Tensor& b) { return a + b; }
};
TORCH_MODULE(Pair);
struct Net {
  auto build(const quix::TaskInfo&) const { return Pair(); }
};
struct Exp {
  quix::Shards<Sample> data{};
  Net model{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
