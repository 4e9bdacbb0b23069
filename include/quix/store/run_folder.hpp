#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/node.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>
#include <quix/store/lock.hpp>
#include <quix/store/retention.hpp>

namespace quix {

/// How a run was built and started; written to run.json.
struct RunFacts {
  std::string experiment{}, name{}, command{}, folder{}, git{}, compiler{}, flags{}, libtorch{};
  bool dirty = false;
  std::uint64_t seed = 0;
};

/// `runs/<experiment>/<name>/`: one run on disk.
///
///     run.json                      how it was built and started, and its state
///     config.yaml                   the resolved configuration
///     metrics.jsonl                 every logged number; equal runs have equal bytes
///     timing.jsonl                  times and throughput
///     log.txt                       printed text; logs/NAME.txt and plots/ if the experiment writes them
///     checkpoints/<step>/           model.safetensors, optim.safetensors, rng.safetensors, state.json, manifest.json;
///                                   sums.safetensors of the running epoch; averaged.safetensors if evaluation
///                                   uses other weights; rng_cuda.safetensors of a run on a GPU
class RunFolder {
 public:
  RunFolder() = default;
  /// Creates a run's folder and takes its lock. Throws Error when a run of this name exists, unless `replace`: then the
  /// old run's files are removed first.
  static RunFolder create(const std::filesystem::path& runs, const RunFacts& facts, bool replace);
  /// Takes the lock of a run and opens the run to continue it; its files do not change afterwards. If another process
  /// holds the lock, calls `waiting` once and waits up to `lock_wait` seconds. Throws Error.
  static RunFolder reopen(const std::filesystem::path& folder, double lock_wait = 0, void (*waiting)() = nullptr);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }

  /// Throws Error when the directory is no longer this run's: renamed, removed, or created again by another process.
  void require_here() const;
  /// Sets the state in run.json: running, finished, interrupted, failed. Throws Error as require_here().
  void set_state(std::string_view state);
  /// Removes the run's files, and its directory if that contains nothing else.
  void remove();
  /// Sets another entry of run.json, which set_state() writes.
  void note(std::string_view key, Node value);
  /// Records the hash of the configuration to be written, next to that of the previous one.
  void note_config(std::string_view yaml);
  /// Throws Error when config.yaml matches no recorded hash: it was edited.
  void check_config() const;

 private:
  std::filesystem::path path_;
  RunLock lock_;
  Node record_;
};

/// The number of classes of a run's model, from run.json; 0 if not recorded.
std::int64_t classes_of_run(const std::filesystem::path& folder);
namespace detail {

/// A whole number from 0 in a run's run.json; `otherwise` where there is none. Throws Error.
std::int64_t number_of_run(const std::filesystem::path& folder, const char* name, std::int64_t otherwise);

}  // namespace detail

/// The run's state in run.json: running, finished, interrupted, failed; empty if not recorded.
std::string state_of_run(const std::filesystem::path& folder);
/// The format of the folders that are written. 2: train.batch_size counts the samples of an optimizer step.
inline constexpr std::int64_t run_format = 2;
/// The contents of a run's run.json; none if the file does not exist. Throws Error for a newer format.
std::optional<Node> record_of_run(const std::filesystem::path& folder);
/// The format number of a run's directory; 1 if not recorded.
std::int64_t format_of_run(const std::filesystem::path& folder);
/// The experiment's run with the latest start, checkpoint or end. Throws Error when there is no run.
std::filesystem::path newest_run(const std::filesystem::path& runs, std::string_view experiment);
/// Checks a name given by a user: a plain folder name.
void check_run_name(std::string_view name);
/// "2026-11-21_102233", and a suffix when that is taken.
std::string fresh_run_name(const std::filesystem::path& runs, std::string_view experiment);

/// Writes a checkpoint: files go into a temporary directory, with their hashes; commit() makes it visible.
class CheckpointWriter {
 public:
  CheckpointWriter(std::filesystem::path checkpoints, std::uint64_t step);
  /// The temporary directory.
  const std::filesystem::path& folder() const { return aside_; }
  /// Records a written file with its SHA-256.
  void add(const std::string& file, const std::string& sha256);
  void add_text(const std::string& file, std::string_view text);
  /// Writes the manifest, syncs, and renames the directory to its step; then removes old checkpoints.
  void commit(const Retention& retention);
  void commit(std::size_t keep) { commit(Retention{.keep = keep}); }

 private:
  std::filesystem::path checkpoints_, aside_;
  std::uint64_t step_;
  Node manifest_;
};

/// Steps of the checkpoints, oldest first. Looks at names only.
std::vector<std::uint64_t> checkpoint_steps(const std::filesystem::path& checkpoints);
std::filesystem::path checkpoint_folder(const std::filesystem::path& checkpoints, std::uint64_t step);
/// Removes a checkpoint atomically: other processes see it intact or not at all.
void remove_checkpoint(const std::filesystem::path& checkpoint);
/// Removes the checkpoints of later steps.
void drop_checkpoints_after(const std::filesystem::path& checkpoints, std::uint64_t step);
/// Describes what is corrupt in a checkpoint; empty if every file matches its hash in the manifest.
std::string damage(const std::filesystem::path& checkpoint);
/// The latest intact checkpoint; none if there is no checkpoint. Skips corrupt ones and names them in `notices`. Throws
/// Error if all are corrupt: a run must not overwrite its own records.
std::optional<std::filesystem::path> newest_checkpoint(const std::filesystem::path& checkpoints,
                                                       std::vector<std::string>& notices);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/store/run_folder.ipp>
#endif
