// error: quix::set: optim is a group; name one of its options
#include <quix/cfg.hpp>
struct Adam {
  float lr = 1e-3f;
};
struct Exp {
  Adam optim{};
};
auto f() { return quix::with(Exp{}, quix::set<"optim">(1.5f)); }
