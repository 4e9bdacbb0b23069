#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/table.hpp>
#include <quix/data/task.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/detail/separate.hpp>
#include <quix/plot/curve.hpp>
#include <quix/run/known_task.hpp>
#include <quix/run/open_run.hpp>
#include <quix/run/policies.hpp>
#include <quix/run/process.hpp>
#include <quix/run/program.hpp>
#include <quix/run/results.hpp>
#include <quix/run/state.hpp>
#include <quix/run/trainer.hpp>

namespace quix::detail {

/// A Runner, as the program around it sees it: a few calls per run. What is called per step stays in the Runner's own
/// type.
struct Job {
  TaskInfo task;
  std::vector<Dims> shapes;  ///< of each field of a sample
  std::uint64_t steps_per_epoch = 0;
  std::uint64_t parameters = 0;
  std::string device = "cpu";
  bool has_val = false;
  std::vector<std::string> remarks;    ///< what the splits leave out
  std::string groups;                  ///< of parameters: a table
  std::function<std::string()> model;  ///< a table of its modules
  std::function<RateCurve()> rates;
  std::function<DataFingerprint()> data;       ///< reads the index, and some keys
  std::function<void(const Position&)> check;  ///< throws Error where training cannot continue from there
  std::function<Trained(OpenRun&, const Position&)> train;
  std::function<void(const std::filesystem::path&)> restore;  ///< model, optimizer and generator
  /// Weights alone, of a checkpoint or a file; what there is to report.
  std::function<std::vector<std::string>(const std::filesystem::path&, bool strict)> load;
};

/// What eval does, as the program around it sees it.
struct Evaluation {
  TaskInfo task;
  bool has_val = false;
  std::function<std::vector<std::string>(const std::filesystem::path&, bool strict)> load;
  /// Says where training stood: what a policy may ask for.
  std::function<void(const Position&, std::uint64_t steps_per_epoch)> place;
  /// Adds what the split leaves out to the remarks.
  std::function<Evaluated(ProgressBar&, const std::string& split, std::vector<std::string>& remarks)> evaluate;
};

/// What the program needs to know of a configuration, besides its table.
struct Settings {
  std::optional<int> decode_threads;
  std::uint64_t seed = 0;
  int epochs = 0;
  bool progress = true;
};

/// An experiment, as its program sees it.
struct Program {
  std::string_view type;               ///< "FashionMlp"
  std::string_view name;               ///< "fashion_mlp"
  Table& table;                        ///< the experiment's options; those of the command are added
  std::function<Settings()> settings;  ///< asked for when the options are set
  std::function<Job(ThreadSplit, std::int64_t classes)> job;  ///< classes: those of the run, or 0
  /// `task`: what a run's model is for; without one it is asked of the data, with the number of classes or 0.
  std::function<Evaluation(ThreadSplit, std::optional<KnownTask> task, std::int64_t classes)> evaluation;
  FreshTable fresh;
  std::span<const EmbeddedConfig> configs;
};

/// Reads the command line and does what it says; the exit code.
int run_program(std::span<const char* const> args, Program& program);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/job.ipp>
#endif
