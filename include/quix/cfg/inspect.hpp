#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/node.hpp>
#include <quix/cfg/table.hpp>

namespace quix {

/// Where an option's value comes from: the value, its place, and all that it replaced. Throws Error for a name that is
/// no option.
std::string explain(const Table& table, std::string_view path);

/// What differs between two settled tables of the same types: one line `path: left → right` for each option.
std::vector<std::string> difference(const Table& left, const Table& right);

/// The JSON Schema (draft 2020-12) of a configuration file, for editors that complete YAML, JSON or TOML.
Node schema(const Table& table, std::string_view title);

/// What a completion script knows about a program besides its options.
struct CompletionFacts {
  std::string program;
  std::vector<std::string> commands;
  /// The options of each command, where there are several: the table's own are then those of one of them. Those under
  /// no name are of all.
  std::vector<std::pair<std::string, const Table*>> options;
  /// Built-in configurations, the values of --config.
  std::vector<std::string> configs;
};
enum class Shell { bash, zsh, fish };
/// "bash", "zsh" or "fish"; nothing for another word.
std::optional<Shell> shell_of(std::string_view name);
/// A static script: all names and values stand in it, and completing starts no program.
std::string completion(const Table& table, Shell shell, const CompletionFacts& facts);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/completion.ipp>
#include <quix/cfg/inspect.ipp>
#endif
