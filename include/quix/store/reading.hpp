#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/store/run_folder.hpp>

namespace quix {

namespace detail {

/// The identity of a checkpoint's directory in the file system, beyond its name.
struct CheckpointId {
  std::uint64_t step = 0, device = 0, file = 0;
  bool operator==(const CheckpointId&) const = default;
};
/// The identities of all checkpoints, oldest first.
std::vector<CheckpointId> checkpoint_ids(const std::filesystem::path& checkpoints);

}  // namespace detail

/// Calls `use` with the latest intact checkpoint of a run, and returns it; nothing if there is no checkpoint. If
/// another process that trains the run removes or replaces checkpoints meanwhile, calls `use` again with the next one.
/// Throws Error if all are corrupt, and the error of `use` if the checkpoints did not change.
template <class Use>
std::optional<std::filesystem::path> read_newest_checkpoint(const std::filesystem::path& checkpoints,
                                                            std::vector<std::string>& notices, Use&& use) {
  for (int tries = 0;; ++tries) {
    const auto before = detail::checkpoint_ids(checkpoints);
    const auto changed = [&] { return tries < 100 && detail::checkpoint_ids(checkpoints) != before; };
    std::vector<std::string> passed;
    try {
      auto checkpoint = newest_checkpoint(checkpoints, passed);
      if (!passed.empty() && changed()) continue;  // not corrupt: removed while it was read
      if (checkpoint) use(std::as_const(*checkpoint));
      if (!checkpoint && changed()) continue;
      notices.insert(notices.end(), passed.begin(), passed.end());
      return checkpoint;
    } catch (const Error&) {
      if (!changed()) throw;
    }
  }
}

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/store/reading.ipp>
#endif
