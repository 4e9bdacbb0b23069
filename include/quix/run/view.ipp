#pragma once

#include <algorithm>
#include <cstdio>
#include <deque>
#include <tuple>

#include <quix/cfg/json.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/cfg/toml.hpp>
#include <quix/cfg/yaml.hpp>
#include <quix/io/file.hpp>
#include <quix/run/program.hpp>
#include <quix/run/view.hpp>

namespace quix::detail {

QUIX_INLINE std::optional<Document> find_embedded(const std::string& name, std::span<const EmbeddedConfig> configs) {
  for (const auto& config : configs) {
    const std::string_view file = config.name;
    if (file == name || file.substr(0, file.rfind('.')) == name) return parse_document(std::string(file), config.text);
  }
  return {};
}

QUIX_INLINE void add_named(const std::string& name, std::span<const EmbeddedConfig> configs, Layers& layers,
                           std::vector<Problem>& problems) {
  try {
    if (const auto document = find_embedded(name, configs)) return layers.document(*document);
    std::string all;
    std::vector<std::string_view> names;
    for (const auto& config : configs) {
      const std::string_view file = config.name;
      names.push_back(file.substr(0, file.rfind('.')));
      all += (all.empty() ? "" : ", ") + std::string(names.back());
    }
    const auto near = nearest(name, names);
    throw Error("--config", "no configuration " + name + " is built in; " +
                                (!near.empty() ? "did you mean " + std::string(near) + "?"
                                 : all.empty() ? "this program has none"
                                               : "there are: " + all));
  } catch (const Error& error) {
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
}

QUIX_INLINE void forget_required(std::vector<Problem>& problems) {
  std::erase_if(problems, [](const Problem& problem) { return problem.kind == ProblemKind::required; });
}

/// Sets a fresh table to what a word names: a file, a run, a built-in configuration, or the defaults.
inline void settle_named(Table& table, const std::string& word, std::span<const EmbeddedConfig> configs) {
  std::vector<Problem> problems;
  Layers layers(table, problems);
  const std::filesystem::path path(word);
  if (std::filesystem::is_directory(path)) {
    if (!std::filesystem::exists(path / "config.yaml"))
      throw Error(word, "is no run's folder: it holds no config.yaml");
    layers.file(path / "config.yaml");
  } else if (is_document(word)) {
    layers.file(path);
  } else if (word != "defaults") {
    add_named(word, configs, layers, problems);
  }
  table.settle(layers.take(), problems);
  forget_required(problems);
  if (!problems.empty()) throw Error(std::move(problems));
}

inline std::string show_difference(const std::vector<std::string>& of, const ProgramContext& context) {
  std::string out;
  const auto& left = of.size() == 2 ? of[0] : std::string("defaults");
  context.fresh([&](Table& a) {
    settle_named(a, left, context.configs);
    context.fresh([&](Table& b) {
      settle_named(b, of.back(), context.configs);
      for (const auto& line : difference(a, b)) out += line + "\n";
    });
  });
  return out.empty() ? "no difference\n" : out;
}

QUIX_INLINE std::string show(const ConfigOptions& options, const Table& table, const ProgramContext& context) {
  if (options.yaml + options.json + options.toml + options.schema > 1)
    throw Error("config", "prints one format; give one of --yaml, --json, --toml and --schema");
  if (options.diff.size() > 2)
    throw Error("--diff", "compares two configurations, got " + std::to_string(options.diff.size()));
  if (!options.diff.empty()) return show_difference(options.diff, context);
  if (options.schema) return json::write(schema(table, context.experiment)) + "\n";
  std::string out;
  for (const auto& name : options.explain) out += (out.empty() ? "" : "\n") + explain(table, name);
  if (!options.explain.empty()) return out;
  if (options.json) return json::write(table.tree()) + "\n";
  return options.toml ? toml::write(table) : yaml::write(table);
}

QUIX_INLINE void show_completion(const std::string& where, const Table& table, const std::string& program,
                                 const ProgramContext& context) {
  CompletionFacts facts{.program = program, .commands = {}, .options = {}, .configs = {}};
  std::deque<Table> tables;
  const auto add = [&](auto& options, std::string_view command, const std::string& prefix = {}) {
    facts.options.emplace_back(command, &tables.emplace_back());
    tables.back().add(options, prefix, /*command=*/true);
  };
  CommonOptions common;
  WeightsOptions weights;
  AllCommands commands;
  add(common, {});
  const auto add_command = [&]<class C>(C& options) {
    facts.commands.emplace_back(C::command);
    add(options, C::command);
    if constexpr (requires { options.weights; }) add(weights, C::command, "weights");
  };
  std::apply([&](auto&... options) { (add_command(options), ...); }, commands);
  for (const auto& config : context.configs) {
    const std::string_view file = config.name;
    facts.configs.emplace_back(file.substr(0, file.rfind('.')));
  }
  if (const auto shell = shell_of(where)) {
    std::fputs(completion(table, *shell, facts).c_str(), stdout);
    return;
  }
  const std::filesystem::path folder(where);
  if (!std::filesystem::is_directory(folder))
    throw Error("--completion", "expected bash, zsh, fish or a folder, got " + where);
  io::replace(folder / (program + ".bash"), completion(table, Shell::bash, facts));
  io::replace(folder / ("_" + program), completion(table, Shell::zsh, facts));
  io::replace(folder / (program + ".fish"), completion(table, Shell::fish, facts));
}

}  // namespace quix::detail
