#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <quix/cfg/note.hpp>

namespace quix {

/// The role `train`: how long, in which portions, from which seed.
struct Train {
  int epochs = 10;
  int batch_size = 128;
  std::uint64_t seed = 42;
  bool drop_last = false;
  std::string device = "auto";

  static constexpr std::array notes = {
      quix::note<&Train::epochs>("passes over the training data, in all", {.min = 1, .resumable = true}),
      quix::note<&Train::batch_size>("samples of an optimizer step, in step.accumulate batches", {.min = 1}),
      quix::note<&Train::seed>("of initial weights, order and dropout", {}),
      quix::note<&Train::drop_last>("leave out an epoch's last step when it is not full", {}),
      quix::note<&Train::device>("cpu, cuda, cuda:1; auto: a GPU where there is one", {.resumable = true}),
  };
};

/// The role `checkpoint`: when the run's state is saved, besides at its end and when it is interrupted.
struct Checkpoint {
  int every_epochs = 1;
  int every_steps = 0;
  int keep = 2;

  static constexpr std::array notes = {
      quix::note<&Checkpoint::every_epochs>("save after every so many epochs; 0: never", {.min = 0, .resumable = true}),
      quix::note<&Checkpoint::every_steps>("save after every so many optimizer steps; 0: never",
                                           {.min = 0, .resumable = true}),
      quix::note<&Checkpoint::keep>(
          "newest checkpoints that stay; 0: all. step.non_finite.action rollback keeps those that it may need, too",
          {.min = 0, .resumable = true}),
  };
};

/// The role `log`: what goes to the terminal and to metrics.jsonl.
struct Log {
  int every_steps = 50;
  bool progress = true;

  static constexpr std::array notes = {
      quix::note<&Log::every_steps>("steps that one line of metrics.jsonl sums up; 0: epochs only", {.min = 0}),
      quix::note<&Log::progress>("show a progress bar on a terminal", {.resumable = true}),
  };
};

/// The program's own options: they say what to do, and are no part of the experiment.
struct ProgramOptions {
  std::string name{};
  std::filesystem::path runs = "runs";
  bool resume = false;
  bool overwrite = false;
  double lock_wait = 60;
  bool allow_changed_data = false;
  std::filesystem::path from{};
  std::filesystem::path weights{};
  std::vector<std::string> config{};
  bool plot_lr = false;
  std::filesystem::path svg{};
  std::string split{};

  static constexpr std::array notes = {
      quix::note<&ProgramOptions::name>("name of the run; default: the time it starts", {}),
      quix::note<&ProgramOptions::runs>("folder that holds the runs of all experiments", {}),
      quix::note<&ProgramOptions::resume>("continue the run --name, or the newest one", {}),
      quix::note<&ProgramOptions::overwrite>("replace a run of this name", {}),
      quix::note<&ProgramOptions::lock_wait>("--resume: seconds to wait for the process that still trains the run",
                                             {.min = 0}),
      quix::note<&ProgramOptions::allow_changed_data>(
          "--resume: continue from the next epoch where the dataset is another than the run's", {}),
      quix::note<&ProgramOptions::from>("a run's folder: its configuration, and for eval its weights", {}),
      quix::note<&ProgramOptions::weights>(
          "weights of a run, or of a safetensors or PyTorch file: train starts from them, eval evaluates them", {}),
      quix::note<&ProgramOptions::config>("configurations that are built into this program", {}),
      quix::note<&ProgramOptions::plot_lr>("train: only draw the learning rate of the whole run", {}),
      quix::note<&ProgramOptions::svg>("--plot-lr: into this SVG file too; eval: the confusion matrix", {}),
      quix::note<&ProgramOptions::split>("eval: split of the data to evaluate; default: val", {}),
  };
};

/// Options of --weights, below its name.
struct WeightsOptions {
  bool strict = true;

  static constexpr std::array notes = {
      quix::note<&WeightsOptions::strict>("false: leave out tensors that do not fit the model, and list them", {})};
};

}  // namespace quix
