#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <quix/io/file.hpp>

namespace quix::io {

QUIX_INLINE void fail(const std::filesystem::path& path, std::string_view what) {
  const int code = errno;
  throw Error(path.string(), std::string(what) + ": " + std::strerror(code));
}

namespace detail {

/// A dataset may have more shards than a process may open files by default; the limit can be raised to the hard one.
inline int open_to_read(const std::filesystem::path& path) {
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;  // opening a pipe would wait for a writer
  const int fd = ::open(path.c_str(), flags);
  if (fd >= 0 || errno != EMFILE) return fd;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return errno = EMFILE, -1;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return ::open(path.c_str(), flags);
}

/// False with errno when it fails; true also on a file system that does not sync such a file.
inline bool sync(int fd) {
  int code = 0;
  do code = ::fsync(fd);
  while (code != 0 && errno == EINTR);
  return code == 0 || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS;
}

}  // namespace detail

QUIX_INLINE File::File(const std::filesystem::path& path) : path_(path), fd_(detail::open_to_read(path)) {
  if (fd_ < 0) fail(path, "cannot be opened");
  struct stat info {};
  if (::fstat(fd_, &info) != 0) fail(path, "cannot be read");
  if (!S_ISREG(info.st_mode)) {
    ::close(std::exchange(fd_, -1));
    throw Error(path.string(), "not a file");
  }
  size_ = static_cast<std::uint64_t>(info.st_size);
  time_ = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  changed_ = std::int64_t{info.st_ctim.tv_sec} * 1'000'000'000 + info.st_ctim.tv_nsec;
}

QUIX_INLINE File File::adopt(const File& like, int fd) {
  File out;
  out.path_ = like.path_, out.fd_ = fd, out.time_ = like.time_, out.changed_ = like.changed_;
  struct stat info {};
  if (::fstat(fd, &info) != 0) fail(like.path_, "cannot be read");
  out.size_ = static_cast<std::uint64_t>(info.st_size);
  return out;
}

QUIX_INLINE Map::Map(const File& file) : size_(file.size()) {
  if (size_ == 0) return;
  void* at = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file.fd_, 0);
  if (at == MAP_FAILED) fail(file.path(), "cannot be mapped into memory");
  data_ = static_cast<const std::byte*>(at);
}

QUIX_INLINE Map::~Map() {
  if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

QUIX_INLINE File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

QUIX_INLINE std::size_t File::read(std::uint64_t offset, void* to, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const auto n = ::pread(fd_, static_cast<char*>(to) + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path_, "cannot be read");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

QUIX_INLINE void File::read_all(std::uint64_t offset, void* to, std::size_t size) const {
  if (read(offset, to, size) != size)
    throw Error(path_.string(), "ends at byte " + std::to_string(size_) + ", but " + std::to_string(size) +
                                    " bytes at offset " + std::to_string(offset) +
                                    " are expected; the file is truncated");
}

QUIX_INLINE Sink::Sink(const std::filesystem::path& path, bool append)
    : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666)) {
  if (fd_ < 0) fail(path, "cannot be written");
}

QUIX_INLINE Sink::~Sink() {
  if (fd_ >= 0) ::close(fd_);
}

QUIX_INLINE void Sink::write(const void* data, std::size_t size) {
  auto bytes = static_cast<const char*>(data);
  while (size > 0) {
    const auto n = ::write(fd_, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path_, "cannot be written");
    bytes += n, size -= static_cast<std::size_t>(n);
  }
}

QUIX_INLINE void Sink::sync() {
  if (!detail::sync(fd_)) fail(path_, "cannot be synced");
}

QUIX_INLINE void Sink::truncate(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) fail(path_, "cannot be truncated");
}

QUIX_INLINE std::uint64_t Sink::size() const {
  struct stat info {};
  if (::fstat(fd_, &info) != 0) fail(path_, "cannot be read");
  return static_cast<std::uint64_t>(info.st_size);
}

QUIX_INLINE std::string read_text(const std::filesystem::path& path) {
  const File file(path);
  std::string text(file.size(), '\0');
  file.read_all(0, text.data(), text.size());
  return text;
}

QUIX_INLINE void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0 && errno == EACCES) return;  // a directory may be writable and not readable: then it cannot be synced
  if (fd < 0) fail(folder, "cannot be opened");
  const bool synced = detail::sync(fd);
  const int code = errno;
  ::close(fd);
  errno = code;
  if (!synced) fail(folder, "cannot be synced");
}

QUIX_INLINE void make_folder(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::vector<fs::path> parents;  // of what is new
  std::error_code code;
  for (auto path = folder; !path.empty() && !fs::exists(path, code); path = path.parent_path()) {
    if (path.has_filename()) parents.push_back(path.parent_path());
    if (!path.has_relative_path()) break;
  }
  fs::create_directories(folder, code);
  if (code) throw Error(folder.string(), "cannot be created: " + code.message());
  for (const auto& parent : parents) sync_folder(parent);
}

QUIX_INLINE void move_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto refuse = [&](const std::string& why) {
    throw Error(to.string(), why + "; " + from.string() + " was not renamed to it");
  };
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
  if (errno == EEXIST) refuse("exists already");
  if (errno != EINVAL && errno != ENOSYS) refuse(std::generic_category().message(errno));
  // A file system without it: another process may create the name between check and rename.
  std::error_code code;
  if (std::filesystem::exists(std::filesystem::symlink_status(to, code))) refuse("exists already");
  std::filesystem::rename(from, to, code);
  if (code) refuse(code.message());
}

QUIX_INLINE void replace(const std::filesystem::path& path, std::string_view text) {
  auto aside = path;
  aside += ".part";
  std::error_code code;
  try {
    Sink sink(aside);
    sink.write(text);
    sink.sync();
  } catch (...) {
    std::filesystem::remove(aside, code);
    throw;
  }
  std::filesystem::rename(aside, path, code);
  if (code) throw Error(path.string(), "cannot be replaced: " + code.message());
  sync_folder(path.parent_path());
}

}  // namespace quix::io
