#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/sources.hpp>
#include <quix/cfg/table.hpp>
#include <quix/cfg/views.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/detail/separate.hpp>

namespace quix {
struct ProgramContext;
}
namespace quix::detail {

/// What the command `config` shows; the configuration as YAML when nothing is asked for.
struct View {
  enum class Format { yaml, json, toml } format = Format::yaml;
  std::vector<std::string> explain;
  std::vector<std::string> diff;  ///< one or two files, runs, built-in configurations, or `defaults`
  bool schema = false;
  std::optional<Shell> completion;
  /// Whether it shows what may be set, not what is.
  bool of_the_type() const { return schema || completes(); }
  bool completes() const { return completion || !completion_folder.empty(); }
  std::string completion_folder;  ///< where a script for each shell is written
};

/// Drops the problems that an option is required but not set.
void forget_required(std::vector<Problem>& problems);

/// Takes the flags of `config` out of the words of a command line, if that is its command; `--completion` belongs to
/// every command.
View take_view(std::vector<const char*>& words, std::vector<Problem>& problems);

/// The text of a view.
std::string show(const View& view, const Table& table, const std::string& program, const ProgramContext& context);

/// A configuration that is built into this program, by its name with or without suffix.
std::optional<Document> find_embedded(const std::string& name, std::span<const EmbeddedConfig> configs);
/// Adds a built-in configuration to the layers.
void add_named(const std::string& name, std::span<const EmbeddedConfig> configs, Layers& layers,
               std::vector<Problem>& problems);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/view.ipp>
#endif
