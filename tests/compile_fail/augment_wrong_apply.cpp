// error: quix: flip is the transform Flip, whose apply\(\) is never called as declared; write  void apply
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
struct Flip {
  void apply(quix::ImageSample& views) const { views.flip_horizontal(); }
};
struct Steps {
  quix::HorizontalFlip first{};
  Flip flip{};
};
struct Exp {
  quix::Shards<Sample> data{};
  Mlp model{};
  Steps augment{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
