// error: quix: an experiment is a plain struct
// needs torch
#include <quix/quix.hpp>
struct Exp {
  Exp() {}
  int data = 0, model = 0;
};
int f(int argc, char** argv) { return quix::main<Exp>(argc, argv); }
