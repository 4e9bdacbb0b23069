// error: quix: Options::host is a pointer, which cannot be an option; use std::string for text
// errors: 1
#include <quix/cfg.hpp>
struct Options {
  int port = 80;
  const char* host = "localhost";
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
