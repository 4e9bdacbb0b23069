// error: quix: Adam has a note on rate, which is not one of its fields; did you mean
// errors: 1
#include <quix/cfg.hpp>
struct Sgd {
  float rate = 0.1f;
};
struct Adam {
  float rates = 1e-3f;
  static constexpr std::array notes = {quix::note<&Sgd::rate>("of learning")};
};
Adam f(int argc, char** argv) { return quix::cfg::parse<Adam>(argc, argv); }
