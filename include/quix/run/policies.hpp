#pragma once

#include <array>
#include <cstdint>
#include <string>

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
      quix::note<&Train::batch_size>("samples per optimizer step; step.accumulate splits it into micro-batches",
                                     {.min = 1}),
      quix::note<&Train::seed>("random seed: weights, sample order, augmentation, dropout", {}),
      quix::note<&Train::drop_last>("drop the last step of an epoch if incomplete", {}),
      quix::note<&Train::device>("cpu, cuda, cuda:1 or auto (a GPU if available)", {.resumable = true}),
  };
};

/// The role `checkpoint`: when the run's state is saved, besides at its end and when it is interrupted.
struct Checkpoint {
  int every_epochs = 1;
  int every_steps = 0;
  int keep = 2;

  static constexpr std::array notes = {
      quix::note<&Checkpoint::every_epochs>("epochs between checkpoints; 0 disables", {.min = 0, .resumable = true}),
      quix::note<&Checkpoint::every_steps>("optimizer steps between checkpoints; 0 disables",
                                           {.min = 0, .resumable = true}),
      quix::note<&Checkpoint::keep>("latest checkpoints to keep; 0 keeps all. With step.non_finite.action rollback, "
                                    "those that it may need are kept too",
                                    {.min = 0, .resumable = true}),
  };
};

/// The role `log`: what goes to the terminal and to metrics.jsonl.
struct Log {
  int every_steps = 50;
  bool progress = true;

  static constexpr std::array notes = {
      quix::note<&Log::every_steps>("steps per line of metrics.jsonl; 0: epochs only", {.min = 0}),
      quix::note<&Log::progress>("show a progress bar on a terminal", {.resumable = true}),
  };
};

}  // namespace quix
