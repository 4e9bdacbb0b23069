#pragma once

#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg.hpp>

namespace quix::tool {

/// The word for which a command prints its flags in one line, for completion scripts.
inline constexpr std::string_view list_flags = "--list-flags";

/// Splits a command's words into its `count` places and its options. Empty when help was asked for and shown.
template <class Options>
std::vector<std::string> read_places(std::span<const char* const> args, Options& options, std::string_view usage,
                                     std::size_t count) {
  std::vector<std::string> places;
  std::vector<const char*> flags;
  std::size_t i = 0;
  for (; i < args.size() && places.size() < count && args[i][0] != '-'; ++i) places.emplace_back(args[i]);
  for (; i < args.size(); ++i) flags.push_back(args[i]);
  Table table;
  table.add(options);
  if (args.size() == 1 && std::string_view(args[0]) == list_flags) {
    for (const auto& row : table.rows())
      if (!row.hidden()) std::printf("--%s ", row.path.c_str());
    return {};
  }
  std::vector<Problem> problems;
  const auto arguments = read_arguments(flags, table, {}, problems);
  if (arguments.help || args.empty()) {
    std::printf("%s\n%s", std::string(usage).c_str(), help_text(table, help_style()).c_str());
    if (args.empty() && count > 0)
      throw Error("", "this command needs " + std::to_string(count) + (count == 1 ? " place" : " places"));
    return {};
  }
  Layers layers(table, problems);
  add_flags(arguments, layers, /*command=*/false);
  table.settle(layers.take(), problems);
  for (const auto& file : arguments.files) problems.push_back({file, "is one place too many", {}});
  if (places.size() < count)
    problems.push_back({"",
                        "expected " + std::to_string(count) + (count == 1 ? " place" : " places") +
                            " before the options; --help shows them",
                        {}});
  if (!problems.empty()) throw Error(std::move(problems));
  return places;
}

/// Prints a line for each fold of a dataset.
int print_dataset(const std::filesystem::path& dataset);

}  // namespace quix::tool
