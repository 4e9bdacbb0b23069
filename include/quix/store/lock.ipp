#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <quix/cfg/leaf.hpp>
#include <quix/store/lock.hpp>

namespace quix {
namespace detail {

/// Whether a descriptor is the file that has this name now: a directory may have been removed and created again.
inline bool is_current(int fd, const std::filesystem::path& path) {
  struct stat open {
  }, named{};
  return ::fstat(fd, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
         open.st_ino == named.st_ino;
}

}  // namespace detail

QUIX_INLINE RunLock::RunLock(const std::filesystem::path& directory, double seconds, void (*waiting)()) {
  using Clock = std::chrono::steady_clock;
  const auto path = directory / ".lock";
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (auto pause = std::chrono::milliseconds(10);; pause = std::min(2 * pause, std::chrono::milliseconds(200))) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) io::fail(path, "cannot be written");
    auto file = io::Sink::adopt(path, fd);
    // A file system without locks gives another error: there the run is not protected.
    const bool held = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!held && detail::is_current(fd, path)) {
      file_ = std::move(file), path_ = path;
      return;
    }
    if (held && Clock::now() >= end)
      throw Error(
          directory.string(),
          "another process is training in this run's directory" +
              (seconds > 0 ? " (waited " + detail::write_number(seconds, false) + " s for it)" : std::string()) +
              "; stop it, wait longer with --lock_wait, or give this run another --name");
    if (held && waiting) std::exchange(waiting, nullptr)();
    if (held) std::this_thread::sleep_for(pause);
  }
}

QUIX_INLINE bool RunLock::still_held() const { return detail::is_current(file_.descriptor(), path_); }

}  // namespace quix
