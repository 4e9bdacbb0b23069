// error: quix: an option cannot be a pointer\. Use std::string
#include <quix/cfg.hpp>
struct Options {
  const char* host = "localhost";
};
Options f(int argc, char** argv) { return quix::cfg::parse<Options>(argc, argv); }
