#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <quix/cfg.hpp>
#include <quix/data.hpp>

#include "members.hpp"

namespace quix::tool {

/// Options of the commands that write a dataset.
struct WriteOptions {
  int shard_samples = 20'000;
  bool overwrite = false;
  bool append = false;
  bool progress = true;

  static constexpr std::array notes = {
      quix::note<&WriteOptions::shard_samples>("samples of a shard", {.min = 1}),
      quix::note<&WriteOptions::overwrite>("replace an existing dataset, once the new one is complete"),
      quix::note<&WriteOptions::append>("add to an existing dataset"),
      quix::note<&WriteOptions::progress>("show a progress bar on a terminal"),
  };
};

/// Throws Error when a destination is, contains or is in one of the sources: what is read is never replaced.
void require_apart(const std::filesystem::path& destination, const std::vector<std::filesystem::path>& sources);

/// Throws Error, naming the option, for a name that no split can have.
void require_split_name(const std::string& option, const std::string& name);

/// One process at a time: holds a directory's lock while it lives. Throws Error when another process holds it.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::filesystem::path& folder);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int fd_;
};

/// A dataset that a command writes: to a temporary directory next to it, which finish() renames, or, where the
/// directory is there and is not replaced, within it, from which finish() moves the shards. So a command that fails or
/// is interrupted leaves what was there before, and nothing else.
class Output {
 public:
  /// Throws Error when the options exclude each other, when `overwrite` would remove what is not part of a dataset, and
  /// as Writer does.
  Output(const std::filesystem::path& dataset, const WriteOptions& options);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Writer* operator->() { return &*writer_; }
  /// Adds a sample that was read from `source`; an error names that.
  void write(const std::string& split, const std::filesystem::path& source, const std::string& key,
             const std::vector<Writer::Member>& members);
  /// Completes the dataset.
  void finish();

 private:
  std::filesystem::path dataset_, temporary_;
  bool overwrite_ = false, in_place_ = false;
  std::uint64_t written_ = 0;  ///< samples
  std::optional<DirectoryLock> lock_;
  std::optional<Writer> writer_;
};

std::vector<Writer::Member> views_of(const Members& members);

}  // namespace quix::tool
