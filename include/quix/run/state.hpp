#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <quix/data/fingerprint.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/state.hpp>
#include <quix/store/run_folder.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

/// Where a run stands, between two optimizer steps. With the tensors and the generator's state it is all that the rest
/// of the run depends on.
struct Position {
  std::uint64_t step = 0;           ///< optimizer steps done
  std::uint64_t epoch = 0;          ///< the epoch that the next step belongs to, from 0
  std::uint64_t step_in_epoch = 0;  ///< steps of it that are done
  std::uint64_t metrics_bytes = 0;  ///< length of metrics.jsonl
  std::uint64_t timing_bytes = 0;   ///< length of timing.jsonl
  std::uint64_t taken = 0;          ///< of the steps, those that were not skipped
  std::uint64_t compute_threads = 1;
  std::uint64_t rollbacks = 0;                      ///< returns to older checkpoints so far
  std::uint64_t oldest_return = ~std::uint64_t{0};  ///< the step of the last of these
  /// Step and epoch with which training on the present data began: not 0 where it was continued on other data.
  std::uint64_t first_step = 0, first_epoch = 0;
  std::optional<DataFingerprint> data{};  ///< what it was trained on; none in checkpoints of format 4
  NamedTensors sums{};                    ///< of the running epoch and log interval
};

/// Continues on other data: from the next epoch, where the checkpoint lies within one.
void change_data(Position& position, DataFingerprint data);
/// Throws Error for a position that lies after the end of an epoch or of the run.
void check_position(const Position& position, std::uint64_t epochs, std::uint64_t steps_per_epoch);

/// All that the rest of a run depends on, besides its position: what a checkpoint is saved from, and read back into.
struct RunState {
  NamedTensors model{};
  StateList training{};                    ///< optimizer, schedule, loss scale, averages, counters
  std::optional<NamedTensors> averaged{};  ///< weights of evaluation, where they are others
  at::Device device = at::kCPU;            ///< whose generator belongs to it
};

/// A run between two steps, as tensors: what save_checkpoint() writes.
struct Snapshot {
  Position position{};
  NamedTensors model{}, training{};
  std::optional<NamedTensors> averaged{};
  NamedTensors generators{};
};
/// One whose tensors are those that train: to be saved before the next step.
Snapshot view(Position position, const RunState& state);
/// A copy in separate memory, on the CPU: training may continue while it is saved.
Snapshot snapshot(Position position, const RunState& state);

/// Saves a whole checkpoint: nothing of it counts until all of it is on the disk.
void save_checkpoint(const std::filesystem::path& checkpoints, const Snapshot& what, const Retention& retention);
/// Reads a checkpoint's position alone.
Position read_position(const std::filesystem::path& checkpoint);
/// Puts a run's state and generators back to a checkpoint. A generator that the checkpoint has no state of, because
/// it was saved on another device, stays as it is.
void load_checkpoint(const std::filesystem::path& checkpoint, const RunState& into);
/// The weights that a checkpoint's evaluation uses, or those of a file: see load_weights_file, also for what it
/// returns.
std::vector<std::string> load_weights(const std::filesystem::path& checkpoint, const NamedTensors& model,
                                      bool strict = true);

/// LibTorch's generators and thread count, without its headers in every program.
void seed_generator(std::uint64_t seed);
void set_compute_threads(unsigned threads);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/state.ipp>
#endif
