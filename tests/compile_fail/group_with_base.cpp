// error: quix: a group of options has no base classes
#include <quix/cfg.hpp>
struct Base {
  float lr = 0.1f;
};
struct Sgd : Base {
  float momentum = 0;
};
struct Options {
  Sgd optim{};
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
