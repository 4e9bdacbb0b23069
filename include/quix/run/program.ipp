#pragma once

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <exception>

#include <unistd.h>

#include <quix/cfg/help.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/cfg/yaml.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/run/program.hpp>
#include <quix/torch/version.hpp>

namespace quix {
namespace detail {

inline constexpr std::string_view commands[] = {"train", "eval", "config"};

inline std::vector<EmbeddedConfig> embedded_configs() {
  std::vector<EmbeddedConfig> out;
  if (const auto* all = quix_embedded_configs)
    for (; all->name; ++all) out.push_back(*all);
  return out;
}

inline std::string usage(std::string_view program, const Table& table, const HelpStyle& style, std::string_view group) {
  const auto bold = [&](std::string_view text) {
    return style.colour ? "\033[1m" + std::string(text) + "\033[0m" : std::string(text);
  };
  std::string out;
  if (group.empty()) {
    out += bold("usage") + "\n  " + std::string(program) + " [train|eval|config] [file.yaml …] [--option value …]\n\n";
    out += bold("commands") + "\n";
    const std::pair<const char*, const char*> lines[] = {
        {"train", "train, and validate after every epoch (the default); Ctrl-C stops with a checkpoint"},
        {"eval", "loss and metrics of the validation data with the weights of the run --from"},
        {"config", "print the resolved configuration as YAML"}};
    for (const auto& [name, what] : lines)
      out += "  " + std::string(name) + std::string(10 - std::string_view(name).size(), ' ') +
             wrapped(what, 12, style.width) + "\n";
    out += "\n" +
           wrapped(
               "Options are set by files in the order given, then by flags. A flag's group may be left out where its "
               "name is the only one: --lr for --optim.lr.",
               0, style.width) +
           "\n";
    if (const auto configs = embedded_configs(); !configs.empty()) {
      out += "\n" + bold("built-in configurations") + " (--config NAME)\n";
      for (const auto& config : configs) out += "  " + std::string(config.name) + "\n";
    }
    out += "\n";
  }
  return out + help_text(table, style, group);
}

inline Document embedded_document(const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& config : embedded_configs()) {
    const std::string_view file = config.name;
    names.push_back(file);
    names.push_back(file.substr(0, file.rfind('.')));
    if (file == name || file.substr(0, file.rfind('.')) == name) return parse_document(std::string(file), config.text);
  }
  std::string all;
  for (const auto& config : embedded_configs()) all += (all.empty() ? "" : ", ") + std::string(config.name);
  const auto near = nearest(name, names);
  throw Error("--config", "no configuration " + name + " is built in; " +
                              (!near.empty() ? "did you mean " + std::string(near) + "?"
                               : all.empty() ? "this program has none"
                                             : "there are: " + all));
}

}  // namespace detail

