#pragma once

#include <algorithm>

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
  std::erase_if(problems, [](const Problem& problem) { return problem.what.starts_with("is required: "); });
}

QUIX_INLINE View take_view(std::vector<const char*>& words, std::vector<Problem>& problems) {
  View view;
  const bool config = !words.empty() && words.front() == std::string_view("config");
  std::vector<const char*> rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    std::optional<std::string> value;
    if (const auto equals = word.find('='); word.starts_with("--") && equals != word.npos)
      value = std::string(word.substr(equals + 1)), word = word.substr(0, equals);
    const auto next = [&](const char* what) {
      if (!value && i + 1 < words.size() && words[i + 1][0] != '-') value = words[++i];
      if (!value) problems.push_back({std::string(word), std::string("needs ") + what, {}});
      return value.value_or("");
    };
    if (!config && word != "--completion")
      rest.push_back(words[i]);
    else if (word == "--json")
      view.format = View::Format::json;
    else if (word == "--toml")
      view.format = View::Format::toml;
    else if (word == "--yaml")
      view.format = View::Format::yaml;
    else if (word == "--schema")
      view.schema = true;
    else if (word == "--explain")
      view.explain.push_back(next("the name of an option"));
    else if (word == "--completion") {
      const auto shell = next("a shell (bash, zsh or fish), or a folder for all scripts");
      view.completion = shell_of(shell);
      if (!view.completion && std::filesystem::is_directory(shell))
        view.completion_folder = shell;
      else if (!view.completion && !shell.empty())
        problems.push_back({"--completion", "expected bash, zsh, fish or a folder, got " + shell, {}});
    } else if (word == "--diff") {
      view.diff.push_back(next("one or two files, runs or built-in configurations"));
      if (i + 1 < words.size() && words[i + 1][0] != '-') view.diff.emplace_back(words[++i]);
    } else
      rest.push_back(words[i]);
  }
  words = std::move(rest);
  return view;
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

QUIX_INLINE std::string show(const View& view, const Table& table, const std::string& program,
                             const ProgramContext& context) {
  std::string out;
  if (!view.diff.empty()) {
    const auto& left = view.diff.size() == 2 ? view.diff[0] : std::string("defaults");
    context.fresh([&](Table& a) {
      settle_named(a, left, context.configs);
      context.fresh([&](Table& b) {
        settle_named(b, view.diff.back(), context.configs);
        for (const auto& line : difference(a, b)) out += line + "\n";
      });
    });
    return out.empty() ? "no difference\n" : out;
  }
  if (view.schema) return json::write(schema(table, context.experiment)) + "\n";
  if (view.completion || !view.completion_folder.empty()) {
    CompletionFacts facts{.program = program,
                          .commands = {},
                          .flags = {"--json", "--toml", "--yaml", "--schema", "--explain", "--diff", "--completion"},
                          .configs = {}};
    for (const auto& command : commands) facts.commands.emplace_back(command.name);
    for (const auto& config : context.configs) {
      const std::string_view file = config.name;
      facts.configs.emplace_back(file.substr(0, file.rfind('.')));
    }
    if (view.completion) return completion(table, *view.completion, facts);
    const std::filesystem::path folder(view.completion_folder);
    io::replace(folder / (program + ".bash"), completion(table, Shell::bash, facts));
    io::replace(folder / ("_" + program), completion(table, Shell::zsh, facts));
    io::replace(folder / (program + ".fish"), completion(table, Shell::fish, facts));
    return {};
  }
  for (const auto& name : view.explain) out += (out.empty() ? "" : "\n") + explain(table, name);
  if (!view.explain.empty()) return out;
  switch (view.format) {
    case View::Format::yaml: return yaml::write(table);
    case View::Format::json: return json::write(table.tree()) + "\n";
    case View::Format::toml: break;
  }
  return toml::write(table);
}

}  // namespace quix::detail
