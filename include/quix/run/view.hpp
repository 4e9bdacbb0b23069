#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/sources.hpp>
#include <quix/cfg/views.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/detail/separate.hpp>
#include <quix/run/program.hpp>

namespace quix::detail {

/// What the command `config` shows; the configuration as YAML when nothing is asked for.
struct View {
  enum class Format { yaml, json, toml } format = Format::yaml;
  std::vector<std::string> explain;
  std::vector<std::string> diff;  ///< one or two files, runs, built-in configurations, or `defaults`
  bool schema = false;
  std::optional<Shell> completion;
};

/// Takes the flags of `config` out of the words of a command line, if that is its command.
View take_view(std::vector<const char*>& words, std::vector<Problem>& problems);

struct ViewContext {
  std::string_view experiment;
  std::string program;
  const FreshTable& fresh;
};
/// The text of a view.
std::string show(const View& view, const Table& table, const ViewContext& context);

/// The configurations that are built into this program.
std::vector<EmbeddedConfig> embedded_configs();
/// Adds a built-in configuration to the layers.
void add_named(const std::string& name, Layers& layers, std::vector<Problem>& problems);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/view.ipp>
#endif
