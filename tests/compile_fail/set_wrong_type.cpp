// error: quix::set: epochs is int, and cannot be set from (float|double)
#include <quix/cfg.hpp>
struct Exp {
  int epochs = 3;
  std::filesystem::path path{};
};
auto f() { return quix::with(Exp{}, quix::set<"epochs">(2.5)); }
