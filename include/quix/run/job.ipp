#pragma once

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>

#include <quix/cfg/yaml.hpp>
#include <quix/data/class_names.hpp>
#include <quix/run/checkpoint.hpp>
#include <quix/run/confusion.hpp>
#include <quix/run/job.hpp>
#include <quix/run/program.hpp>
#include <quix/store/reading.hpp>

namespace quix::detail {

/// Loads the weights of a run's newest checkpoint, and returns which it is. The run may be training. `option` names it.
template <class Job>
std::filesystem::path load_newest(const Job& job, const char* option, const std::filesystem::path& run, bool strict,
                                  std::vector<std::string>& notices) {
  std::vector<std::string> loaded;
  const auto checkpoint = read_newest_checkpoint(
      run / "checkpoints", notices, [&](const std::filesystem::path& from) { loaded = job.load(from, strict); });
  if (!checkpoint) throw Error(option, "no intact checkpoint found in " + run.string());
  notices.insert(notices.end(), loaded.begin(), loaded.end());
  return *checkpoint;
}

/// Loads the weights that `--weights` names: of a run, a checkpoint, or a file. Returns which.
template <class Job>
std::filesystem::path load_given(const Job& job, const Program& program, std::vector<std::string>& notices) {
  const auto& where = program.options.weights;
  if (!std::filesystem::exists(where)) throw Error("--weights", where.string() + " not found");
  if (std::filesystem::is_directory(where / "checkpoints"))
    return load_newest(job, "--weights", where, program.weights.strict, notices);
  if (std::filesystem::exists(where / "manifest.json"))
    if (const auto wrong = damage(where); !wrong.empty())
      throw Error("--weights", where.string() + " is damaged (" + wrong + "); name another checkpoint, or the run");
  for (auto& notice : job.load(where, program.weights.strict)) notices.push_back("--weights: " + std::move(notice));
  return where;
}

/// Compares the data with those of the checkpoint that is resumed. Returns what to say about it. Throws Error for other
/// data, unless these are allowed.
inline std::string compare_data(Position& position, DataFingerprint now, bool allow) {
  const auto change = position.data ? describe_change(*position.data, now) : std::string();
  if (change.empty()) {
    position.data = std::move(now);
    return {};
  }
  if (!allow)
    throw Error("--resume", "the dataset is another than the run's: " + change +
                                "; restore it, or continue from the next epoch with --allow-changed-data");
  change_data(position, std::move(now));
  return "note: the dataset is another than before: " + change + "; continuing with epoch " +
         std::to_string(position.epoch + 1);
}

/// Throws Error where a run has no checkpoint, but had one: it would begin anew over its own records.
inline void require_no_checkpoint(const std::filesystem::path& run) {
  if (const auto state = state_of_run(run); state == "finished" || state == "interrupted")
    throw Error((run / "checkpoints").string(),
                "is empty, and the run is " + state +
                    ": its checkpoints are gone. Restore them, or begin anew with --overwrite or another --name");
}

inline int plot_rates(const RateCurve& curve, const std::filesystem::path& svg) {
  std::fputs(plot_text(curve).c_str(), stdout);
  if (svg.empty()) return 0;
  io::replace(svg, plot_svg(curve));
  std::printf("%s\n", svg.c_str());
  return 0;
}

/// Throws Error where the validation data is configured but missing: nothing else would tell.
inline void check_val(const Program& program, bool has_val) {
  if (has_val) return;
  for (const auto& row : program.table.rows())
    if (row.base >= 0 && row.winner >= 0 && row.path.starts_with("data.val."))
      throw Error({program.table.settings()[static_cast<std::size_t>(row.winner)].problem(
          row.path + " is set, but the data has no split val, or an empty one")});
}

/// The modules of the model and the groups of its parameters.
inline int summarize(const Program& program) {
  const auto job = program.job(split_threads(usable_cores(), program.settings().decode_threads), 0);
  std::printf("%s\n%s", job.model().c_str(), job.groups.c_str());
  return 0;
}

/// Creates a run. One without a name gets one that no other process has, though several begin in one second.
inline RunFolder create_run(const ProgramOptions& options, RunFacts facts) {
  if (!facts.name.empty()) return RunFolder::create(options.runs, facts, options.overwrite);
  const auto folder = options.runs / facts.experiment;
  io::make_folder(folder);
  std::error_code code;
  do facts.name = fresh_run_name(options.runs, facts.experiment);
  while (!std::filesystem::create_directory(folder / facts.name, code) && !code);
  if (!code) io::sync_folder(folder);
  return RunFolder::create(options.runs, facts, false);  // says what is wrong
}

inline int train(const Program& program, Request& request, const std::string& experiment) {
  const auto& options = program.options;
  const auto settings = program.settings();
  const bool resumes = options.resume;
  std::vector<std::string> notices;
  std::optional<std::filesystem::path> checkpoint;
  Position position;
  if (options.plot_lr && resumes) {  // without the lock: the run may be training
    const auto job = program.job(split_threads(usable_cores(), settings.decode_threads), classes_of_run(request.run));
    (void)read_newest_checkpoint(request.run / "checkpoints", notices, job.restore);
    return plot_rates(job.rates(), options.svg);
  }
  if (resumes) {
    checkpoint = newest_checkpoint(request.run / "checkpoints", notices);
    if (checkpoint)
      position = read_position(*checkpoint);
    else
      require_no_checkpoint(request.run);
  }
  const auto threads =
      split_threads(usable_cores(), settings.decode_threads,
                    checkpoint ? std::optional(static_cast<int>(position.compute_threads)) : std::nullopt);
  set_compute_threads(threads.compute);
  const auto job = program.job(threads, resumes ? classes_of_run(request.run) : 0);
  check_val(program, job.has_val);
  if (checkpoint) job.restore(*checkpoint);
  if (!options.weights.empty()) load_given(job, program, notices);
  if (options.plot_lr) return plot_rates(job.rates(), options.svg);
  if (!options.svg.empty()) throw Error("--svg", "is for --plot-lr, which draws the learning rate into it");
  const auto change = compare_data(position, job.data(), options.allow_changed_data);
  job.check(position);

  // Nothing has been written so far: bad input leaves no half-made run behind.
  auto folder = resumes ? std::move(*request.locked)
                        : create_run(options, run_facts(experiment, options.name, request.command_line, settings.seed));
  folder.note("data", to_node(*position.data));
  if (job.task.classes > 0) folder.note("classes", Node::plain(std::to_string(job.task.classes)));
  folder.note("task", to_node(KnownTask{job.task, job.shapes}));
  Session session(std::move(folder), Log{.progress = settings.progress});
  const auto where = session.folder().path().string();
  auto header = describe_run(program.type, job.task, job.parameters, where, job.device, threads.decode, threads.compute,
                             settings.seed);
  for (std::size_t begin = 0, end; begin < job.groups.size(); begin = end + 1) {
    end = std::min(job.groups.find('\n', begin), job.groups.size());
    header.push_back("  " + job.groups.substr(begin, end - begin));
  }
  for (const auto& remark : job.remarks) header.push_back("note: " + remark);
  for (const auto& notice : notices) header.push_back("note: " + notice);
  if (resumes)
    header.push_back(checkpoint ? "resumed at step " + grouped(position.step) + " (epoch " +
                                      std::to_string(position.epoch + 1) + ")"
                                : "this run has no checkpoint yet: starting from its beginning");
  if (!change.empty()) header.push_back(change);
  if (const auto slow = slow_blas(); !slow.empty()) header.push_back("note: " + slow);
  catch_signals();
  bool complete = false;
  try {
    session.begin(position, yaml::write(program.table), header);
    complete = job.train(session, position);
  } catch (...) {
    session.bar().clear();
    try {
      session.folder().set_state("failed");
    } catch (const Error&) {  // of a full disk, say: the first error is told
    }
    throw;
  }
  session.bar().clear();
  session.folder().set_state(complete ? "finished" : "interrupted");
  if (!complete) {
    session.say("\ninterrupted; a checkpoint is saved. Continue with:  --resume --name " +
                session.folder().path().filename().string());
    return 128 + stop_signal();
  }
  std::string summary;
  if (!session.results().empty()) {
    const auto& last = session.results().back();
    for (const auto& [metric, measure] : last.val.empty() ? last.train : last.val)
      if (!is_detail(metric))
        summary += (summary.empty() ? "" : ", ") + std::string(last.val.empty() ? "train " : "val ") + metric + " " +
                   value_text(measure);
  } else {
    summary = "nothing left to do: all " + std::to_string(settings.epochs) +
              " epochs are done. More with  --resume --train.epochs N";
  }
  session.say("\n" + summary + "\n" + where);
  return 0;
}

/// "recall/3" as "recall/3 (dog)", where the class has a name.
inline std::string named_detail(const std::string& name, const std::vector<std::string>& names) {
  const auto slash = name.find('/');
  std::int64_t number = 0;
  if (slash == name.npos) return name;
  const auto [end, code] = std::from_chars(name.data() + slash + 1, name.data() + name.size(), number);
  if (code != std::errc{} || end != name.data() + name.size()) return name;
  return name.substr(0, slash + 1) + class_text(number, names);
}

inline int evaluate(const Program& program, const Request& request) {
  const auto settings = program.settings();
  const auto threads = split_threads(usable_cores(), settings.decode_threads);
  set_compute_threads(threads.compute);
  std::vector<std::string> notices;
  const auto& options = program.options;
  const auto run = request.run.empty() ? options.weights : request.run;
  const auto job = program.evaluation(threads, task_of_run(run), classes_of_run(run));
  check_val(program, job.has_val);
  const auto checkpoint = options.weights.empty()
                              ? load_newest(job, "--from", request.run, program.weights.strict, notices)
                              : load_given(job, program, notices);
  for (const auto& notice : notices) std::fprintf(stderr, "quix: %s\n", notice.c_str());
  catch_signals();
  ProgressBar bar(settings.progress);
  const auto split = options.split.empty() ? std::string("val") : options.split;
  std::vector<std::string> remarks;
  const auto [totals, arrays, samples] = job.evaluate(bar, split, remarks);
  bar.clear();
  for (const auto& remark : remarks) std::fprintf(stderr, "quix: %s\n", remark.c_str());
  if (totals.empty()) return 128 + stop_signal();
  std::printf("%s on %s samples of %s:", checkpoint.c_str(), grouped(samples).c_str(), split.c_str());
  const auto& classes = job.task.class_names;
  auto confusion = find_confusion(arrays);
  if (confusion) confusion->names = classes;
  for (const auto& [name, measure] : totals) {
    std::printf("%s  %s ", is_detail(name) ? "\n" : "", named_detail(name, classes).c_str());
    if (measure.has_value())
      std::printf("%.6g", measure.value());
    else
      std::printf("-");
  }
  std::printf("\n");
  const auto& svg = options.svg;
  if (confusion && confusion->classes <= 40) std::printf("\n%s", confusion_text(*confusion).c_str());
  if (svg.empty()) return 0;
  if (!confusion)
    throw Error("--svg", "eval draws a confusion matrix into it; take  quix::Confusion  into the metrics");
  io::replace(svg, confusion_svg(*confusion));
  std::printf("%s\n", svg.c_str());
  return 0;
}

QUIX_INLINE int run_program(std::span<const char* const> args, Program& program) {
  program.table.add(program.options, {}, /*command=*/true);
  program.table.add(program.weights, "weights", /*command=*/true);
  auto request = read_request(args, program.table, program.options, {program.name, program.fresh, program.configs});
  if (request.done) return 0;
  keep_freed_memory();
  if (request.command == "summary") return summarize(program);
  return request.command == "eval" ? evaluate(program, request) : train(program, request, std::string(program.name));
}

}  // namespace quix::detail
