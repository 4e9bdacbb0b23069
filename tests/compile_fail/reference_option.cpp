// error: quix: a field of this group is a reference, const, or cannot be assigned
#include <quix/cfg.hpp>
inline int shared = 3;
struct Options {
  int& steps = shared;
  float lr = 0.1f;
};
void f(quix::Table& table, Options& options) { table.add(options); }
