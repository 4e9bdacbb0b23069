// error: quix: a field of this group is a C array
#include <quix/cfg.hpp>
struct Options {
  float betas[2] = {0.9f, 0.999f};
  int steps = 3;
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
