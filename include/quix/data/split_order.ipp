#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <quix/data/sampling.hpp>
#include <quix/data/split_data.hpp>

namespace quix {

QUIX_INLINE Order SplitData::order(const OrderOptions& options, std::uint64_t seed, std::uint64_t epoch) const {
  const auto n = static_cast<std::uint32_t>(size());
  if (options.balanced) return repeated(balanced(class_numbers(class_field()), n, seed, epoch), options.repeat);
  Order order;
  switch (options.shuffle) {
    case Shuffle::full: order = shuffled(n, seed, epoch); break;
    case Shuffle::blocks: order = shuffled_blocks(n, options.block, options.window, seed, epoch); break;
    case Shuffle::shards: {
      const bool shards = source_ == Source::shards;
      std::vector<std::uint32_t> counts(shards ? index_.shards().size() : 1);
      for (std::size_t i = 0; i < n; ++i) ++counts[shards ? index_.shard_of(i) : 0];
      while (!counts.empty() && counts.back() == 0) counts.pop_back();
      order = shuffled_by_shard(counts, seed, epoch);
      break;
    }
    case Shuffle::none: order = in_order(n); break;
  }
  return options.repeat > 1 ? repeated(order, options.repeat) : order;
}

}  // namespace quix
