#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include <quix/cfg/note.hpp>
#include <quix/data/dataset.hpp>
#include <quix/data/on_error.hpp>
#include <quix/data/order.hpp>
#include <quix/data/shuffle.hpp>
#include <quix/data/split.hpp>

namespace quix {

/// The data policy for tar shards.
template <class S>
struct Shards {
  std::filesystem::path path{};
  std::optional<int> threads{};
  int prefetch = 4;
  Shuffle shuffle = Shuffle::full;
  int shuffle_block = 256;
  int shuffle_window = 64;
  int repeat = 1;
  bool balanced = false;
  OnError on_error = OnError::stop;

  using sample = S;

  /// Opens a split: "train", "val".
  Split<S> open(std::string_view split) const { return Split<S>(path, split, on_error); }
  bool has(std::string_view split) const { return has_split(path, split); }
  /// The sample order of a training epoch.
  Order order(const Split<S>& split, std::uint64_t seed, std::uint64_t epoch) const {
    return split.order({.shuffle = shuffle,
                        .block = static_cast<std::uint32_t>(shuffle_block),
                        .window = static_cast<std::uint32_t>(shuffle_window),
                        .repeat = static_cast<std::uint32_t>(repeat),
                        .balanced = balanced},
                       seed, epoch);
  }

  [[maybe_unused]] static constexpr std::array notes = {
      quix::note<&Shards::path>(
          "dataset directory or archive (in ., data/ or $QUIX_DATA), several joined by ::, or a pattern of shards",
          {.resumable = true}),
      quix::note<&Shards::threads>("decoding threads; none: chosen from the number of cores",
                                   {.min = 0, .max = 1024, .resumable = true}),
      quix::note<&Shards::prefetch>("batches to prefetch", {.min = 1, .max = 1024, .resumable = true}),
      quix::note<&Shards::shuffle>("shuffling: full, blocks of adjacent samples, shards, none"),
      quix::note<&Shards::shuffle_block>("shuffle=blocks: samples per block", {.min = 1}),
      quix::note<&Shards::shuffle_window>("shuffle=blocks: blocks shuffled together", {.min = 1}),
      quix::note<&Shards::repeat>("copies of a sample in a row, each augmented differently", {.min = 1, .max = 1024}),
      quix::note<&Shards::balanced>("sample classes uniformly, with replacement"),
      quix::note<&Shards::on_error>(
          "action for a sample that cannot be decoded: stop, skip it, or replace it by another"),
  };
};

}  // namespace quix
