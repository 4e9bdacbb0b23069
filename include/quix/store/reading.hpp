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

/// A checkpoint's directory, as the file system tells it from another of the same name.
struct CheckpointId {
  std::uint64_t step = 0, device = 0, file = 0;
  bool operator==(const CheckpointId&) const = default;
};
/// Those of all checkpoints, oldest first.
std::vector<CheckpointId> checkpoint_ids(const std::filesystem::path& checkpoints);

}  // namespace detail

/// Calls `use` with the newest intact checkpoint of a run, and returns it; nothing where there is none. The run may be
/// training in another process: where that removes or replaces checkpoints meanwhile, `use` is called again, with the
/// next one. Throws Error where all are damaged, and what `use` throws while the checkpoints stay what they are.
template <class Use>
std::optional<std::filesystem::path> read_newest_checkpoint(const std::filesystem::path& checkpoints,
                                                            std::vector<std::string>& notices, Use&& use) {
  for (int tries = 0;; ++tries) {
    const auto before = detail::checkpoint_ids(checkpoints);
    const auto changed = [&] { return tries < 100 && detail::checkpoint_ids(checkpoints) != before; };
    std::vector<std::string> passed;
    try {
      auto checkpoint = newest_checkpoint(checkpoints, passed);
      if (!passed.empty() && changed()) continue;  // not damaged: removed while it was read
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
