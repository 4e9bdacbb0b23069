#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <quix/run/job.hpp>
#include <quix/store/reading.hpp>

namespace quix::detail {

/// Loads the weights of a run's newest checkpoint, and returns which it is. The run may be training. `option` names it.
template <class Job>
std::filesystem::path load_newest(const Job& job, const char* option, const std::filesystem::path& run, bool strict,
                                  std::vector<std::string>& notices) {
  std::vector<std::string> loaded;
  const auto checkpoint = read_newest_checkpoint(
      run / "checkpoints", notices, [&](const std::filesystem::path& from) { loaded = job.load(from, strict); });
  if (!checkpoint) throw Error(option, "no intact checkpoint found in " + run.string());
  notices.insert(notices.end(), loaded.begin(), loaded.end());
  return *checkpoint;
}

/// Loads the weights that `--weights` names: of a run, a checkpoint, or a file. Returns which.
template <class Job>
std::filesystem::path load_given(const Job& job, const std::filesystem::path& where, bool strict,
                                 std::vector<std::string>& notices) {
  if (!std::filesystem::exists(where)) throw Error("--weights", where.string() + " not found");
  if (std::filesystem::is_directory(where / "checkpoints"))
    return load_newest(job, "--weights", where, strict, notices);
  if (std::filesystem::exists(where / "manifest.json"))
    if (const auto wrong = damage(where); !wrong.empty())
      throw Error("--weights", where.string() + " is damaged (" + wrong + "); name another checkpoint, or the run");
  for (auto& notice : job.load(where, strict)) notices.push_back("--weights: " + std::move(notice));
  return where;
}

/// Throws Error where the validation data is configured but missing: nothing else would tell.
inline void check_val(const Program& program, bool has_val) {
  if (has_val) return;
  for (const auto& row : program.table.options())
    if (row.base >= 0 && row.winner >= 0 && row.path.starts_with("data.val."))
      throw Error({program.table.settings()[static_cast<std::size_t>(row.winner)].problem(
          row.path + " is set, but the data has no split val, or an empty one")});
}

}  // namespace quix::detail
