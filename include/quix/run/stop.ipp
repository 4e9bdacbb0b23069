#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <utility>

#include <quix/run/stop.hpp>

namespace quix {
namespace detail {

/// The signal that came, or 0. Signals belong to the process, and so do the static values of this file.
inline std::atomic<int>& caught_signal() {
  static constinit std::atomic<int> number = 0;  // without a lock: handlers of two threads may run at once
  return number;
}

inline std::int64_t milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1000000;
}

/// One request may come twice: a terminal that closes hangs up, and so does its shell; timeout(1) signals its child,
/// then their group. So the same signal within a second is the same request; hanging up is always one, and so is a
/// limit of CPU time (SIGXCPU comes every second from then on).
inline void on_stop_signal(int number) {
  static constinit std::atomic<std::int64_t> first = 0;
  const auto now = milliseconds();
  std::int64_t no_time = 0;
  first.compare_exchange_strong(no_time, now);
  int before = 0;
  if (caught_signal().compare_exchange_strong(before, number)) return;
  if (number == before && (number == SIGHUP || number == SIGXCPU || now - first < 1000)) return;
  struct sigaction usual {};  // the second one takes its usual course, as soon as this handler returns
  usual.sa_handler = SIG_DFL;
  sigemptyset(&usual.sa_mask);
  ::sigaction(number, &usual, nullptr);
  std::raise(number);
}

/// SIGHUP as the process got it: by default, or ignored, by nohup, say.
struct Hangup {
  struct sigaction action {};
  bool held = false, blocked = false;  ///< since the start; by the parent already
};
inline Hangup& hangup() {
  static constinit Hangup at_start{};
  return at_start;
}
inline bool hangup_ignored() { return hangup().action.sa_handler == SIG_IGN; }

// Libraries take SIGHUP while they load, and swallow it (UCX, below the LibTorch of Debian). So a program blocks it
// before their constructors run, and sets it back after them: one that came meanwhile ends the process then.
inline void hold_hangup(int, char**, char**) {
  auto& start = hangup();
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  start.held = ::sigaction(SIGHUP, nullptr, &start.action) == 0 && ::sigprocmask(SIG_BLOCK, &set, &before) == 0;
  start.blocked = start.held && sigismember(&before, SIGHUP) == 1;
}
inline void release_hangup() {
  auto& start = hangup();
  if (!std::exchange(start.held, false)) return;
  ::sigaction(SIGHUP, &start.action, nullptr);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  if (!start.blocked) ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}
#if defined(__PIE__) || !defined(__PIC__)  // a shared library has no such section
[[gnu::section(".preinit_array"), gnu::used]] static void (*const first_look)(int, char**, char**) = hold_hangup;
[[gnu::constructor]] static void after_libraries() { release_hangup(); }
#endif

}  // namespace detail

QUIX_INLINE void catch_signals() {
  struct sigaction action {
  }, before{};
  action.sa_handler = detail::on_stop_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGXCPU}) ::sigaction(number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);  // whoever read what is printed has gone: log.txt has it too
  ::signal(SIGXFSZ, SIG_IGN);  // beyond a limit of file size writing fails with an error
  const bool ignored = ::sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler == SIG_IGN;
  if (ignored || detail::hangup_ignored())
    ::signal(SIGHUP, SIG_IGN);
  else
    ::sigaction(SIGHUP, &action, nullptr);
}

QUIX_INLINE int stop_signal() { return detail::caught_signal(); }

}  // namespace quix
