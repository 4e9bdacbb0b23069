#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix {

/// The regular files of a tar archive one after the other, compressed (gzip, bzip2, xz, zstd, lz4) or not. There is no
/// way back: what has to be read in any order is converted to plain tar (`quix data convert`).
///
///     quix::TarStream tar("train_0000.tar.zst");
///     while (tar.next()) use(tar.name(), tar.bytes());
class TarStream {
 public:
  explicit TarStream(const std::filesystem::path& path);
  ~TarStream();
  TarStream(const TarStream&) = delete;

  /// Goes to the next file and reads it. Throws Error when the archive is damaged, or a file is larger than 4 GiB.
  bool next();
  const std::string& name() const { return name_; }
  /// Valid until next().
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::filesystem::path path_;
  std::string name_;
  std::vector<std::byte> bytes_;
};

/// Whether a file begins as gzip, bzip2, xz or zstd do.
bool is_compressed(const io::File& file);
/// A compressed file unpacked: into memory of its own (an anonymous file), or when it is larger than `most` bytes into
/// a temporary file in $TMPDIR. Throws Error when it is damaged, or when there is no room.
io::File unpacked(const io::File& file, std::uint64_t most);
/// Half of the memory that is free, in bytes.
std::uint64_t half_of_free_memory();

namespace detail {

/// A file without a name in $TMPDIR, else /var/tmp, that is gone when it is closed: its descriptor. Throws Error, with
/// the shard that it is for, where less than twice that many bytes are free.
int open_temporary(const std::filesystem::path& shard, std::uint64_t at_least);

}  // namespace detail

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/stream.ipp>
#endif
