#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <quix/cfg/terminal.hpp>
#include <quix/detail/separate.hpp>
#include <quix/run/task_table.hpp>

namespace quix {

/// How training ended.
struct Trained {
  bool complete = false;              ///< else a signal ended it, and a checkpoint is saved
  std::optional<EpochResult> last{};  ///< none where no epoch was left to do
};

namespace detail {

/// How long training is, in which portions.
struct Plan {
  std::uint64_t epochs = 0, steps_per_epoch = 0;
  std::uint64_t samples_of_step = 0, samples_of_epoch = 0;
  std::uint64_t log_steps = 0;  ///< steps that one line of metrics.jsonl sums up; 0: none
};

/// Training from a position to the last epoch: epochs of steps of batches, with returns to older checkpoints. Knows the
/// experiment through its table.
class Trainer {
 public:
  Trainer(TaskRef task, const Plan& plan, OpenRun& run, Checkpointer& checkpointer);

  Trained fit(Position at);

 private:
  /// How a pass of training ends.
  enum class Ending { complete, interrupted, diverged };

  Ending train_epochs();
  Ending train_epoch();
  /// A batch, and the step that it may complete. Nothing while the epoch continues.
  std::optional<Ending> train_batch(const BatchResult& batch);
  std::optional<Ending> end_step(StepOutcome outcome);
  Ending end_epoch(const Timer& timer, double samples_per_second);
  /// Validates, where there is something to validate on. False where a signal ended it.
  bool validate(EpochResult& result);
  /// Goes back to an older checkpoint. Throws Diverged where there is none to return to.
  void return_to_older();
  void say_skipped();
  void save(const Position& at, const Sums& epoch);
  void require_training() const;
  std::uint64_t end_of_epoch() const;
  std::string label(const char* what) const;

  TaskRef task_;
  Plan plan_;
  OpenRun& run_;
  Checkpointer& checkpointer_;
  Position at_;
  Sums epoch_sums_, interval_;
  std::uint64_t seen_ = 0;        // samples of the epoch
  std::uint64_t step_begin_ = 0;  // those before the step that is gathered
  std::optional<EpochResult> last_;
  bool begun_ = false;  // whether a batch of this process has said what is measured
};

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/trainer.ipp>
#endif
