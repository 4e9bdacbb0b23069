// error: quix: this type cannot be an option\.
#include <quix/cfg.hpp>
#include <thread>
struct Options {
  std::thread worker;
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
