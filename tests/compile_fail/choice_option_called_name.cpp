// error: quix: a type of a Choice has an option called 'name'
#include <quix/cfg.hpp>
struct Sgd {
  std::string name = "x";
};
struct Options {
  quix::Choice<Sgd> optim{};
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
