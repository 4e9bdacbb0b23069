#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <quix/data.hpp>

namespace quix::tool {

/// Which members the samples of a shard have, from the members in the order of the archive.
struct ShardSurvey {
  struct Sample {
    std::string key;
    std::uint64_t has = 0;   ///< a bit for each suffix; the last one stands for all from the 64th on
    std::uint32_t runs = 0;  ///< of adjacent members
    bool repeats = false;    ///< a later run has a member that an earlier one has: two samples of one key
  };
  std::filesystem::path shard;
  std::vector<std::string> suffixes;
  std::vector<Sample> samples;  ///< by their first member
  UnreadEntries unread;

  void add(std::string_view key, std::string_view suffix);
  std::uint64_t size() const;

 private:
  std::unordered_map<std::string, std::size_t> places_;
  std::size_t last_ = 0;
};

/// What training leaves out of these shards, where each sample needs the suffixes `needed`; when that is empty, all
/// that occur.
std::vector<LeftOut> left_out(std::span<const ShardSurvey> shards, const std::vector<std::string>& needed);

/// A sentence for each shard that a dataset's config.json does not list.
std::vector<std::string> unlisted(const std::filesystem::path& dataset);
/// A sentence for each file of a dataset that resembles a shard and is not one.
std::vector<std::string> foreign(const std::filesystem::path& dataset);

}  // namespace quix::tool
