#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

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

/// Whether SIGHUP was ignored when the process started, by nohup, say. Libraries take it before main() looks (UCX,
/// below the LibTorch of Debian), so a program looks before their constructors run.
inline bool& hangup_ignored() {
  static constinit bool ignored = false;
  return ignored;
}
inline void look_at_hangup(int, char**, char**) {
  struct sigaction now {};
  if (::sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) hangup_ignored() = true;
}
#if defined(__PIE__) || !defined(__PIC__)  // a shared library has no such section
[[gnu::section(".preinit_array"), gnu::used]] static void (*const first_look)(int, char**, char**) = look_at_hangup;
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
  ::signal(SIGXFSZ, SIG_IGN);  // beyond a limit of file size writing fails, and says so
  if (::sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) detail::hangup_ignored() = true;
  if (detail::hangup_ignored())
    ::signal(SIGHUP, SIG_IGN);
  else
    ::sigaction(SIGHUP, &action, nullptr);
}

QUIX_INLINE int stop_signal() { return detail::caught_signal(); }

}  // namespace quix
