#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <quix/detail/separate.hpp>
#include <quix/proc/loss.hpp>
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
  std::uint64_t compute_threads = 1;
  std::uint64_t rollbacks = 0;                      ///< returns to older checkpoints so far
  std::uint64_t oldest_return = ~std::uint64_t{0};  ///< the step of the last of these
  Totals totals;                                    ///< of the running epoch and log interval
};

/// The tensors of a checkpoint.
struct Saved {
  NamedTensors model, optim;
  std::optional<NamedTensors> averaged{};  ///< weights of evaluation, where they are others
  at::Device device = at::kCPU;            ///< whose generator is saved too
};
/// Saves a whole checkpoint: nothing of it counts until all of it is on the disk.
void save_checkpoint(const std::filesystem::path& checkpoints, const Position& position, const Saved& what,
                     std::size_t keep);

/// Reads a checkpoint's position alone.
Position read_position(const std::filesystem::path& checkpoint);
/// Puts model, optimizer and generators back to a checkpoint. A generator that the checkpoint has no state of, because
/// it was saved on another device, stays as it is.
void load_checkpoint(const std::filesystem::path& checkpoint, const Saved& into);
/// The weights that a checkpoint's evaluation uses, or those of a file of tensors.
void load_weights(const std::filesystem::path& checkpoint, const NamedTensors& model);

/// LibTorch's generators and thread count, without its headers in every program.
void seed_generator(std::uint64_t seed);
void set_compute_threads(unsigned threads);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/checkpoint.ipp>
#endif
