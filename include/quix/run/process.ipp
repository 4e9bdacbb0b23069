#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string_view>

#include <malloc.h>
#include <sched.h>

#include <quix/cfg/error.hpp>
#include <quix/run/process.hpp>

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

QUIX_INLINE void keep_freed_memory() {
#ifdef __GLIBC__
  if (std::getenv("MALLOC_TRIM_THRESHOLD_") || std::getenv("GLIBC_TUNABLES")) return;
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 1 << 26);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 25);  // the largest that there is
#endif
}

QUIX_INLINE int stop_signal() { return detail::caught_signal(); }

QUIX_INLINE unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  unsigned cores = ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
  // A container's quota: "200000 100000" are two cores.
  std::ifstream quota("/sys/fs/cgroup/cpu.max");
  double used = 0, period = 0;
  if (quota >> used >> period && period > 0)
    cores = std::min(cores, std::max(1u, static_cast<unsigned>(used / period)));
  if (const char* local = std::getenv("LOCAL_WORLD_SIZE")) {
    unsigned ranks = 1;
    std::from_chars(local, local + std::char_traits<char>::length(local), ranks);
    cores /= std::max(1u, ranks);
  }
  return std::max(1u, cores);
}

QUIX_INLINE ThreadSplit split_threads(unsigned cores, std::optional<int> decode, std::optional<int> compute) {
  ThreadSplit split;
  if (decode && static_cast<unsigned>(*decode) >= cores && *decode > 0)
    throw Error("data.threads", std::to_string(*decode) + " decoding threads leave none of the " +
                                    std::to_string(cores) + (cores == 1 ? " core" : " cores") +
                                    " here for training; at most " + std::to_string(cores - 1) +
                                    ", or none for an automatic choice");
  split.decode = decode ? static_cast<unsigned>(*decode) : cores == 1 ? 0 : std::clamp(cores / 4, 1u, 16u);
  split.compute = std::max(1u, cores - split.decode);
  if (compute) {
    // Sums depend on the number of threads that add them up, so a resumed run keeps its own.
    split.compute = static_cast<unsigned>(*compute);
    split.decode = std::min(split.decode, cores > split.compute ? cores - split.compute : 0);
  }
  return split;
}

QUIX_INLINE std::string slow_blas() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const auto slash = line.find('/');
    if (slash == line.npos) continue;
    const std::string_view path = std::string_view(line).substr(slash);
    if (path.find("/blas/libblas.so") != path.npos)
      return "this LibTorch multiplies matrices with the reference BLAS (" + std::string(path) +
             "), 12 to 16 times slower than need be. The remedy:  apt-get install libopenblas0-openmp";
    if (path.find("/openblas-pthread/") != path.npos)
      return "this LibTorch uses OpenBLAS with threads of its own (" + std::string(path) +
             "), which get in the way of LibTorch's. The remedy:  apt-get install libopenblas0-openmp";
  }
  return {};
}

}  // namespace quix
