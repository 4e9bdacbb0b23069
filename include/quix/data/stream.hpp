#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix {

/// The files of a tar archive one after the other, compressed (gzip, bzip2, xz, zstd, lz4) or not; what TarScan says of
/// names and links holds here.
///
///     quix::TarStream tar("train_0000.tar.zst");
///     while (tar.next()) use(tar.name(), tar.bytes());
class TarStream {
 public:
  explicit TarStream(const std::filesystem::path& path);
  ~TarStream();
  TarStream(const TarStream&) = delete;

  /// Goes to the next file and reads it. Throws Error when the archive is damaged.
  bool next();
  const std::string& name() const;
  /// Valid until next().
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::span<const std::byte> bytes_;
};

/// Whether a file begins as gzip, bzip2, xz, zstd or lz4 do.
bool is_compressed(const io::File& file);
/// A compressed file unpacked: into memory of its own (an anonymous file), or when it is larger than `most` bytes into
/// a temporary file in $TMPDIR. Throws Error when it is damaged, or when there is no room.
io::File unpacked(const io::File& file, std::uint64_t most);
/// Half of the memory that is free, in bytes.
std::uint64_t half_of_free_memory();
/// A shard for TarScan: the file itself, or a compressed one unpacked as unpacked() does.
io::File open_shard(const std::filesystem::path& path, std::uint64_t most = half_of_free_memory());

namespace detail {

/// A file without a name in $TMPDIR, else /var/tmp, that is gone when it is closed: its descriptor. Throws Error, with
/// the shard that it is for, where less than twice that many bytes are free.
int open_temporary(const std::filesystem::path& shard, std::uint64_t at_least);

}  // namespace detail

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/stream.ipp>
#endif
