#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace quix::detail {

/// Calls f(0) … f(n-1) on some threads. Of several exceptions that of the smallest number is thrown.
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
  for (std::size_t i = 1; i < std::min<std::size_t>(threads, n); ++i) pool.emplace_back(work);
  work();
  for (auto& thread : pool) thread.join();
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace quix::detail
