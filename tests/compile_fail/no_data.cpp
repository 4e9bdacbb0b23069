// error: quix: the experiment has no member 'data'\. Add a dataset, for example:  quix::Shards
// needs torch
#include <quix/quix.hpp>
struct Mlp {
  int hidden = 3;
};
struct Exp {
  Mlp model{};
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
