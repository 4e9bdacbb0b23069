#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <quix/data/pipeline.hpp>
#include <quix/data/split_data.hpp>
#include <quix/data/task.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/dims.hpp>
#include <quix/proc/loss.hpp>

// What a run asks of its data and of its options, with the sentences where they do not fit.

namespace quix {

/// Sets the number of classes, and their names, from a class field of the data: `known` classes, else as
/// SplitData::classes says. Throws Error for labels that do not fit, and for a single class.
void describe_classes(TaskInfo& task, const SplitData& train, const SplitData* val, std::size_t field,
                      std::int64_t known);

/// An error sentence if a step's samples cannot be divided into `accumulate` equal batches; else empty.
std::string indivisible(std::uint64_t batch_size, std::uint64_t accumulate);
/// The optimizer steps of an epoch. Throws Error where `drop_last` leaves none.
std::uint64_t count_steps(std::uint64_t samples, std::uint64_t batch_size, bool drop_last);
/// Throws Error for metrics with one name, or with that of another entry of a record.
void check_metrics(const Totals& values, const ScoreArrays& arrays);
/// Throws Error where the order of an epoch has another length than that of the first.
void require_length(std::uint64_t epoch, std::size_t samples, std::size_t first);
/// Throws Error: the data lacks a split, or it has no samples.
[[noreturn]] void refuse_split(const std::string& split);
[[noreturn]] void refuse_empty(const std::string& split);
/// Throws Error: no sample of a batch could be decoded.
[[noreturn]] void refuse_batch(const std::vector<Pipeline::Bad>& samples);
/// Throws Error: samples of a split look other than those of training. `input`: of the model.
[[noreturn]] void refuse_layout(const std::string& split, const Dims& found, const Dims& training, bool input);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/checks.ipp>
#endif
