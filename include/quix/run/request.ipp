#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <quix/cfg/arguments.hpp>
#include <quix/cfg/help.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/run/checks.hpp>
#include <quix/run/program.hpp>
#include <quix/run/view.hpp>

namespace quix {
namespace detail {

inline std::vector<std::string_view> command_names() {
  std::vector<std::string_view> out;
  each_command([&]<class C>(C*) { out.push_back(C::command); });
  return out;
}

inline std::string usage(std::string_view program, std::string_view command, const Table& table, const HelpStyle& style,
                         std::string_view group, std::span<const EmbeddedConfig> configs) {
  const auto bold = [&](std::string_view text) {
    return style.colour ? "\033[1m" + std::string(text) + "\033[0m" : std::string(text);
  };
  std::string out;
  if (group.empty()) {
    std::string names, about;
    each_command([&]<class C>(C*) {
      names += (names.empty() ? "" : "|") + std::string(C::command);
      about += "  " + std::string(C::command) + std::string(10 - C::command.size(), ' ') +
               wrapped(C::about, 12, style.width) + "\n";
    });
    out += bold("usage") + "\n  " + std::string(program) + " [" + names + "] [file.yaml …] [--option value …]\n\n";
    out += bold("commands") + "\n" + about + "\n";
    out += wrapped("The options of the program below are those of " + std::string(command) +
                       "; COMMAND --help shows another's. Options are set by files in the order given, then by flags. "
                       "The group prefix is optional if the name is unique: --lr for --optim.lr. --help "
                       "GROUP shows one group.",
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

/// A resumed run keeps the options that it began with, except those that may change.
inline void check_resumable(const Table& table, std::size_t first, int inherited, const std::filesystem::path& run,
                            std::vector<Problem>& problems) {
  const auto& settings = table.settings();
  for (const auto& row : table.options()) {
    if (row.command || !table.active(row) || row.winner < 0) continue;
    const auto& winner = settings[static_cast<std::size_t>(row.winner)];
    if (winner.level <= inherited || (row.note && row.note->limits.resumable)) continue;
    auto before = one_line(row.standard());
    for (std::size_t i = first; i < settings.size(); ++i)
      if (settings[i].path == row.path && settings[i].level <= inherited) before = one_line(settings[i].value);
    const auto now = one_line(row.now());
    if (now == before) continue;
    problems.push_back({winner.location(),
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

/// Adds a problem for each option of the program that is set to nothing, by a shell variable that is not set, say.
inline void require_values(const Table& table, std::vector<Problem>& problems) {
  for (const auto& row : table.options()) {
    if (!row.command || row.winner < 0) continue;
    const auto& setting = table.settings()[static_cast<std::size_t>(row.winner)];
    if (setting.value.is_scalar() && setting.value.text.empty())
      problems.push_back(setting.problem("expected a value, got nothing"));
  }
}

/// The command line as a shell would read it back.
inline std::string words_of(std::span<const char* const> args) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=,+@%-";
  std::string out;
  for (const char* arg : args) {
    const std::string_view word = arg;
    out += out.empty() ? "" : " ";
    if (!word.empty() && word.find_first_not_of(plain) == word.npos) {
      out += word;
      continue;
    }
    out += "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += "'";
  }
  return out;
}

// --- which run a command's configuration begins with ---------------------------------------------------

inline std::filesystem::path run_to_resume(const std::filesystem::path& runs, std::string_view experiment,
                                           const std::string& name) {
  if (!name.empty()) check_run_name(name);
  const auto run = name.empty() ? newest_run(runs, experiment) : runs / experiment / name;
  if (!std::filesystem::exists(run / "config.yaml"))
    throw Error(run.string(), "no run to resume: config.yaml not found; pass --name NAME");
  return run;
}
/// The run --from; empty where none is named.
inline std::filesystem::path run_from(const std::filesystem::path& from) {
  if (!from.empty() && !std::filesystem::exists(from / "config.yaml"))
    throw Error("--from", from.string() + ": not a run directory: config.yaml not found" +
                              (std::filesystem::exists(from / "manifest.json")
                                   ? "; the weights of a checkpoint:  --weights " + from.string()
                                   : ""));
  return from;
}

inline void find_run(const CommonOptions& common, const TrainOptions& options, std::string_view experiment,
                     Request& request) {
  if (!options.name.empty()) check_run_name(options.name);
  if (options.allow_changed_data && !options.resume) throw Error("--allow-changed-data", "requires --resume");
  if (!options.resume) {
    request.run = run_from(options.from);
    return;
  }
  if (options.overwrite)
    throw Error("--resume", "cannot be combined with --overwrite: one continues a run, the other removes it; drop one");
  if (!options.weights.empty())
    throw Error("--resume", "cannot be combined with --weights: a resumed run has its own weights; drop one");
  if (!options.from.empty())
    throw Error(
        "--resume",
        "cannot be combined with --from: --resume --name NAME continues a run, --from RUN starts a new one with "
        "its configuration; drop one");
  request.run = run_to_resume(common.runs, experiment, options.name);
  request.resumes = true;
  if (options.plot_lr) return;  // the run may be training
  request.locked = RunFolder::reopen(request.run, options.lock_wait, [] {
    std::fputs("quix: waiting for the process that still trains this run (--lock_wait)\n", stderr);
  });
  request.locked->check_config();
}
inline void find_run(const CommonOptions& common, const EvalOptions& options, std::string_view experiment,
                     Request& request) {
  if (options.from.empty() && options.weights.empty())
    throw Error("--from", "eval needs the run whose weights it uses:  eval --from " +
                              (common.runs / experiment).string() + "/NAME,  or a file:  eval --weights FILE");
  request.run = run_from(options.from);
}
inline void find_run(const CommonOptions& common, const ConfigOptions& options, std::string_view experiment,
                     Request& request) {
  if (options.resume && !options.from.empty()) throw Error("--resume", "cannot be combined with --from; drop one");
  request.run = options.resume ? run_to_resume(common.runs, experiment, options.name) : run_from(options.from);
  request.resumes = options.resume;
}
inline void find_run(const CommonOptions&, const SummaryOptions& options, std::string_view, Request& request) {
  request.run = run_from(options.from);
}

/// Names the experiment of a run that is another's: its options do not fit.
inline void name_other_experiment(const std::filesystem::path& run, std::string_view experiment,
                                  std::vector<Problem>& problems) {
  if (problems.empty() || run.empty()) return;
  const auto record = record_of_run(run);
  const auto* made = record ? record->find("experiment") : nullptr;
  if (made && made->text != experiment)
    problems.push_back(
        {"--from",
         run.string() + " is a run of " + made->text + ", and this program trains " + std::string(experiment),
         {}});
}

/// Sets the experiment's options from all that there is.
inline void settle_experiment(Table& table, const Arguments& arguments, const CommonOptions& common, bool evaluates,
                              const Request& request, const ProgramContext& context, std::vector<Problem>& problems) {
  Layers layers(table, problems);
  for (const auto& config : context.configs) layers.builtin.push_back(parse_document(config.name, config.text));
  layers.environment();
  if (!request.run.empty()) layers.file(request.run / "config.yaml");
  const int inherited = request.run.empty() ? 0 : layers.next_level();
  for (const auto& name : common.config) add_named(name, context.configs, layers, problems);
  for (const auto& file : arguments.files) layers.file(file);
  add_flags(arguments, layers, /*command=*/false);
  const auto first = table.settings().size();
  table.settle(layers.take(), problems);
  if (request.resumes) check_resumable(table, first, inherited, request.run, problems);
  if (!request.run.empty() && !evaluates) check_batch_size(table, inherited, request.run, problems);
  if (!evaluates && problems.empty()) check_accumulate(table, problems);
  name_other_experiment(request.run, context.experiment, problems);
}

/// Adds the options of a command to those of the experiment, and says which flags are another command's.
template <class Options>
void add_command(Table& table, CommonOptions& common, Options& options) {
  table.add(common, {}, /*command=*/true);
  table.add(options, {}, /*command=*/true);
  each_command([&]<class C>(C*) {
    for (const auto name : names<C>)
      if (std::find(names<Options>.begin(), names<Options>.end(), name) == names<Options>.end())
        table.elsewhere(std::string(name), "is a flag of the command " + std::string(C::command) + ", not of " +
                                               std::string(Options::command));
  });
}

}  // namespace detail

template <class Options>
Request read_request(std::span<const char* const> args, Table& table, CommonOptions& common, Options& options,
                     const ProgramContext& context) {
  Request request;
  request.command_line = detail::words_of(args);
  detail::add_command(table, common, options);
  table.check_defaults();
  std::vector<Problem> problems;
  const auto program =
      args.empty() ? std::string(context.experiment) : std::filesystem::path(args[0]).filename().string();
  const auto arguments = read_arguments(args.subspan(args.empty() ? 0 : 1), table, detail::command_names(), problems);
  if (arguments.help && problems.empty()) {
    std::fputs(
        detail::usage(program, Options::command, table, help_style(), arguments.help_group, context.configs).c_str(),
        stdout);
    request.done = true;
    return request;
  }
  if (!arguments.command.empty() && arguments.command != Options::command)
    problems.push_back({arguments.command, "command after a flag that may take it for its value; write it first", {}});
  Layers own(table, problems);
  add_flags(arguments, own, /*command=*/true);
  table.settle(own.take(), problems, /*command=*/true);
  detail::require_values(table, problems);
  if (!common.completion.empty() && problems.empty()) {
    detail::show_completion(common.completion, table, program, context);
    request.done = true;
    return request;
  }
  try {
    detail::find_run(common, options, context.experiment, request);
  } catch (const Error& error) {
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
  constexpr bool shows = std::is_same_v<Options, ConfigOptions>;
  detail::settle_experiment(table, arguments, common, std::is_same_v<Options, EvalOptions>, request, context, problems);
  if constexpr (shows) {
    if (options.schema) detail::forget_required(problems);
    if (!options.diff.empty() && (!arguments.files.empty() || !common.config.empty() || !request.run.empty() ||
                                  std::any_of(arguments.assignments.begin(), arguments.assignments.end(),
                                              [](const Assignment& one) { return !one.command; })))
      problems.push_back({"--diff", "compares what it names alone; drop the other files and options", {}});
  }
  if (!problems.empty()) throw Error(std::move(problems));
  for (const auto& notice : table.notices()) std::fprintf(stderr, "quix: %s\n", notice.c_str());
  if constexpr (shows) {
    std::fputs(detail::show(options, table, context).c_str(), stdout);
    request.done = true;
  }
  return request;
}

#ifdef QUIX_SEPARATE
template Request read_request(std::span<const char* const>, Table&, CommonOptions&, TrainOptions&,
                              const ProgramContext&);
template Request read_request(std::span<const char* const>, Table&, CommonOptions&, EvalOptions&,
                              const ProgramContext&);
template Request read_request(std::span<const char* const>, Table&, CommonOptions&, ConfigOptions&,
                              const ProgramContext&);
template Request read_request(std::span<const char* const>, Table&, CommonOptions&, SummaryOptions&,
                              const ProgramContext&);
#endif

}  // namespace quix
