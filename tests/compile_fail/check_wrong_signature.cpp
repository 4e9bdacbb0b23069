// error: quix: this group's check\(\) is never called as it is
#include <quix/cfg.hpp>
struct Options {
  int warmup = 3, steps = 9;
  bool check() const { return warmup < steps; }
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
