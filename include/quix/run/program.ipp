#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <unistd.h>

#include <quix/cfg/arguments.hpp>
#include <quix/cfg/help.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/cfg/terminal.hpp>
#include <quix/cfg/yaml.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/run/checks.hpp>
#include <quix/run/program.hpp>
#include <quix/run/view.hpp>
#include <quix/torch/version.hpp>

namespace quix {
namespace detail {

inline std::string usage(std::string_view program, const Table& table, const HelpStyle& style, std::string_view group,
                         std::span<const EmbeddedConfig> configs) {
  const auto bold = [&](std::string_view text) {
    return style.colour ? "\033[1m" + std::string(text) + "\033[0m" : std::string(text);
  };
  std::string out;
  if (group.empty()) {
    std::string names;
    for (const auto& command : commands) names += (names.empty() ? "" : "|") + std::string(command.name);
    out += bold("usage") + "\n  " + std::string(program) + " [" + names + "] [file.yaml …] [--option value …]\n\n";
    out += bold("commands") + "\n";
    for (const auto& [name, what] : commands)
      out += "  " + std::string(name) + std::string(10 - name.size(), ' ') +
             wrapped(std::string(what), 12, style.width) + "\n";
    out += "\n" +
           wrapped(
               "Options are set by files in the order given, then by flags. A flag's group may be left out where its "
               "name is the only one: --lr for --optim.lr. --help GROUP shows one group.",
               0, style.width) +
           "\n";
    if (!configs.empty()) {
      out += "\n" + bold("built-in configurations") + " (--config NAME)\n";
      for (const auto& config : configs) out += "  " + std::string(config.name) + "\n";
    }
    out += "\n";
  }
  return out + help_text(table, style, group);
}

/// A resumed run goes on with the options that it began with, but for those that may change.
inline void check_resumable(const Table& table, std::size_t first, int inherited, const std::filesystem::path& run,
                            std::vector<Problem>& problems) {
  const auto& settings = table.settings();
  for (const auto& row : table.rows()) {
    if (row.command || !table.active(row) || row.winner < 0) continue;
    const auto& winner = settings[static_cast<std::size_t>(row.winner)];
    if (winner.level <= inherited || (row.note && row.note->limits.resumable)) continue;
    auto before = one_line(row.standard());
    for (std::size_t i = first; i < settings.size(); ++i)
      if (settings[i].path == row.path && settings[i].level <= inherited) before = one_line(settings[i].value);
    const auto now = one_line(row.now());
    if (now == before) continue;
    problems.push_back({winner.place(),
                        row.path + " was " + before + " in the run that is resumed, and cannot become " + now +
                            " halfway; start a new run from it with  --from " + run.string(),
                        {}});
  }
}

/// Until format 2 train.batch_size counted the samples of each of step.accumulate batches.
inline void check_batch_size(const Table& table, int inherited, const std::filesystem::path& run,
                             std::vector<Problem>& problems) {
  const auto *accumulate = table.find("step.accumulate"), *size = table.find("train.batch_size");
  if (!accumulate || !size || format_of_run(run) >= 2) return;
  const auto parts = std::atoll(accumulate->now().text.c_str()), samples = std::atoll(size->now().text.c_str());
  if (parts <= 1 || accumulate->winner < 0) return;
  const auto& settings = table.settings();
  if (size->winner >= 0 && settings[static_cast<std::size_t>(size->winner)].level > inherited) return;
  problems.push_back({run.string(),
                      "was written when train.batch_size counted the samples of one of step.accumulate batches; now it "
                      "counts those of the optimizer step. Start a new run with  --from " +
                          run.string() + " --train.batch_size " + std::to_string(parts * samples),
                      {}});
}

/// A step's samples are divided into equal batches.
inline void check_accumulate(const Table& table, std::vector<Problem>& problems) {
  const auto *accumulate = table.find("step.accumulate"), *size = table.find("train.batch_size");
  if (!accumulate || !size || !table.active(*accumulate)) return;
  const auto parts = std::strtoull(accumulate->now().text.c_str(), nullptr, 10),
             samples = std::strtoull(size->now().text.c_str(), nullptr, 10);
  if (parts > 0 && samples > 0)
    if (auto what = indivisible(samples, parts); !what.empty()) problems.push_back({"step.accumulate", what, {}});
}

/// Throws Error for options of the program that are set to nothing, by a shell variable that is not set, say.
inline void require_values(const Table& table) {
  std::vector<Problem> problems;
  for (const auto& row : table.rows()) {
    if (row.winner < 0 || row.path.find('.') != row.path.npos) continue;
    const auto& setting = table.settings()[static_cast<std::size_t>(row.winner)];
    for (const auto* name : {"name", "runs", "from", "weights", "svg", "split"})
      if (row.path == name && setting.value.is_scalar() && setting.value.text.empty())
        problems.push_back(setting.problem("expected a value, got nothing"));
  }
  if (!problems.empty()) throw Error(std::move(problems));
}

}  // namespace detail

QUIX_INLINE Request read_request(std::span<const char* const> args, Table& table, ProgramOptions& options,
                                 const ProgramContext& context) {
  const auto experiment = context.experiment;
  Request request;
  for (const char* arg : args) {
    const std::string_view word = arg;
    const bool quote = word.empty() || word.find_first_of(" \t\n\"'$\\*?[]{}()&|;<>#~") != word.npos;
    request.command_line +=
        (request.command_line.empty() ? "" : " ") + (quote ? "'" + std::string(word) + "'" : std::string(word));
  }
  table.check_defaults();
  std::vector<Problem> problems;
  const auto program = args.empty() ? std::string(experiment) : std::filesystem::path(args[0]).filename().string();
  std::vector<const char*> words(args.begin() + (args.empty() ? 0 : 1), args.end());
  const auto view = detail::take_view(words, problems);
  const auto arguments = read_arguments(words, table, detail::command_names(), problems);
  if (arguments.help && problems.empty()) {
    std::fputs(detail::usage(program, table, help_style(), arguments.help_group, context.configs).c_str(), stdout);
    request.done = true;
    return request;
  }
  if (!arguments.command.empty()) request.command = arguments.command;
  if (view.completes()) request.command = "config";
  Layers own(table, problems);
  add_flags(arguments, own, /*command=*/true);
  table.settle(own.take(), problems, /*command=*/true);

  // Where the configuration starts from.
  Layers layers(table, problems);
  for (const auto& config : context.configs) layers.builtin.push_back(parse_document(config.name, config.text));
  layers.environment();
  int inherited = 0;
  try {
    if (!options.name.empty()) check_run_name(options.name);
    if (options.resume && options.overwrite)
      throw Error("--resume",
                  "cannot be combined with --overwrite: one continues a run, the other removes it; drop one");
    if (options.resume && !options.weights.empty())
      throw Error("--resume", "cannot be combined with --weights: a resumed run has its own weights; drop one");
    if (options.resume && !options.from.empty())
      throw Error(
          "--resume",
          "cannot be combined with --from: --resume --name NAME continues a run, --from RUN starts a new one with "
          "its configuration; drop one");
    if (options.allow_changed_data && !options.resume) throw Error("--allow-changed-data", "is for --resume");
    detail::require_values(table);
    if (options.resume && request.command != "eval") {
      const auto run =
          options.name.empty() ? newest_run(options.runs, experiment) : options.runs / experiment / options.name;
      if (!std::filesystem::exists(run / "config.yaml"))
        throw Error(run.string(), "holds no run to resume (no config.yaml); name one of this experiment with --name");
      request.run = run;
      if (!options.plot_lr && request.command == "train")
        request.locked = RunFolder::reopen(run, options.lock_wait, [] {
          std::fputs("quix: waiting for the process that still trains this run (--lock_wait)\n", stderr);
        });
      if (request.locked) request.locked->check_config();
    } else if (!options.from.empty()) {
      if (!std::filesystem::exists(options.from / "config.yaml"))
        throw Error("--from", options.from.string() + " is no run's folder: it holds no config.yaml" +
                                  (std::filesystem::exists(options.from / "manifest.json")
                                       ? "; the weights of a checkpoint:  --weights " + options.from.string()
                                       : ""));
      request.run = options.from;
    } else if (request.command == "eval" && options.weights.empty()) {
      throw Error("--from", "eval needs the run whose weights it uses:  eval --from " +
                                (options.runs / experiment).string() + "/NAME,  or a file:  eval --weights FILE");
    }
    if (request.command != "eval" && !options.split.empty())
      throw Error("--split", "names the data that eval evaluates; train always uses train and val");
    if (!request.run.empty()) {
      layers.file(request.run / "config.yaml");
      inherited = layers.next_level();
    }
  } catch (const Error& error) {
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
  for (const auto& name : options.config) detail::add_named(name, context.configs, layers, problems);
  for (const auto& file : arguments.files) layers.file(file);
  add_flags(arguments, layers, /*command=*/false);
  const auto first = table.settings().size();
  table.settle(layers.take(), problems);
  if (options.resume && !request.run.empty() && request.command == "train")
    detail::check_resumable(table, first, inherited, request.run, problems);
  if (!request.run.empty() && request.command != "eval")
    detail::check_batch_size(table, inherited, request.run, problems);
  if (request.command != "eval" && problems.empty()) detail::check_accumulate(table, problems);
  if (!problems.empty() && !options.from.empty()) {
    const auto record = record_of_run(options.from);
    const auto* made = record ? record->find("experiment") : nullptr;
    if (made && made->text != experiment)
      problems.push_back({"--from",
                          options.from.string() + " is a run of " + made->text + ", and this program trains " +
                              std::string(experiment),
                          {}});
  }
  if (view.of_the_type()) detail::forget_required(problems);
  if (!problems.empty()) throw Error(std::move(problems));
  for (const auto& notice : table.notices()) std::fprintf(stderr, "quix: %s\n", notice.c_str());
  if (request.command == "config") {
    std::fputs(detail::show(view, table, program, context).c_str(), stdout);
    request.done = true;
  }
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
    if (code < 128) detail::require_stdout();
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
  } catch (const std::filesystem::filesystem_error& error) {
    say(error.path1().string() + ": " + error.code().message());
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
