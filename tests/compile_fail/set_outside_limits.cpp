// error: optim.lr
// also: optim.lr is 0 or more and 1 or less
#include <quix/cfg.hpp>
struct Adam {
  float lr = 1e-3f;
  static constexpr std::array notes = {quix::note<&Adam::lr>("peak rate", {.min = 0, .max = 1})};
};
struct Exp {
  Adam optim{};
};
auto f() { return quix::with(Exp{}, quix::set<"optim.lr">(1.5f)); }
