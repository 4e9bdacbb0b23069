#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/terminal.hpp>
#include <quix/data/shards.hpp>
#include <quix/data/task.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>
#include <quix/proc/loss.hpp>
#include <quix/proc/step.hpp>
#include <quix/run/checkpoint.hpp>
#include <quix/run/policies.hpp>
#include <quix/run/sums.hpp>
#include <quix/store/run_folder.hpp>

namespace quix {

namespace detail {

/// A value for the terminal; "-" where nothing counted.
std::string value_text(const Measure& measure);
/// "loss 0.4125  distance 0.3": what the progress bar says of a pass so far.
std::string bar_text(const Sums& sums);

/// A value that has a column: one with a slash in its name is a detail, for metrics.jsonl.
inline bool is_detail(std::string_view name) { return name.find('/') != name.npos; }

}  // namespace detail

/// What an evaluation says of a split; no totals where a signal ended it.
struct Evaluated {
  Totals totals{};
  ScoreArrays arrays{};
  std::uint64_t samples = 0;
};

/// One epoch's line of the table, as a value.
struct EpochResult {
  std::uint64_t epoch = 0;  ///< from 1
  std::uint64_t step = 0;
  Totals train, val;
  ScoreArrays train_arrays{}, val_arrays{};
  double seconds = 0;
  double samples_per_second = 0;  ///< of the training pass
};

/// Everything of a training run that does not depend on the experiment's type: its folder, its records, its terminal.
class Session {
 public:
  Session(RunFolder folder, const Log& log);
  ~Session();
  Session(const Session&) = delete;
  /// The run that this process trains; none where it does not.
  static Session* current() { return current_; }

  /// Starts writing. `position`: where a resumed run continues; metrics.jsonl and timing.jsonl are cut to what that
  /// position knew.
  void begin(const Position& position, std::string_view config_yaml, const std::vector<std::string>& header);

  /// The checkpoint that a diverged training returns to: one from before it, and older than what was returned to
  /// already. Empty when it is to stop.
  std::filesystem::path rollback(const Diverged& error, const NonFinite& policy);
  /// Which checkpoints stay when a new one is written: the newest, and those that a rollback may return to.
  /// `last_good`: the step since which all were skipped.
  Retention retention(int keep, const NonFinite& policy, std::uint64_t last_good) const;
  /// How often it did, in the runs before a resume too.
  std::uint64_t rollbacks() const { return rollbacks_; }
  /// Takes back the records and checkpoints behind a checkpoint, and says that training continues from there.
  Position rewind(const std::filesystem::path& checkpoint, double rate_scale);

  void log_steps(const Position& position, double rate, const Totals& totals);
  void log_epoch(const EpochResult& result);
  /// Notes in a position, for its checkpoint, the bytes of metrics.jsonl and timing.jsonl, which are on the disk then,
  /// and the returns to older checkpoints.
  void complete(Position& position);

  ProgressBar& bar() { return bar_; }
  RunFolder& folder() { return folder_; }
  const std::vector<EpochResult>& results() const { return results_; }
  /// Prints a line, with the progress bar out of the way.
  void say(const std::string& line);
  /// The step that is being taken, from 1: what a picture is of.
  std::uint64_t step() const { return step_; }
  void begin_step(std::uint64_t step) { step_ = step; }
  /// Says which samples could not be decoded; the first ten of a run.
  void say_bad(const std::vector<Pipeline::Bad>& samples);
  /// Says which samples, from one position of the order to another, were those of a step that was skipped.
  void say_skipped(const StepReport& report, const FoldData& fold, const Order& order, std::uint64_t first,
                   std::uint64_t end);

 private:
  inline static Session* current_ = nullptr;
  static constexpr std::uint64_t most_rollbacks_ = 3;

  RunFolder folder_;
  ProgressBar bar_;
  io::Sink metrics_, timing_, log_;
  std::uint64_t step_ = 0;
  std::vector<EpochResult> results_;
  std::uint64_t bad_samples_ = 0;
  std::uint64_t rollbacks_ = 0;
  std::uint64_t oldest_return_ = ~std::uint64_t{0};  ///< step of the checkpoint that was returned to
  std::uint64_t first_step_ = 0;                     ///< checkpoints from before it are of other data
  std::vector<TextTable> table_;                     // none before the first row tells the columns
  std::vector<std::string> train_columns_, val_columns_;
};

/// Samples that an evaluation left out: says so at its end, on standard error.
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

/// Sets the number of classes, and their names, from a class field of the data: `known` classes, else as
/// FoldData::classes says. Throws Error for labels that do not fit, and for a single class.
void describe_classes(TaskInfo& task, const FoldData& train, const FoldData* val, std::size_t field,
                      std::int64_t known);

/// A sentence where a step's samples cannot be divided into so many equal batches; else empty.
std::string indivisible(std::uint64_t batch_size, std::uint64_t accumulate);
/// The optimizer steps of an epoch. Throws Error where `drop_last` leaves none.
std::uint64_t count_steps(std::uint64_t samples, std::uint64_t batch_size, bool drop_last);
/// Throws Error where the order of an epoch has another length than that of the first.
void require_length(std::uint64_t epoch, std::size_t samples, std::size_t first);
/// Throws Error: the data lacks a split, or it has no samples.
[[noreturn]] void refuse_split(const std::string& split);
[[noreturn]] void refuse_empty(const std::string& split);
/// Throws Error: no sample of a batch could be decoded.
[[noreturn]] void refuse_batch(const std::vector<Pipeline::Bad>& samples);
/// Throws Error: samples of a split look other than those of training. `input`: of the model.
[[noreturn]] void refuse_layout(const std::string& split, const Dims& found, const Dims& training, bool input);

/// "3 of 10": the words that describe data, model and threads before training.
std::vector<std::string> describe_run(std::string_view experiment, const TaskInfo& task, std::uint64_t parameters,
                                      std::string_view folder, std::string_view device, unsigned decode_threads,
                                      unsigned compute_threads, std::uint64_t seed);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/session.ipp>
#endif
