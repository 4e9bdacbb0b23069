#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix {

/// Writes a tar archive: ustar, with a pax header only for names that do not fit. Names are bytes and are written as
/// they are, in whatever encoding; the locale has no influence.
///
///     quix::TarSink tar("train_0000.tar.part");
///     tar.add("000000.png", bytes, /*time=*/0);
///     tar.close();
class TarSink {
 public:
  TarSink() = default;
  /// Creates or empties the file. Throws Error, as all functions here do, with the file and the reason.
  explicit TarSink(const std::filesystem::path& path) : sink_(path), path_(path) {}

  /// Adds a file that check() lets pass; `time` is seconds since 1970.
  void add(const std::string& name, std::span<const std::byte> data, std::int64_t time);
  /// Writes the end mark; returns when the archive is on the disk. Throws Error when an earlier write failed.
  void close();
  /// Throws Error for a name that leads out of the directory where the archive is unpacked, and for 4 GiB or more.
  static void check(const std::filesystem::path& path, const std::string& name, std::uint64_t size);
  explicit operator bool() const { return static_cast<bool>(sink_); }

 private:
  void put(const void* data, std::size_t size);
  void put_padding(std::uint64_t size, std::uint64_t to);
  void put_header(std::string_view prefix, std::string_view name, std::uint64_t size, std::int64_t time, char type);
  void flush();

  io::Sink sink_;
  std::filesystem::path path_;
  std::string buffer_;
  std::uint64_t size_ = 0;
  bool broken_ = false;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/tar_sink.ipp>
#endif
