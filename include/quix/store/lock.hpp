#pragma once

#include <filesystem>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix {

/// The lock of a run's directory: only its holder writes there. The object holds it until destruction, and the system
/// releases it when the process ends for any reason.
class RunLock {
 public:
  RunLock() = default;
  /// Takes the lock. If another process holds it, calls `waiting` once and retries for `seconds`. Throws Error if it is
  /// still held then.
  explicit RunLock(const std::filesystem::path& directory, double seconds = 0, void (*waiting)() = nullptr);
  /// Whether the directory still exists under its name: it may have been renamed, removed, or created again.
  bool still_held() const;

 private:
  std::filesystem::path path_;
  io::Sink file_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/store/lock.ipp>
#endif
