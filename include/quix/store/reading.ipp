#pragma once

#include <sys/stat.h>

#include <quix/store/reading.hpp>

namespace quix::detail {

QUIX_INLINE std::vector<CheckpointId> checkpoint_ids(const std::filesystem::path& checkpoints) {
  std::vector<CheckpointId> out;
  for (const auto step : checkpoint_steps(checkpoints)) {
    struct stat info {};
    if (::stat(checkpoint_folder(checkpoints, step).c_str(), &info) == 0)
      out.push_back({.step = step, .device = info.st_dev, .file = info.st_ino});
  }
  return out;
}

}  // namespace quix::detail
