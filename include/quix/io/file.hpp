#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix::io {

/// A file open for reading. Reads are positioned, so one File serves many threads.
class File {
 public:
  File() = default;
  explicit File(const std::filesystem::path& path);
  /// Takes over an open descriptor. Name and times are those of another file, for errors and comparisons.
  static File adopt(const File& like, int fd);
  ~File();
  File(File&& other) noexcept
      : path_(std::move(other.path_)),
        fd_(std::exchange(other.fd_, -1)),
        size_(other.size_),
        time_(other.time_),
        changed_(other.changed_) {}
  File& operator=(File&& other) noexcept {
    std::swap(path_, other.path_), std::swap(fd_, other.fd_), std::swap(size_, other.size_);
    std::swap(time_, other.time_), std::swap(changed_, other.changed_);
    return *this;
  }

  /// Reads up to `size` bytes at `offset`; fewer only at the end of the file. Throws Error on failure.
  std::size_t read(std::uint64_t offset, void* to, std::size_t size) const;
  /// Reads exactly `size` bytes, or throws Error that the file is truncated.
  void read_all(std::uint64_t offset, void* to, std::size_t size) const;

  std::uint64_t size() const { return size_; }
  /// Modification time, in nanoseconds since 1970.
  std::int64_t time() const { return time_; }
  /// When the file or its attributes last changed, in nanoseconds since 1970; unlike time(), it cannot be set.
  std::int64_t changed() const { return changed_; }
  const std::filesystem::path& path() const { return path_; }
  int descriptor() const { return fd_; }

 private:
  friend class Map;
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  std::int64_t time_ = 0, changed_ = 0;
};

/// Renames a file or directory to a new name. Throws Error when the name exists.
void move_new(const std::filesystem::path& from, const std::filesystem::path& to);

/// A memory-mapped file, read-only. Its size is that at mapping: a file that is truncated afterwards must not be read.
class Map {
 public:
  Map() = default;
  explicit Map(const File& file);
  ~Map();
  Map(Map&& other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Map& operator=(Map&& other) noexcept {
    std::swap(data_, other.data_), std::swap(size_, other.size_);
    return *this;
  }

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A file that is being written. Unbuffered; every failure throws Error naming the file.
class Sink {
 public:
  Sink() = default;
  /// Creates or empties the file; `append` keeps its contents.
  explicit Sink(const std::filesystem::path& path, bool append = false);
  /// Takes over an open descriptor.
  static Sink adopt(std::filesystem::path path, int fd) {
    Sink sink;
    sink.path_ = std::move(path), sink.fd_ = fd;
    return sink;
  }
  ~Sink();
  Sink(Sink&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  Sink& operator=(Sink&& other) noexcept {
    std::swap(path_, other.path_), std::swap(fd_, other.fd_);
    return *this;
  }

  void write(const void* data, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Returns when the bytes are on the disk. Throws Error on failure.
  void sync();
  void truncate(std::uint64_t size);
  std::uint64_t size() const;
  /// The open file, or -1.
  int descriptor() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

std::string read_text(const std::filesystem::path& path);
/// Replaces a file atomically: writes a temporary file, syncs and renames it. On failure the file is unchanged.
void replace(const std::filesystem::path& path, std::string_view text);
/// Syncs a directory, so that renames and new entries are on the disk. Throws Error on failure.
void sync_folder(const std::filesystem::path& folder);
/// Creates a directory with its parents, and syncs the entries of new ones. Throws Error with the reason.
void make_folder(const std::filesystem::path& folder);

/// Throws Error(path, "what: reason by errno").
[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what);

}  // namespace quix::io

#ifndef QUIX_SEPARATE
#include <quix/io/file.ipp>
#endif
