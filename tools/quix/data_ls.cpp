#include <cstdio>

#include <quix/cfg.hpp>
#include <quix/cfg/terminal.hpp>
#include <quix/data.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"

namespace quix::tool {

int print_dataset(const std::filesystem::path& name) {
  const Dataset dataset(name);
  for (const auto& fold : dataset.folds) {
    const auto shards = find_shards(dataset.path, fold);
    std::uint64_t members = 0, bytes = 0, samples = 0;
    std::string last;
    std::vector<std::string> suffixes;
    for (const auto& shard : shards) {
      const auto file = open_shard(shard);
      bytes += std::filesystem::file_size(shard);
      TarScan tar(file);
      while (tar.next()) {
        std::string_view key, suffix;
        if (!detail::split_member(tar.name(), key, suffix)) continue;
        ++members;
        samples += key != last;
        last = key;
        if (std::find(suffixes.begin(), suffixes.end(), suffix) == suffixes.end()) suffixes.emplace_back(suffix);
      }
    }
    std::string names;
    for (const auto& suffix : suffixes) names += (names.empty() ? "" : ", ") + suffix;
    std::printf("%s: %s samples of %s in %zu shard%s, %s MiB\n", dataset.fold_name(fold).c_str(),
                grouped(samples).c_str(), names.c_str(), shards.size(), shards.size() == 1 ? "" : "s",
                grouped((bytes + (1 << 19)) >> 20).c_str());
  }
  return 0;
}

int data_ls(std::span<const char* const> args) {
  struct Options {
  } options;
  const auto places =
      read_places(args, options, "usage: quix data ls DATASET\n\nShows what a dataset of tar shards holds.\n", 1);
  return places.empty() ? 0 : print_dataset(places[0]);
}

}  // namespace quix::tool