QUIX_INLINE std::string snake_case(std::string_view type_name) {
  std::string out;
  const auto is = [](char c, int (*test)(int)) { return test(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t i = 0; i < type_name.size(); ++i) {
    const char c = type_name[i];
    if (!is(c, std::isalnum)) {
      if (!out.empty() && out.back() != '_') out += '_';
      continue;
    }
    const bool starts =
        is(c, std::isupper) && i > 0 &&
        (is(type_name[i - 1], std::islower) || (i + 1 < type_name.size() && is(type_name[i + 1], std::islower)));
    if (starts && !out.empty() && out.back() != '_') out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return out;
}

QUIX_INLINE Request read_request(std::span<const char* const> args, Table& table, ProgramOptions& options,
                                 std::string_view experiment) {
  Request request;
  for (const char* arg : args) {
    const std::string_view word = arg;
    const bool quote = word.empty() || word.find_first_of(" \t\n\"'$\\*?[]{}()&|;<>#~") != word.npos;
    request.command_line +=
        (request.command_line.empty() ? "" : " ") + (quote ? "'" + std::string(word) + "'" : std::string(word));
  }
  table.check_defaults();
  std::vector<Problem> problems;
  const auto collect = [&](auto&& f) {
    try {
      f();
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  };
  const auto arguments = read_arguments(args.subspan(args.empty() ? 0 : 1), table, detail::commands, problems);
  if (arguments.help) {
    const auto program = args.empty() ? std::string(experiment) : std::filesystem::path(args[0]).filename().string();
    std::fputs(detail::usage(program, table, help_style(), arguments.help_group).c_str(), stdout);
    request.done = true;
    return request;
  }
  if (!arguments.command.empty()) request.command = arguments.command;
  apply(arguments, table, /*command=*/true, problems);

  // Where the configuration starts from.
  collect([&] {
    if (!options.name.empty()) check_run_name(options.name);
    if (options.resume && options.overwrite)
      throw Error("--resume", "and --overwrite exclude each other: one continues a run, the other removes it");
    if (request.command == "train" && options.resume) {
      const auto run =
          options.name.empty() ? newest_run(options.runs, experiment) : options.runs / experiment / options.name;
      if (!std::filesystem::exists(run / "config.yaml"))
        throw Error(run.string(), "holds no run to resume (no config.yaml); name one of this experiment with --name");
      request.run = run;
    } else if (!options.from.empty()) {
      if (!std::filesystem::exists(options.from / "config.yaml"))
        throw Error("--from", options.from.string() + " is no run's folder: it holds no config.yaml");
      request.run = options.from;
    } else if (request.command == "eval") {
      throw Error("--from", "eval needs the run whose weights it uses:  eval --from " +
                                (options.runs / experiment).string() + "/NAME");
    }
    if (!request.run.empty()) apply(read_document(request.run / "config.yaml"), table, problems);
  });

  std::vector<std::string> before;
  for (const auto& row : table.rows()) before.push_back(detail::one_line(row.write(row.value)));
  for (const auto& name : options.config) collect([&] { apply(detail::embedded_document(name), table, problems); });
  for (const auto& file : arguments.files) collect([&] { apply(read_document(file), table, problems); });
  apply(arguments, table, /*command=*/false, problems);
  if (options.resume && !request.run.empty() && request.command == "train")
    for (std::size_t i = 0; i < before.size(); ++i) {
      const auto& row = table.rows()[i];
      const auto now = detail::one_line(row.write(row.value));
      if (row.command || now == before[i] || (row.note && row.note->limits.resumable)) continue;
      problems.push_back({row.origin.place,
                          row.path + " was " + before[i] + " in the run that is resumed, and cannot become " + now +
                              " halfway; start a new run from it with  --from " + request.run.string(),
                          {}});
    }
  if (!problems.empty()) throw Error(std::move(problems));
  return request;
}

QUIX_INLINE RunFacts run_facts(std::string_view experiment, const std::string& name, const std::string& command_line,
                               std::uint64_t seed) {
  RunFacts facts{.experiment = std::string(experiment),
                 .name = name,
                 .command = command_line,
                 .folder = std::filesystem::current_path().string(),
                 .git = "",
                 .compiler = "g++ " __VERSION__,
                 .flags = "",
                 .libtorch = libtorch_version,
                 .dirty = false,
                 .seed = seed};
  if (&detail::quix_build_facts) {
    facts.git = detail::quix_build_facts.git, facts.dirty = detail::quix_build_facts.dirty;
    facts.compiler = detail::quix_build_facts.compiler, facts.flags = detail::quix_build_facts.flags;
  }
  return facts;
}

QUIX_INLINE void leave(const std::function<int()>& body) {
  int code = 1;
  const auto say = [](const std::string& text) { std::fputs(("quix: " + text + "\n").c_str(), stderr); };
  try {
    code = body();
  } catch (const Error& error) {
    const auto n = error.problems().size();
    if (n > 1) say(std::to_string(n) + " problems");
    for (const auto& problem : error.problems()) {
      if (n > 1)
        std::fputs(("  " + problem.text() + "\n").c_str(), stderr);
      else
        say(problem.text());
    }
    code = 2;
  } catch (const std::exception& error) {
    // LibTorch appends a stack trace after the sentence.
    const std::string_view what = error.what();
    say(std::string(what.substr(0, what.find("\nException raised from"))));
  }
  std::fflush(nullptr);
  ::_exit(code);
}

}  // namespace quix
