// error: quix: the types of a Choice are plain structs
#include <quix/cfg.hpp>
struct Options {
  quix::Choice<int, float> rate{};
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
