#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <quix/cfg/node.hpp>
#include <quix/data/task.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/dims.hpp>

namespace quix::detail {

/// What a run's model is for: "task" in its run.json. With it eval needs no training data.
struct KnownTask {
  TaskInfo task;
  std::vector<Dims> shapes;  ///< of each field of a sample
};

Node to_node(const KnownTask& known);
/// None where the run was written before it was noted. Throws Error where people have made something else of it.
std::optional<KnownTask> task_of_run(const std::filesystem::path& run);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/known_task.ipp>
#endif
