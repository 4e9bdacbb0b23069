#pragma once

#include <array>
#include <cstdint>

namespace quix {

/// Philox4x32-10, a counter-based generator: four random words as a pure function of a counter and a key.
/// Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = 0xD2511F53ull * counter[0], b = 0xCD9E8D57ull * counter[2];
    counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
               static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u, key[1] += 0xBB67AE85u;
  }
  return counter;
}

/// The purpose of random numbers: each has a separate stream.
enum class RngStream : std::uint32_t {
  shuffle = 1,
  augment = 2,
  model = 3,
  blocks = 4,
  sample = 5,
  mix = 6,
  replace = 7
};

/// The random numbers of one stream, in order; jumping is free.
class Rng {
 public:
  constexpr Rng(std::uint64_t seed, RngStream stream, std::uint64_t epoch)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        stream_(static_cast<std::uint32_t>(stream)),
        epoch_(epoch) {}

  /// The random numbers of one operation on the sample at one position of an epoch (below 2^32 positions and epochs).
  constexpr Rng(std::uint64_t seed, RngStream stream, std::uint64_t epoch, std::uint64_t position, std::uint32_t op)
      : Rng(seed, stream, (epoch & 0xffffffff) | position << 32) {
    first_ = op << 16;
  }

  constexpr std::uint32_t next() {
    if (at_ % 4 == 0)
      block_ = philox({first_ + static_cast<std::uint32_t>(at_ / 4), static_cast<std::uint32_t>(epoch_),
                       static_cast<std::uint32_t>(epoch_ >> 32), stream_},
                      key_);
    return block_[at_++ % 4];
  }

  /// Uniform in [0, 1), in steps of 2^-24.
  constexpr float uniform() { return static_cast<float>(next() >> 8) * 0x1p-24f; }
  constexpr float uniform(float from, float to) { return from + (to - from) * uniform(); }
  constexpr bool chance(float p) { return uniform() < p; }

  /// Uniform in 0…n-1, without bias (Lemire, Fast random integer generation in an interval, 2019).
  constexpr std::uint32_t below(std::uint32_t n) {
    std::uint64_t product = std::uint64_t{next()} * n;
    if (static_cast<std::uint32_t>(product) < n)
      for (const std::uint32_t threshold = -n % n; static_cast<std::uint32_t>(product) < threshold;)
        product = std::uint64_t{next()} * n;
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  std::array<std::uint32_t, 2> key_;
  std::uint32_t stream_;
  std::uint64_t epoch_;
  std::uint64_t at_ = 0;
  std::uint32_t first_ = 0;
  std::array<std::uint32_t, 4> block_{};
};
using Draws [[deprecated("renamed quix::Rng")]] = Rng;

}  // namespace quix
