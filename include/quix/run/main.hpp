#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <quix/cfg/yaml.hpp>
#include <quix/run/config.hpp>
#include <quix/run/process.hpp>
#include <quix/run/program.hpp>
#include <quix/run/runner.hpp>
#include <quix/run/session.hpp>

namespace quix {

namespace detail {

template <class Exp>
int train(const Config<Exp>& config, const Table& table, const ProgramOptions& options, const Request& request,
          const std::string& experiment) {
  const bool resumes = options.resume;
  std::vector<std::string> notices;
  std::optional<std::filesystem::path> checkpoint;
  Position position;
  if (resumes) {
    checkpoint = newest_checkpoint(request.run / "checkpoints", notices);
    if (checkpoint) position = read_position(*checkpoint);
  }
  const auto threads =
      split_threads(usable_cores(), config.data().threads,
                    checkpoint ? std::optional(static_cast<int>(position.compute_threads)) : std::nullopt);
  set_compute_threads(threads.compute);
  Runner<Exp> runner(config, threads);
  if (checkpoint) runner.restore(*checkpoint);

  // Nothing has been written so far: bad input leaves no half-made run behind.
  const auto name = !options.name.empty() ? options.name : fresh_run_name(options.runs, experiment);
  auto folder =
      resumes ? RunFolder::reopen(request.run)
              : RunFolder::create(options.runs, run_facts(experiment, name, request.command_line, config.train().seed),
                                  options.overwrite);
  Session session(std::move(folder), config.log(), config.checkpoint());
  const auto where = session.folder().path().string();
  auto header = describe_run(detail::type_name<Exp>(), runner.task(), runner.parameter_count(), where, threads.decode,
                             threads.compute, config.train().seed);
  for (const auto& notice : notices) header.push_back("note: " + notice);
  if (resumes)
    header.push_back(checkpoint ? "resumed at step " + grouped(position.step) + " (epoch " +
                                      std::to_string(position.epoch + 1) + ")"
                                : "this run has no checkpoint yet: starting from its beginning");
  if (const auto slow = slow_blas(); !slow.empty()) header.push_back("note: " + slow);
  catch_signals();
  bool complete = false;
  try {
    session.begin(position, yaml::write(table), header);
    complete = runner.train(session, position);
  } catch (...) {
    session.bar().clear();
    session.folder().set_state("failed");
    throw;
  }
  session.bar().clear();
  session.folder().set_state(complete ? "finished" : "interrupted");
  const auto run_name = session.folder().path().filename().string();
  if (!complete) {
    session.say("\ninterrupted; a checkpoint is saved. Continue with:  --resume --name " + run_name);
    return 128 + stop_signal();
  }
  std::string summary;
  if (!session.results().empty()) {
    const auto& last = session.results().back();
    for (const auto& [metric, measure] : last.val.empty() ? last.train : last.val)
      summary += (summary.empty() ? "" : ", ") + std::string(last.val.empty() ? "train " : "val ") + metric + " " +
                 fixed_text(measure.value(), 4);
  } else {
    summary = "nothing left to do: all " + std::to_string(config.train().epochs) +
              " epochs are done. More with  --resume --train.epochs N";
  }
  session.say("\n" + summary + "\n" + where);
  return 0;
}

template <class Exp>
int evaluate(const Config<Exp>& config, const Request& request) {
  const auto threads = split_threads(usable_cores(), config.data().threads);
  set_compute_threads(threads.compute);
  std::vector<std::string> notices;
  const auto checkpoint = newest_checkpoint(request.run / "checkpoints", notices);
  for (const auto& notice : notices) std::fprintf(stderr, "quix: %s\n", notice.c_str());
  if (!checkpoint) throw Error("--from", request.run.string() + " holds no whole checkpoint");
  Runner<Exp> runner(config, threads);
  runner.load(*checkpoint);
  catch_signals();
  ProgressBar bar(config.log().progress);
  const auto totals = runner.evaluate(bar, "evaluate");
  bar.clear();
  if (totals.empty()) return 128 + stop_signal();
  std::printf("%s on %s samples of %s:", checkpoint->c_str(),
              grouped(runner.has_val() ? runner.task().val_samples : runner.task().train_samples).c_str(),
              runner.has_val() ? "val" : "train (there is no val)");
  for (const auto& [name, measure] : totals) std::printf("  %s %.6g", name.c_str(), measure.value());
  std::printf("\n");
  return 0;
}

}  // namespace detail

/// The whole program of an experiment: command line, files, training, evaluation. Does not return: it flushes, and
/// leaves the process with 0, 2 for bad input, 128 + signal when interrupted, or 1.
///
///     int main(int argc, char** argv) { return quix::main<FashionMlp>(argc, argv); }
template <class Exp>
int main(int argc, char** argv, Exp defaults = {}) {
  if constexpr (detail::check_experiment<Exp>()) {
    leave([&] {
      const auto experiment = snake_case(detail::type_name<Exp>());
      Config<Exp> config{.exp = std::move(defaults)};
      ProgramOptions options;
      Table table;
      config.add_to(table);
      table.add(options, {}, /*command=*/true);
      const auto request = read_request({argv, static_cast<std::size_t>(argc)}, table, options, experiment);
      if (request.done) return 0;
      if (request.command == "config") {
        std::fputs(yaml::write(table).c_str(), stdout);
        return 0;
      }
      return request.command == "eval" ? detail::evaluate(config, request)
                                       : detail::train(config, table, options, request, experiment);
    });
  }
  return 1;
}

}  // namespace quix
