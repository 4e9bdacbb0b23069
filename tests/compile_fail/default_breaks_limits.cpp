// error: quix: the default of Adam::lr breaks its own limits: 0 or more and less than 0.5
#include <quix/cfg.hpp>
struct Adam {
  float lr = 3;
  std::string text = "x";
  static constexpr std::array notes = {quix::note<&Adam::lr>("rate", {.min = 0, .below = 0.5})};
};
Adam f(int argc, char** argv) { return quix::cfg::parse<Adam>(argc, argv); }
