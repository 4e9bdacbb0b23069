#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include <quix/data/philox.hpp>

namespace quix {

/// Which sample stands at which position of an epoch: a pure function of (seed, epoch, number of samples), never of
/// threads, ranks or time. A position is an integer, and resuming in the middle of an epoch is starting from one.
using Order = std::vector<std::uint32_t>;

/// A uniformly drawn permutation (Fisher and Yates, drawing from Philox). 1.28 million samples take about 10 ms.
inline Order shuffled(std::uint32_t samples, std::uint64_t seed, std::uint64_t epoch) {
  Order order(samples);
  std::iota(order.begin(), order.end(), 0u);
  Draws draws(seed, Stream::shuffle, epoch);
  for (std::uint32_t i = samples; i > 1; --i) std::swap(order[i - 1], order[draws.below(i)]);
  return order;
}

}  // namespace quix
