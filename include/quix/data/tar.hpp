#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/refused.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix {

/// Where the bytes of one tar member lie.
struct Span {
  std::uint64_t offset = 0;  ///< of the data in the shard
  std::uint64_t size = 0;
};

/// The regular files of an uncompressed tar: ustar, pax and GNU long names, sizes in base 256. Checks every header's
/// checksum.
///
///     quix::TarScan scan(file);
///     while (scan.next()) use(scan.name(), scan.span());
class TarScan {
 public:
  /// Starts at the archive's first header. The file must outlive the scan.
  explicit TarScan(const io::File& file) : file_(file) {}
  /// Starts at a member's header, and reads no more ahead than one member needs.
  TarScan(const io::File& file, std::uint64_t at) : file_(file), at_(at), ahead_(2048) {}
  template <std::same_as<io::File> F>
  explicit TarScan(const F&& file, std::uint64_t at = 0) : TarScan(file, at) {
    static_assert(detail::refused<F>,
                  "quix: a TarScan refers to its file; pass a variable that outlives the scan, not a temporary:  "
                  "quix::io::File file(path);  quix::TarScan scan(file);");
  }

  /// Goes to the next regular file; false at the archive's end. Throws Error when the archive is damaged or truncated.
  bool next();

  const std::string& name() const { return name_; }
  Span span() const { return span_; }
  /// Where the member begins: its header, or the extended header before that.
  std::uint64_t header() const { return header_; }
  /// The member's data, valid until next().
  std::span<const std::byte> bytes();

 private:
  const std::byte* window(std::uint64_t offset, std::size_t size);
  [[noreturn]] void fail(std::uint64_t offset, const std::string& what) const;

  const io::File& file_;
  std::uint64_t at_ = 0;
  std::size_t ahead_ = std::size_t{1} << 18;
  std::uint64_t header_ = 0;
  std::string name_;
  Span span_;
  std::vector<std::byte> buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::size_t buffer_size_ = 0;
};

namespace detail {

/// gzip, bzip2, xz, zstd by their first six bytes.
bool compressed(std::string_view begin);
/// The name of a regular member whose header at `at` says it alone, with a 0 at its end; false for all others.
bool read_plain_name(const io::File& file, std::uint64_t at, char (&name)[257]);
/// Splits "a/b.seg.png" into the key "a/b" and the suffix "seg.png". False for names without a dot.
bool split_member(std::string_view name, std::string_view& key, std::string_view& suffix);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/tar.ipp>
#endif
