#pragma once

#include <cstdint>
#include <filesystem>

#include <quix/detail/separate.hpp>
#include <quix/proc/step.hpp>
#include <quix/run/open_run.hpp>
#include <quix/run/policies.hpp>
#include <quix/run/state.hpp>

namespace quix {

/// When checkpoints are saved, which of them stay, and to which one a diverged training returns.
class Checkpointer {
 public:
  /// `run` must outlive this. `at`: where training begins.
  Checkpointer(OpenRun& run, const Checkpoint& when, const NonFinite& policy, const Position& at);

  /// Whether one is due after N steps, or epochs.
  bool after_step(std::uint64_t steps) const { return due(when_.every_steps, steps); }
  bool after_epoch(std::uint64_t epochs) const { return due(when_.every_epochs, epochs); }
  /// Saves one, with the records up to here. `last_good`: the step since which all were skipped.
  void save(Position at, const RunState& state, std::uint64_t last_good);

  /// The checkpoint that a diverged training returns to: one from before it, and older than what was returned to
  /// already. Empty when it is to stop.
  std::filesystem::path rollback(const Diverged& error);
  /// How often it did, in the processes before a resume too.
  std::uint64_t rollbacks() const { return rollbacks_; }
  /// By what the rates are multiplied with the last return.
  double rate_factor() const { return policy_.rollback_factor(rollbacks_); }
  /// Takes back the records and checkpoints behind a checkpoint, and says that training continues from there.
  Position rewind(const std::filesystem::path& checkpoint, double rate_scale);
  /// Which ones stay when a new one is written: the newest, and those that a rollback may return to.
  Retention retention(std::uint64_t last_good) const;
  /// Notes in a position what a resume needs to know of the records and of the returns.
  void complete(Position& at);

 private:
  static constexpr std::uint64_t most_rollbacks_ = 3;
  static bool due(int n, std::uint64_t i) { return n > 0 && i % static_cast<std::uint64_t>(n) == 0; }

  OpenRun& run_;
  Checkpoint when_;
  NonFinite policy_;
  std::uint64_t rollbacks_ = 0;
  std::uint64_t oldest_return_ = ~std::uint64_t{0};  ///< step of the checkpoint that was returned to
  std::uint64_t first_step_ = 0;                     ///< checkpoints from before it are of other data
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/checkpointer.ipp>
#endif
