#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <quix/cfg/terminal.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"
#include "output.hpp"

// pack: a dataset from loose files.

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

struct PackOptions {
  std::string fold = "train";
  WriteOptions write{};
  static constexpr std::array notes = {quix::note<&PackOptions::fold>("fold that the samples go to")};
};

}  // namespace

int data_pack(std::span<const char* const> args) {
  PackOptions options;
  const auto places =
      read_places(args, options,
                  "usage: quix data pack FOLDER DATASET\n\nFiles that share their name up to the first dot are a "
                  "sample: 7.png and 7.cls become the members of\nsample 7. Folders below are part of the key.\n",
                  2);
  if (places.empty()) return 0;
  const fs::path folder = places[0];
  if (!fs::is_directory(folder)) throw Error(folder.string(), "is no folder");
  std::map<std::string, std::vector<std::pair<std::string, fs::path>>> samples;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto name = entry.path().lexically_relative(folder).generic_string();
    std::string_view key, suffix;
    if (detail::split_member(name, key, suffix)) samples[std::string(key)].emplace_back(suffix, entry.path());
  }
  if (samples.empty()) throw Error(folder.string(), "holds no files with a name like KEY.SUFFIX");
  Output output(places[1], options.write);
  ProgressBar bar(options.write.progress);
  bar.start("pack " + options.fold, samples.size());
  std::uint64_t done = 0;
  for (auto& [key, files] : samples) {
    std::sort(files.begin(), files.end());
    std::vector<std::string> texts;
    for (const auto& file : files) texts.push_back(io::read_text(file.second));
    std::vector<Writer::Member> members;
    for (std::size_t i = 0; i < files.size(); ++i)
      members.emplace_back(files[i].first, std::as_bytes(std::span(texts[i])));
    output->write(options.fold, key, members);
    bar.update(++done, std::string_view{});
  }
  bar.clear();
  output.finish();
  return print_dataset(places[1]);
}

}  // namespace quix::tool
