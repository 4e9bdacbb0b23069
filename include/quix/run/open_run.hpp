#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <quix/detail/separate.hpp>
#include <quix/run/console.hpp>
#include <quix/run/recorder.hpp>
#include <quix/run/state.hpp>
#include <quix/store/run_folder.hpp>

namespace quix {

/// A run that this process trains: its directory, and who writes there.
struct OpenRun {
  RunFolder folder;
  Console console;
  Recorder recorder{};
  bool stepped = false;  ///< whether this process has taken a step

  /// Starts writing. `at`: where a resumed run continues; its records and checkpoints are cut to what was known there.
  void begin(const Position& at, std::string_view config_yaml, const std::vector<std::string>& header);
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/open_run.ipp>
#endif
