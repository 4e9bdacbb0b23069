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

/// The words that a command needs, as its usage shows them: "DATASET NEW_DATASET".
inline std::string usage_words(const Table& table) {
  std::string out;
  for (const auto& row : table.options())
    if (row.positional()) out += detail::word_of(row.path) + " ";
  return out;
}

/// Reads a command's words into its options, of which those that are positional need no flag. `about`: what the command
/// does. False when help was asked for and shown.
template <class Options>
bool read_command(std::span<const char* const> args, Options& options, std::string_view name, std::string_view about) {
  Table table;
  table.add(options);
  if (args.size() == 1 && std::string_view(args[0]) == list_flags) {
    for (const auto& row : table.options())
      if (!row.hidden() && !row.positional()) std::printf("--%s ", row.path.c_str());
    return false;
  }
  std::vector<Problem> problems;
  const auto arguments = read_arguments(args, table, {}, problems);
  if (arguments.help || args.empty()) {
    std::printf("usage: quix data %s %s[--option value …]\n\n%s\n%s", std::string(name).c_str(),
                usage_words(table).c_str(), std::string(about).c_str(), help_text(table, help_style()).c_str());
    if (arguments.help) return false;
  }
  Layers layers(table, problems);
  add_flags(arguments, layers, /*command=*/false);
  table.settle(layers.take(), problems);
  for (const auto& notice : table.notices()) std::fprintf(stderr, "quix: %s\n", notice.c_str());
  for (const auto& file : arguments.files) problems.push_back({file, "unexpected argument", {}});
  if (!problems.empty()) throw Error(std::move(problems));
  return true;
}

/// Prints a line for each split of a dataset.
int print_dataset(const std::filesystem::path& dataset);

}  // namespace quix::tool
