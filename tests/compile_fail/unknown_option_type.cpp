// error: quix: Options::worker: thread cannot be an option\. Options are bool
// errors: 1
#include <quix/cfg.hpp>
#include <thread>
struct Options {
  std::thread worker;
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
