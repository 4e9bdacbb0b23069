// error: quix: two types of a Choice have the same name
#include <quix/cfg.hpp>
namespace a {
struct Sgd {
  float lr = 0.1f;
};
}  // namespace a
struct Sgd {
  float lr = 0.1f;
};
struct Options {
  quix::Choice<a::Sgd, Sgd> optim{};
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
