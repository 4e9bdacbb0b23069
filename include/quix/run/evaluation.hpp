#pragma once

#include <cstdint>
#include <string>

#include <quix/detail/separate.hpp>
#include <quix/run/task_table.hpp>

namespace quix::detail {

/// A pass over a split that has begun: loss and metrics of its samples. No totals where a signal ended it.
Evaluated evaluate(EvaluationRef task, std::uint64_t samples, ProgressBar& bar, const std::string& label);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/evaluation.ipp>
#endif
