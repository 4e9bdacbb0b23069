#include "survey.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace quix::tool {

namespace {

std::uint64_t bit(std::size_t suffix) { return std::uint64_t{1} << std::min<std::size_t>(suffix, 63); }

std::size_t place(std::vector<std::string>& suffixes, std::string_view suffix) {
  const auto at = std::find(suffixes.begin(), suffixes.end(), suffix);
  if (at != suffixes.end()) return static_cast<std::size_t>(at - suffixes.begin());
  suffixes.emplace_back(suffix);
  return suffixes.size() - 1;
}

}  // namespace

void ShardSurvey::add(std::string_view key, std::string_view suffix) {
  if (samples.empty() || samples[last_].key != key) {
    const auto [at, fresh] = places_.emplace(key, samples.size());
    if (fresh) samples.push_back({.key = std::string(key)});
    last_ = at->second;
    ++samples[last_].runs;
  }
  auto& sample = samples[last_];
  const auto which = bit(place(suffixes, suffix));
  sample.repeats |= sample.runs > 1 && (sample.has & which);
  sample.has |= which;
}

std::uint64_t ShardSurvey::size() const {
  std::uint64_t out = 0;
  for (const auto& sample : samples) out += sample.repeats ? sample.runs : 1;
  return out;
}

std::vector<LeftOut> left_out(std::span<const ShardSurvey> shards, const std::vector<std::string>& needed) {
  struct Count {
    std::uint64_t count = 0;
    std::string first;
  };
  auto suffixes = needed;
  if (needed.empty())
    for (const auto& shard : shards)
      for (const auto& suffix : shard.suffixes) place(suffixes, suffix);
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < suffixes.size(); ++i) all |= bit(i);
  Count apart;
  std::map<std::uint64_t, Count> lacking;
  for (const auto& shard : shards) {
    std::array<std::uint64_t, 64> means{};  // of each bit of a sample
    for (std::size_t i = 0; i < shard.suffixes.size(); ++i)
      for (std::size_t k = 0; k < suffixes.size(); ++k)
        if (detail::same_suffix(shard.suffixes[i], suffixes[k])) means[std::min<std::size_t>(i, 63)] |= bit(k);
    for (const auto& sample : shard.samples) {
      auto lacks = all;
      for (std::size_t i = 0; i < means.size(); ++i)
        if (sample.has >> i & 1) lacks &= ~means[i];
      const bool is_apart = sample.runs > 1 && !sample.repeats;
      if (!is_apart && !lacks) continue;
      auto& count = is_apart ? apart : lacking[lacks];
      if (count.count++ == 0) count.first = shard.shard.string() + ", key " + sample.key;
    }
  }
  std::vector<LeftOut> out;
  if (apart.count)
    out.push_back({apart.count, true,
                   apart.count == 1 ? "sample has members that are not adjacent in the archive"
                                    : "samples have members that are not adjacent in the archive",
                   apart.first});
  for (const auto& [lacks, count] : lacking) {
    std::string names;
    std::size_t n = 0;
    for (std::size_t i = 0; i < suffixes.size(); ++i)
      if ((lacks & bit(i)) && ++n <= 8) names += (n == 1 ? "" : ", ") + suffixes[i];
    if (n > 8) names += " and " + std::to_string(n - 8) + " others";
    out.push_back({count.count, true, (count.count == 1 ? "sample lacks " : "samples lack ") + names, count.first});
  }
  for (const auto& shard : shards) detail::add_unread(out, shard.shard, shard.unread);
  return out;
}

std::vector<std::string> unlisted(const std::filesystem::path& dataset) {
  std::vector<std::string> out;
  for (const auto& shard : unlisted_shards(dataset))
    out.push_back(shard.string() + ": config.json does not list this shard");
  return out;
}

std::vector<std::string> foreign(const std::filesystem::path& dataset) {
  std::vector<std::string> out;
  for (const auto& file : foreign_files(dataset)) out.push_back(file.string() + ": not a shard by its name, not read");
  return out;
}

}  // namespace quix::tool
