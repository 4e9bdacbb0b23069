#pragma once

#include <stdexcept>

namespace quix::tool {

/// A signal ended the command: thrown where nothing is half-done, so that what was begun is removed.
class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(int signal) : std::runtime_error("interrupted"), signal_(signal) {}
  int signal() const { return signal_; }

 private:
  int signal_;
};

/// After it SIGINT, SIGTERM and SIGHUP are noted for throw_interrupt(), a second one ends the process at once; a write
/// beyond the limit of a file's size fails as one to a full disk does.
void catch_interrupts();
/// Throws Interrupted when a signal came.
void throw_interrupt();

}  // namespace quix::tool
