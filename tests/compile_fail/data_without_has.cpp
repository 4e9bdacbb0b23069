// error: quix: data is Memory, which lacks, or declares differently,  bool has\(std::string_view split\) const
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
struct Memory {
  using sample = Sample;
  quix::Split<Sample> open(std::string_view) const;
};
struct Exp {
  Memory data{};
  Mlp model{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
