#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <quix/cfg/json.hpp>
#include <quix/cfg/parse.hpp>
#include <quix/cfg/toml.hpp>
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

QUIX_INLINE void run_command_line(Table& table, int argc, const char* const* argv, std::string_view about) {
  const auto program = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : std::string("program");
  try {
    const std::span<const char* const> args(argv, static_cast<std::size_t>(argc));
    const auto arguments = settle(table, args.subspan(argc > 0 ? 1 : 0), true);
    for (const auto& notice : table.notices()) std::fprintf(stderr, "%s: %s\n", program.c_str(), notice.c_str());
    if (!arguments.help) return;
    const auto style = help_style();
    std::string text;
    if (arguments.help_group.empty()) {
      text = "usage: " + program + " [file.yaml …] [--option value …]\n\n";
      if (!about.empty()) text += wrapped(about, 0, style.width) + "\n\n";
    }
    text += help_text(table, style, arguments.help_group);
    std::fputs(text.c_str(), stdout);
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
