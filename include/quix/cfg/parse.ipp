#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <quix/cfg/inspect.hpp>
#include <quix/cfg/json.hpp>
#include <quix/cfg/note.hpp>
#include <quix/cfg/parse.hpp>
#include <quix/cfg/terminal.hpp>
#include <quix/cfg/toml.hpp>
#include <quix/cfg/yaml.hpp>

namespace quix::cfg::detail {

QUIX_INLINE Arguments settle(Table& table, std::span<const char* const> args, bool environment) {
  table.check_defaults();
  std::vector<Problem> problems;
  auto arguments = read_arguments(args, table, {}, problems);
  if (arguments.help && problems.empty()) return arguments;
  Layers own(table, problems);
  add_flags(arguments, own, /*command=*/true);
  table.settle(own.take(), problems, /*command=*/true);
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

// The flags that a program of options has besides its own, where its struct has none of that name.

enum class Shown : std::uint8_t { yaml, json, toml, schema, bash, zsh, fish };
struct ShowFlag {
  std::vector<Shown> show{};
  static constexpr std::array notes = {
      quix::note<&ShowFlag::show>("print the configuration, the schema of its files, or a completion script")};
};
struct ExplainFlag {
  std::vector<std::string> explain{};
  static constexpr std::array notes = {
      quix::note<&ExplainFlag::explain>("where an option's value comes from, and what it replaced")};
};
struct CompletionFlag {
  std::optional<Shell> completion{};
  static constexpr std::array notes = {quix::note<&CompletionFlag::completion>("print a completion script")};
};
struct ProgramFlags {
  ShowFlag show;
  ExplainFlag explain;
  CompletionFlag completion;

  void add_to(Table& table) {
    const auto add = [&](auto& flag) {
      const bool own = table.find(quix::detail::names<std::remove_cvref_t<decltype(flag)>>[0]);
      if (!own) table.add(flag, {}, /*command=*/true);
    };
    add(show), add(explain), add(completion);
  }
  bool wanted() const { return !show.show.empty() || !explain.explain.empty() || completion.completion; }
  /// Whether only what may be set is shown, not what is set.
  bool of_the_type() const {
    return (!show.show.empty() || completion.completion) && explain.explain.empty() &&
           std::all_of(show.show.begin(), show.show.end(), [](Shown what) { return what >= Shown::schema; });
  }
};

inline std::string shown(const Table& table, Shown what, const std::string& program) {
  const auto script = [&](Shell shell) {
    return completion(table, shell, {.program = program, .commands = {}, .options = {}, .configs = {}});
  };
  switch (what) {
    case Shown::yaml: return print(table, Format::yaml);
    case Shown::json: return print(table, Format::json);
    case Shown::toml: return print(table, Format::toml);
    case Shown::schema: return json::write(schema(table, program)) + "\n";
    case Shown::bash: return script(Shell::bash);
    case Shown::zsh: return script(Shell::zsh);
    case Shown::fish: break;
  }
  return script(Shell::fish);
}

inline std::string program_help(const Table& table, const std::string& program, std::string_view about,
                                const std::string& group) {
  const auto style = help_style();
  std::string out;
  if (group.empty()) {
    out = "usage: " + program + " [file.yaml …] [--option value …]\n\n";
    if (!about.empty()) out += wrapped(about, 0, style.width) + "\n\n";
  }
  return out + help_text(table, style, group);
}

QUIX_INLINE void run_command_line(Table& table, int argc, const char* const* argv, std::string_view about) {
  const auto program = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : std::string("program");
  try {
    ProgramFlags flags;
    flags.add_to(table);
    Arguments arguments;
    try {
      arguments = settle(table, {argv + (argc > 0 ? 1 : 0), argv + argc}, true);
    } catch (const Error& error) {  // what may be set is shown without what must be
      const auto required = [](const Problem& problem) { return problem.kind == ProblemKind::required; };
      if (!flags.of_the_type() || !std::all_of(error.problems().begin(), error.problems().end(), required)) throw;
    }
    for (const auto& notice : table.notices()) std::fprintf(stderr, "%s: %s\n", program.c_str(), notice.c_str());
    if (!arguments.help && !flags.wanted()) return;
    std::string text;
    if (arguments.help) text += program_help(table, program, about, arguments.help_group);
    for (const auto what : flags.show.show) text += shown(table, what, program);
    if (const auto shell = flags.completion.completion)
      text += shown(table, static_cast<Shown>(static_cast<int>(Shown::bash) + static_cast<int>(*shell)), program);
    for (const auto& name : flags.explain.explain) text += explain(table, name);
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
