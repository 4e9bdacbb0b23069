#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/inspect.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/table.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/detail/separate.hpp>
#include <quix/run/commands/options.hpp>

namespace quix {
struct ProgramContext;
}
namespace quix::detail {

/// Drops the problems that an option is required but not set.
void forget_required(std::vector<Problem>& problems);

/// What the command `config` prints; the configuration as YAML when nothing else is asked for. Throws Error.
std::string show(const ConfigOptions& options, const Table& table, const ProgramContext& context);
/// Prints a completion script for a shell, or writes all of them into a folder. Throws Error.
void show_completion(const std::string& where, const Table& table, const std::string& program,
                     const ProgramContext& context);

/// A configuration that is built into this program, by its name with or without suffix.
std::optional<Document> find_embedded(const std::string& name, std::span<const EmbeddedConfig> configs);
/// Adds a built-in configuration to the layers.
void add_named(const std::string& name, std::span<const EmbeddedConfig> configs, Layers& layers,
               std::vector<Problem>& problems);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/view.ipp>
#endif
