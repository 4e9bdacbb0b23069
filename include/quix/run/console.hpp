#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <quix/cfg/terminal.hpp>
#include <quix/data/pipeline.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>
#include <quix/run/results.hpp>
#include <quix/run/sums.hpp>

namespace quix {

namespace detail {

/// A value for the terminal; "-" where nothing counted.
std::string value_text(const Measure& measure);
/// "loss 0.4125  distance 0.3": what the progress bar says of a pass so far.
std::string bar_text(const Sums& sums);

}  // namespace detail

/// What a run shows: its lines, which are in log.txt too, the progress bar, and the table of epochs.
class Console {
 public:
  explicit Console(bool progress) : bar_(progress) {}

  /// From now on lines go to this file too.
  void open_log(const std::filesystem::path& file);
  /// Prints a line, with the progress bar out of the way.
  void say(const std::string& line);
  /// A line for the log alone.
  void note(const std::string& line);
  /// Says which samples could not be decoded; the first ten of a run.
  void say_bad(const std::vector<Pipeline::Bad>& samples);
  /// A row of the table; before the first one its columns.
  void say_epoch(const EpochResult& result);
  ProgressBar& bar() { return bar_; }

 private:
  void begin_table(const EpochResult& first);

  ProgressBar bar_;
  io::Sink log_;
  std::uint64_t bad_samples_ = 0;
  std::vector<TextTable> table_;  // none before the first row tells the columns
  std::vector<std::string> train_columns_, val_columns_;
};

/// Samples that an evaluation left out: reported on standard error when it ends.
class SkippedSamples {
 public:
  explicit SkippedSamples(std::string pass) : pass_(std::move(pass)) {}
  ~SkippedSamples();
  SkippedSamples(const SkippedSamples&) = delete;
  void add(const std::string& what) {
    if (count_++ == 0) first_ = what;
  }

 private:
  std::string pass_, first_;
  std::uint64_t count_ = 0;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/console.ipp>
#endif
