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

/// The files of a tar archive one after the other, compressed (gzip, bzip2, xz, zstd, lz4) or not; names and links are
/// handled as in TarScan.
///
///     quix::TarStream tar("train_0000.tar.zst");
///     while (tar.next()) use(tar.name(), tar.bytes());
class TarStream {
 public:
  explicit TarStream(const std::filesystem::path& path);
  ~TarStream();
  TarStream(const TarStream&) = delete;

  /// Goes to the next file and reads it. Throws Error when the archive is corrupt.
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
/// Unpacks a compressed file: into an anonymous file in memory, or if larger than `most` bytes into a temporary file in
/// $TMPDIR. Throws Error when it is corrupt, or when there is not enough space.
io::File unpacked(const io::File& file, std::uint64_t most);
/// Half of the free memory, in bytes.
std::uint64_t half_of_free_memory();
/// A shard for TarScan: the file itself, or a compressed one unpacked as unpacked() does.
io::File open_shard(const std::filesystem::path& path, std::uint64_t most = half_of_free_memory());

namespace detail {

/// The descriptor of an unnamed temporary file in $TMPDIR, else /var/tmp. Throws Error, naming the shard that it is
/// for, if less than twice that many bytes are free.
int open_temporary(const std::filesystem::path& shard, std::uint64_t at_least);

}  // namespace detail

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/stream.ipp>
#endif
