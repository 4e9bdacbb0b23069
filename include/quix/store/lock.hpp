#pragma once

#include <filesystem>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix {

/// The lock of a run's directory: only its holder writes there. It lives as long as the object, and the system releases
/// it when the process ends, however it ends.
class RunLock {
 public:
  RunLock() = default;
  /// Takes the lock. Where another process holds it: calls `waiting` once, and tries for `seconds`. Throws Error when
  /// it is still held then.
  explicit RunLock(const std::filesystem::path& directory, double seconds = 0, void (*waiting)() = nullptr);
  /// Whether the directory is still there, under its name: it may be renamed, removed, or made again by somebody.
  bool still_held() const;

 private:
  std::filesystem::path path_;
  io::Sink file_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/store/lock.ipp>
#endif
