#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <quix/cfg/error.hpp>

namespace quix::detail {

/// Appends `count` threads that call `work()` to `threads`. If one cannot be started, calls `stop()`, which must let
/// the others return, joins them, and throws Error.
template <class Work, class Stop>
void start_threads(std::vector<std::thread>& threads, std::size_t count, Work work, Stop stop) {
  threads.reserve(threads.size() + count);
  for (std::size_t i = 0; i < count; ++i) try {
      threads.emplace_back(work);
    } catch (const std::system_error& error) {
      stop();
      for (auto& thread : threads) thread.join();
      threads.clear();
      throw Error("threads", "thread " + std::to_string(i + 1) + " of " + std::to_string(count) +
                                 " cannot be started: " + error.code().message() +
                                 "; ask for fewer, or raise the limits of processes and memory (ulimit -u, -v)");
    }
}

/// Calls f(0) … f(n-1) on some threads. Of several exceptions, throws that of the smallest number. Throws Error when a
/// thread cannot be started.
template <class F>
void in_parallel(std::size_t n, unsigned threads, F&& f) {
  std::vector<std::exception_ptr> failures(n);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  const auto work = [&] {
    for (std::size_t i; !stop && (i = next.fetch_add(1)) < n;) {
      try {
        f(i);
      } catch (...) {
        failures[i] = std::current_exception();
        stop = true;
      }
    }
  };
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> pool;
  if (n > 1) start_threads(pool, std::min<std::size_t>(threads, n) - 1, work, [&] { stop = true; });
  work();
  for (auto& thread : pool) thread.join();
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace quix::detail
