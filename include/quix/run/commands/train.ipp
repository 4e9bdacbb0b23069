#pragma once

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <quix/cfg/yaml.hpp>
#include <quix/plot/curve.hpp>
#include <quix/run/commands/commands.hpp>
#include <quix/run/commands/shared.hpp>
#include <quix/run/stop.hpp>
#include <quix/torch/version.hpp>

namespace quix::detail {

/// Compares the data with those of the checkpoint that is resumed. Returns what to say about it. Throws Error for other
/// data, unless these are allowed.
inline std::string compare_data(Position& position, DataFingerprint now, bool allow) {
  const auto change = position.data ? describe_change(*position.data, now) : std::string();
  if (change.empty()) {
    position.data = std::move(now);
    return {};
  }
  if (!allow)
    throw Error("--resume",
                "the dataset changed since the checkpoint: " + change + "; restore it, or pass --allow-changed-data");
  change_data(position, std::move(now));
  return "note: the dataset changed since the checkpoint: " + change + "; continuing with epoch " +
         std::to_string(position.epoch + 1);
}

/// Throws Error where a run has no checkpoint, but had one: it would overwrite its own records.
inline void require_no_checkpoint(const std::filesystem::path& run) {
  if (const auto state = state_of_run(run); state == "finished" || state == "interrupted")
    throw Error((run / "checkpoints").string(),
                "is empty, and the run is " + state +
                    ": its checkpoints are missing; restore them, or use --overwrite or a new --name");
}

inline int plot_rates(const RateCurve& curve, const std::filesystem::path& svg) {
  std::fputs(plot_text(curve).c_str(), stdout);
  if (svg.empty()) return 0;
  io::replace(svg, plot_svg(curve));
  std::printf("%s\n", svg.c_str());
  return 0;
}

/// Creates a run. One without a name gets one that no other process has, though several begin in one second.
inline RunFolder create_run(const std::filesystem::path& runs, bool overwrite, RunFacts facts) {
  if (!facts.name.empty()) return RunFolder::create(runs, facts, overwrite);
  const auto folder = runs / facts.experiment;
  io::make_folder(folder);
  std::error_code code;
  do facts.name = fresh_run_name(runs, facts.experiment);
  while (!std::filesystem::create_directory(folder / facts.name, code) && !code);
  if (!code) io::sync_folder(folder);
  return RunFolder::create(runs, facts, false);  // says what is wrong
}

/// The experiment and its data; the run, and what it runs on.
inline std::vector<std::string> describe_run(std::string_view experiment, const Job& job, std::string_view folder,
                                             ThreadSplit threads, std::uint64_t seed) {
  const auto& task = job.task;
  std::string shape;
  for (auto d : task.shape) shape += (shape.empty() ? "" : "×") + std::to_string(d);
  return {std::string(experiment) + ": " + grouped(task.train_samples) + " training samples, " +
              grouped(task.val_samples) + " validation samples, each " + shape +
              (task.classes ? ", " + std::to_string(task.classes) + " classes" : "") + "; " + grouped(job.parameters) +
              " parameters",
          std::string(folder) + " (seed " + std::to_string(seed) + ", LibTorch " + libtorch_version + ", " +
              job.device + ", " + std::to_string(threads.compute) + " compute + " + std::to_string(threads.decode) +
              " decoding threads)"};
}

/// Where training begins: a checkpoint, or nothing yet.
struct Beginning {
  std::optional<std::filesystem::path> checkpoint{};
  Position position{};
  bool resumes = false;
  std::string data_change{};  ///< a sentence
};

/// The first lines of a run.
inline std::vector<std::string> first_lines(const Program& program, const Job& job, const std::filesystem::path& run,
                                            ThreadSplit threads, const Beginning& from,
                                            const std::vector<std::string>& notices) {
  auto out = describe_run(program.type, job, run.string(), threads, program.settings().seed);
  for (std::size_t begin = 0, end; begin < job.groups.size(); begin = end + 1) {
    end = std::min(job.groups.find('\n', begin), job.groups.size());
    out.push_back("  " + job.groups.substr(begin, end - begin));
  }
  for (const auto& remark : job.remarks) out.push_back("note: " + remark);
  for (const auto& notice : notices) out.push_back("note: " + notice);
  if (from.checkpoint)
    out.push_back("resumed at step " + grouped(from.position.step) + " (epoch " +
                  std::to_string(from.position.epoch + 1) + ")");
  else if (from.resumes)
    out.push_back("no checkpoint yet; starting at step 0");
  if (!from.data_change.empty()) out.push_back(from.data_change);
  if (const auto slow = slow_blas(); !slow.empty()) out.push_back("note: " + slow);
  return out;
}

/// The last line: the values of the last epoch.
inline std::string last_line(const Trained& trained, int epochs) {
  if (!trained.last) return "all " + std::to_string(epochs) + " epochs complete; for more:  --resume --train.epochs N";
  const auto& last = *trained.last;
  std::string out;
  for (const auto& [metric, measure] : last.val.empty() ? last.train : last.val)
    if (!is_detail(metric))
      out += (out.empty() ? "" : ", ") + std::string(last.val.empty() ? "train " : "val ") + metric + " " +
             value_text(measure);
  return out;
}

/// Whether the exception that is handled says that training diverged.
inline bool is_divergence() {
  try {
    throw;
  } catch (const Diverged&) {
    return true;
  } catch (...) {
    return false;
  }
}

/// Trains, with the run's state in run.json; the exit code.
inline int train_run(const Program& program, const Job& job, OpenRun& run, const Beginning& from,
                     const std::vector<std::string>& lines) {
  catch_signals();
  Trained trained;
  try {
    run.begin(from.position, yaml::write(program.table), lines);
    trained = job.train(run, from.position);
  } catch (...) {
    run.console.bar().clear();
    try {
      if (!from.resumes && !run.stepped && !is_divergence())
        run.folder.remove();  // bad input that the first batch showed: no half-made run stays
      else
        run.folder.set_state("failed");
    } catch (const Error&) {  // of a full disk, say: the first error is told
    }
    throw;
  }
  run.console.bar().clear();
  run.folder.set_state(trained.complete ? "finished" : "interrupted");
  const auto& path = run.folder.path();
  if (!trained.complete) {
    run.console.say("\ninterrupted; a checkpoint is saved. Continue with:  --resume --name " +
                    path.filename().string());
    return 128 + stop_signal();
  }
  run.console.say("\n" + last_line(trained, program.settings().epochs) + "\n" + path.string());
  return 0;
}

/// Draws the rate of a run as its newest checkpoint leaves it; without the lock, as the run may be training.
inline int plot_rates_of_run(const Program& program, const std::filesystem::path& run,
                             const std::filesystem::path& svg) {
  std::vector<std::string> notices;
  const auto job = program.job(split_threads(usable_cores(), program.settings().decode_threads), classes_of_run(run));
  (void)read_newest_checkpoint(run / "checkpoints", notices, job.restore);
  return plot_rates(job.rates(), svg);
}

inline Beginning beginning_of(const std::filesystem::path& run, std::vector<std::string>& notices) {
  Beginning out{.checkpoint = newest_checkpoint(run / "checkpoints", notices), .resumes = true};
  if (out.checkpoint)
    out.position = read_position(*out.checkpoint);
  else
    require_no_checkpoint(run);
  return out;
}

QUIX_INLINE int run_command(const Program& program, Given<TrainOptions>& given) {
  const auto& options = given.options;
  auto& request = given.request;
  const auto settings = program.settings();
  if (options.plot_lr && options.resume) return plot_rates_of_run(program, request.run, options.svg);
  std::vector<std::string> notices;
  auto from = options.resume ? beginning_of(request.run, notices) : Beginning{};
  const auto threads =
      split_threads(usable_cores(), settings.decode_threads,
                    from.checkpoint ? std::optional(static_cast<int>(from.position.compute_threads)) : std::nullopt);
  set_compute_threads(threads.compute);
  const auto job = program.job(threads, options.resume ? classes_of_run(request.run) : 0);
  check_val(program, job.has_val);
  if (from.checkpoint) job.restore(*from.checkpoint);
  if (!options.weights.empty()) load_given(job, options.weights, given.weights.strict, notices);
  if (options.plot_lr) return plot_rates(job.rates(), options.svg);
  if (!options.svg.empty()) throw Error("--svg", "requires --plot-lr");
  from.data_change = compare_data(from.position, job.data(), options.allow_changed_data);
  job.check(from.position);

  // Nothing has been written so far: bad input leaves no half-made run behind.
  auto facts = run_facts(program.name, options.name, request.command_line, settings.seed);
  OpenRun run{.folder = options.resume ? std::move(*request.locked)
                                       : create_run(given.common.runs, options.overwrite, std::move(facts)),
              .console = Console(settings.progress)};
  run.folder.note("data", to_node(*from.position.data));
  if (job.task.classes > 0) run.folder.note("classes", Node::plain(std::to_string(job.task.classes)));
  run.folder.note("steps_per_epoch", Node::plain(std::to_string(job.steps_per_epoch)));
  run.folder.note("task", to_node(KnownTask{job.task, job.shapes}));
  const auto lines = first_lines(program, job, run.folder.path(), threads, from, notices);
  return train_run(program, job, run, from, lines);
}

}  // namespace quix::detail
