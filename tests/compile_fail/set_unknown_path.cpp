// error: quix::set: no option optim.weight_decai; did you mean optim.weight_decay\? Options here: lr weight_decay
#include <quix/cfg.hpp>
struct Adam {
  float lr = 1e-3f, weight_decay = 0;
};
struct Exp {
  Adam optim{};
  int epochs = 3;
};
auto f() { return quix::with(Exp{}, quix::set<"epochs">(5), quix::set<"optim.weight_decai">(0.1f)); }
