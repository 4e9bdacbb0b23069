#pragma once

#include <filesystem>

#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>
#include <quix/run/results.hpp>
#include <quix/run/state.hpp>

namespace quix {

/// The records of a run: metrics.jsonl, the truth about it, and timing.jsonl, what the clock said.
class Recorder {
 public:
  Recorder() = default;
  /// Opens a run's files, and cuts them to what a position knew. Throws Error where metrics.jsonl is shorter.
  Recorder(const std::filesystem::path& run, const Position& at);

  /// A line of metrics.jsonl about the steps since the last one.
  void write_steps(const Position& at, double rate, const Totals& totals);
  /// A line about an epoch in both files.
  void write_epoch(const EpochResult& result);
  /// Notes the length of both files in a position; they are on the disk then.
  void sync(Position& position);
  /// Takes back what was written after a position.
  void cut(const Position& position);

 private:
  io::Sink metrics_, timing_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/recorder.ipp>
#endif
