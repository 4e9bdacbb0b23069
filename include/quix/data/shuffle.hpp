#pragma once

#include <cstdint>

namespace quix {

/// The shuffling of an epoch's samples.
enum class Shuffle : std::uint8_t {
  full,    ///< a uniform permutation
  blocks,  ///< blocks of adjacent samples in a random order, shuffled in a window: long reads on a slow disk
  shards,  ///< Python quix's: shards in a random order, each shuffled within itself
  none,    ///< stored order
};

struct OrderOptions {
  Shuffle shuffle = Shuffle::full;
  std::uint32_t block = 256, window = 64;  ///< of Shuffle::blocks
  std::uint32_t repeat = 1;
  bool balanced = false;
};

}  // namespace quix
