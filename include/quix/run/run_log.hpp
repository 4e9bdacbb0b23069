#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <torch/types.h>

#include <quix/detail/separate.hpp>

namespace quix {

struct OpenRun;

/// Where an experiment's own code prints lines and keeps pictures while it runs: `context.log`. Of a run that is
/// trained, or of none.
class RunLog {
 public:
  RunLog() = default;
  /// `step`: the one that is being taken, from 1: what a picture is of.
  RunLog(OpenRun* run, std::uint64_t step) : run_(run), step_(step) {}

  /// Prints a line on standard output, above the progress bar. While a run is trained it is in the run's log.txt too,
  /// and where a name is given in logs/NAME.txt. Throws Error for a name that is a path.
  void print(const std::string& line, std::string_view name = {}) const;

  /// Keeps a picture of the step: plots/TAG_step_N.png in the run's folder, where a tag may have folders,
  /// "samples/first". The image is [H, W], [C, H, W] or [H, W, C] with 1, 3 or 4 channels (gray, RGB, RGBA): uint8,
  /// bool, or floats from 0 to 1, which are cut off there. Returns its path; an empty one when no run is trained: there
  /// is no folder then. Throws Error for other tensors and for tags that lead out of the folder.
  std::filesystem::path log_image(const std::string& tag, const at::Tensor& image) const;

 private:
  OpenRun* run_ = nullptr;
  std::uint64_t step_ = 0;
};

namespace detail {

/// A picture as a PNG file. Throws Error.
std::vector<std::byte> png_of(const at::Tensor& image);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/run_log.ipp>
#endif
