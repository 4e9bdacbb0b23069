#include <cstdio>

#include <quix/cfg.hpp>
#include <quix/cfg/terminal.hpp>
#include <quix/data.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"
#include "survey.hpp"

namespace quix::tool {

namespace fs = std::filesystem;

int print_dataset(const std::filesystem::path& name) {
  const Dataset dataset(name);
  for (const auto& split : dataset.splits) {
    const auto shards = find_shards(dataset.path, split);
    std::uint64_t bytes = 0, samples = 0;
    std::vector<ShardSurvey> surveys;
    std::vector<std::string> suffixes;
    for (const auto& shard : shards) {
      const auto file = open_shard(shard);
      bytes += std::filesystem::file_size(shard);
      auto& survey = surveys.emplace_back();
      survey.shard = shard;
      TarScan tar(file);
      while (tar.next_member()) survey.add(tar.key(), tar.suffix());
      survey.unread = tar.unread();
      samples += survey.size();
      for (const auto& suffix : survey.suffixes)
        if (std::find(suffixes.begin(), suffixes.end(), suffix) == suffixes.end()) suffixes.push_back(suffix);
    }
    std::string names;
    for (const auto& suffix : suffixes) names += (names.empty() ? "" : ", ") + suffix;
    const auto what = samples ? grouped(samples) + " samples of " + printable(names) : std::string("no samples");
    std::printf("%s: %s in %zu shard%s, %s MiB\n", dataset.split_name(split).c_str(), what.c_str(), shards.size(),
                shards.size() == 1 ? "" : "s", grouped((bytes + (1 << 19)) >> 20).c_str());
    for (const auto& cause : left_out(surveys, {})) std::printf("  %s\n", cause.text().c_str());
  }
  for (const auto& line : unlisted(dataset.path)) std::printf("%s\n", printable(line).c_str());
  for (const auto& line : foreign(dataset.path)) std::printf("%s\n", printable(line).c_str());
  return 0;
}

struct LsOptions {
  fs::path dataset{};
  static constexpr std::array notes = {
      quix::note<&LsOptions::dataset>("name, directory, archive or pattern", {.required = true, .positional = true})};
};

int data_ls(std::span<const char* const> args) {
  LsOptions options;
  constexpr std::string_view about =
      "Shows the splits of a dataset: samples, suffixes, shards, size; then what is left out:\nsamples that lack a "
      "suffix "
      "which others have, links without a target, shards that are not listed.\n";
  return read_command(args, options, "ls", about) ? print_dataset(options.dataset) : 0;
}

}  // namespace quix::tool
