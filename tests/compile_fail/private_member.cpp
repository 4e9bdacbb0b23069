// error: quix: Options::optim: Sgd cannot be an option.*no private members
// errors: 1
#include <quix/cfg.hpp>
class Sgd {
  float lr = 0.1f;
};
struct Options {
  Sgd optim{};
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
