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

/// A dataset that a command writes: to a temporary directory next to it, which finish() renames, unless it is
/// continued. So a command that fails leaves nothing, and with `overwrite` the old dataset as it was.
class Output {
 public:
  /// Throws Error when the options exclude each other, when `overwrite` would remove what is not part of a dataset, and
  /// as Writer does.
  Output(const std::filesystem::path& dataset, const WriteOptions& options);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Writer* operator->() { return &*writer_; }
  Writer& operator*() { return *writer_; }
  /// Adds a sample that was read from `source`; an error names that.
  void write(const std::string& fold, const std::filesystem::path& source, const std::string& key,
             const std::vector<Writer::Member>& members);
  /// Completes the dataset.
  void finish();

 private:
  std::filesystem::path dataset_, temporary_;  ///< temporary_: empty where the dataset is written in place
  std::optional<Writer> writer_;
};

std::vector<Writer::Member> views_of(const Members& members);

}  // namespace quix::tool
