// error: misspelt_note.cpp:5:[0-9]+: error: .*(used in nested name specifier|lrr)
#include <quix/cfg.hpp>
struct Adam {
  float lr = 1e-3f;
  static constexpr std::array notes = {quix::note<&Adam::lrr>("rate")};
};
Adam f(int argc, char** argv) { return quix::cfg::parse<Adam>(argc, argv); }
