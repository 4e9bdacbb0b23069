// error: quix: this type cannot be an option.*no private members
#include <quix/cfg.hpp>
class Sgd {
  float lr = 0.1f;
};
struct Options {
  Sgd optim{};
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
