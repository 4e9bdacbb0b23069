#pragma once

#include <string_view>

#include <quix/run/evaluation.hpp>
#include <quix/run/stop.hpp>

namespace quix::detail {

QUIX_INLINE Evaluated evaluate(EvaluationRef task, std::uint64_t samples, ProgressBar& bar, const std::string& label) {
  bar.start(label, samples);
  Sums sums;
  SkippedSamples skipped(label);
  for (std::uint64_t seen = 0;;) {
    const auto batch = task(&EvaluationTable::eval_batch);
    if (batch.samples == 0) break;
    for (const auto& bad : batch.bad) skipped.add(bad.what);
    sums += batch.sums;
    bar.update(seen += batch.samples, std::string_view{});
    if (stop_signal()) return {};
  }
  bar.clear();
  return {task(&EvaluationTable::values, sums), task(&EvaluationTable::arrays, sums), samples};
}

}  // namespace quix::detail
