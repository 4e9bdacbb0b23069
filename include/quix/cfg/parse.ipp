#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <quix/cfg/json.hpp>
#include <quix/cfg/parse.hpp>
#include <quix/cfg/terminal.hpp>
#include <quix/cfg/toml.hpp>
#include <quix/cfg/views.hpp>
#include <quix/cfg/yaml.hpp>

namespace quix::cfg::detail {

QUIX_INLINE Arguments settle(Table& table, std::span<const char* const> args, bool environment) {
  table.check_defaults();
  std::vector<Problem> problems;
  auto arguments = read_arguments(args, table, {}, problems);
  if (arguments.help && problems.empty()) return arguments;
  Layers layers(table, problems);
  if (environment) layers.environment();
  for (const auto& file : arguments.files) layers.file(file);
  add_flags(arguments, layers, false);
  table.settle(layers.take(), problems);
  if (!problems.empty()) throw Error(std::move(problems));
  return arguments;
}

QUIX_INLINE void settle(Table& table, const Document& document) {
  table.check_defaults();
  std::vector<Problem> problems;
  Layers layers(table, problems);
  layers.document(document);
  table.settle(layers.take(), problems);
  if (!problems.empty()) throw Error(std::move(problems));
}

/// The flags that every program of options has besides its own: `--show WHAT`, `--explain OPTION`, `--completion
/// SHELL`.
struct Shown {
  std::vector<std::string> what, explained;
};

inline Shown take_shown(std::vector<const char*>& words, const Table& table) {
  Shown out;
  std::vector<const char*> rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const auto flag = word.substr(0, word.find('='));
    const bool completes = flag == "--completion";
    auto* list = flag == "--show" || completes ? &out.what : flag == "--explain" ? &out.explained : nullptr;
    if (!list || table.find(flag.substr(2))) {
      rest.push_back(words[i]);
      continue;
    }
    if (flag.size() < word.size()) {
      list->emplace_back(word.substr(flag.size() + 1));
    } else if (i + 1 < words.size()) {
      list->emplace_back(words[++i]);
    } else {
      throw Error(std::string(flag), completes          ? "needs a shell: bash, zsh or fish"
                                     : flag == "--show" ? "needs one of yaml, json, toml, schema, bash, zsh, fish"
                                                        : "needs the name of an option");
    }
    if (completes && !shell_of(list->back()))
      throw Error("--completion", "expected bash, zsh or fish, got " + list->back());
  }
  words = std::move(rest);
  return out;
}

inline std::string shown(const Table& table, const std::string& what, const std::string& program) {
  if (what == "yaml") return print(table, Format::yaml);
  if (what == "json") return print(table, Format::json);
  if (what == "toml") return print(table, Format::toml);
  if (what == "schema") return json::write(schema(table, program)) + "\n";
  const CompletionFacts facts{
      .program = program, .commands = {}, .flags = {"--show", "--explain", "--completion"}, .configs = {}};
  if (const auto shell = shell_of(what)) return completion(table, *shell, facts);
  throw Error("--show", "expected one of yaml, json, toml, schema, bash, zsh, fish, got " + what);
}

QUIX_INLINE void run_command_line(Table& table, int argc, const char* const* argv, std::string_view about) {
  const auto program = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : std::string("program");
  try {
    std::vector<const char*> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const auto views = take_shown(words, table);
    constexpr std::string_view values[] = {"yaml", "json", "toml"};
    const bool of_the_type =
        std::none_of(views.what.begin(), views.what.end(),
                     [&](const std::string& what) {
                       return std::find(std::begin(values), std::end(values), what) != std::end(values);
                     }) &&
        !views.what.empty();
    Arguments arguments;
    try {
      arguments = settle(table, words, true);
    } catch (const Error& error) {  // what may be set is shown without what must be
      const auto required = [](const Problem& problem) { return problem.what.starts_with("is required: "); };
      if (!of_the_type || !std::all_of(error.problems().begin(), error.problems().end(), required)) throw;
    }
    for (const auto& notice : table.notices()) std::fprintf(stderr, "%s: %s\n", program.c_str(), notice.c_str());
    if (!arguments.help && views.what.empty() && views.explained.empty()) return;
    const auto style = help_style();
    std::string text;
    if (arguments.help && arguments.help_group.empty()) {
      text = "usage: " + program + " [file.yaml …] [--option value …]\n\n";
      if (!about.empty()) text += wrapped(about, 0, style.width) + "\n\n";
    }
    if (arguments.help) text += help_text(table, style, arguments.help_group);
    if (arguments.help && arguments.help_group.empty())
      text += "\n" +
              wrapped(
                  "--show yaml|json|toml prints the configuration, --show schema what a file may say, --completion "
                  "bash|zsh|fish a completion script; --explain OPTION where a value comes from.",
                  0, style.width) +
              "\n";
    for (const auto& what : views.what) text += shown(table, what, program);
    for (const auto& name : views.explained) text += explain(table, name);
    std::fputs(text.c_str(), stdout);
    quix::detail::require_stdout();
  } catch (const Error& error) {
    for (const auto& problem : error.problems())
      std::fprintf(stderr, "%s: %s\n", program.c_str(), problem.text().c_str());
    std::exit(2);
  }
  std::exit(0);
}

QUIX_INLINE std::string print(const Table& table, Format format) {
  switch (format) {
    case Format::json: return json::write(table.tree()) + "\n";
    case Format::yaml: return yaml::write(table);
    case Format::toml: return toml::write(table);
  }
  return {};
}

}  // namespace quix::cfg::detail
