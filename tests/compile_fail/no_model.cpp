// error: quix: the experiment has no member 'model'\. Add a model policy
// needs torch
#include <quix/quix.hpp>
struct Sample {
  quix::Image<"png"> image;
  quix::Class<"cls"> label;
};
struct Exp {
  quix::Shards<Sample> data{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
