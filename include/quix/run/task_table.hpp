#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <quix/data/pipeline.hpp>
#include <quix/proc/step.hpp>
#include <quix/run/checkpointer.hpp>
#include <quix/run/results.hpp>
#include <quix/run/sums.hpp>

// What the parts of run/ that are compiled once call of an experiment. Each function is called once per batch, or more
// rarely; within a batch an experiment's policies are called through their own types.

namespace quix::detail {

/// What the experiment's own code says of a batch.
struct BatchResult {
  std::uint64_t samples = 0;  ///< of the batch, with those that could not be decoded; 0 behind the last one
  StepOutcome outcome = StepOutcome::pending;
  Sums sums{};
  std::vector<Pipeline::Bad> bad{};
};

/// A pass over a split.
struct EvaluationTable {
  BatchResult (*eval_batch)(void*);
  Totals (*values)(void*, const Sums&);
  ScoreArrays (*arrays)(void*, const Sums&);
};

/// Training.
struct TaskTable {
  void (*begin)(void*, const Position&);                                 ///< plans schedules, and starts from there
  void (*begin_epoch)(void*, std::uint64_t epoch, std::uint64_t first);  ///< from its sample `first` on
  BatchResult (*train_batch)(void*);                                     ///< the next one
  StepOutcome (*end_epoch)(void*);                                       ///< the step of batches that wait for more
  /// Nothing where there is nothing to validate on.
  std::optional<Evaluated> (*validate)(void*, ProgressBar&, const std::string& label);
  void (*observe)(void*, const Totals&);
  void (*require_metric)(void*, const Totals&);  ///< throws Error where a schedule waits for one that is not there
  Totals (*values)(void*, const Sums&);
  ScoreArrays (*arrays)(void*, const Sums&);
  const StepReport& (*report)(void*);
  const Diverged& (*divergence)(void*);
  std::string (*key)(void*, std::uint64_t position);  ///< of a sample of the epoch
  void (*save)(void*, Checkpointer&, const Position&);
  void (*restore)(void*, const std::filesystem::path& checkpoint);
  double (*scale_rate)(void*, double factor);  ///< what the scale of all rates is then
};

/// An experiment with one of these tables.
template <class Table>
class TableRef {
 public:
  TableRef(void* self, const Table& table) : self_(self), table_(&table) {}

  template <class R, class... A, class... Given>
  R operator()(R (*Table::*function)(void*, A...), Given&&... given) const {
    return (table_->*function)(self_, std::forward<Given>(given)...);
  }

 private:
  void* self_;
  const Table* table_;
};
using TaskRef = TableRef<TaskTable>;
using EvaluationRef = TableRef<EvaluationTable>;

/// A member function as an entry of a table.
template <auto method>
struct TableEntry;
template <class T, class R, class... A, R (T::*method)(A...)>
struct TableEntry<method> {
  static R call(void* self, A... given) { return (static_cast<T*>(self)->*method)(std::forward<A>(given)...); }
};
template <class T, class R, class... A, R (T::*method)(A...) const>
struct TableEntry<method> {
  static R call(void* self, A... given) { return (static_cast<const T*>(self)->*method)(std::forward<A>(given)...); }
};
template <auto method>
inline constexpr auto table_entry = &TableEntry<method>::call;

}  // namespace quix::detail
