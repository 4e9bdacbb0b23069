#include "interrupt.hpp"

#include <csignal>

namespace quix::tool {

namespace {

volatile std::sig_atomic_t caught = 0;

extern "C" void note_signal(int number) {
  if (caught) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
  caught = number;
}

}  // namespace

void catch_interrupts() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;  // nohup
    struct sigaction action {};
    action.sa_handler = &note_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(number, &action, nullptr);
  }
  std::signal(SIGXFSZ, SIG_IGN);
}

void throw_interrupt() {
  if (caught) throw Interrupted(caught);
}

}  // namespace quix::tool
