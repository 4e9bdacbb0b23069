#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/refused.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix {

/// The location of a tar member's bytes.
struct Span {
  std::uint64_t offset = 0;  ///< of the data in the shard
  std::uint64_t size = 0;
};

/// The reason why an entry of an archive is not a member of a sample.
enum class Unread : std::uint8_t {
  no_suffix,      ///< a name without a key or a suffix, such as README; hidden files are not counted
  dangling_link,  ///< a link whose target is not a file of the archive
  not_a_file,     ///< a device, a pipe, or an entry of an unknown type
  after_end,      ///< a sample after the end mark: archives joined by `cat`
  bad_class,      ///< an invalid class index; reported by an index that skips them, not by TarScan
};

/// The entries of an archive that are not members of samples: how many, and the first, by Unread.
struct UnreadEntries {
  std::array<std::uint64_t, 5> count{};
  std::array<std::string, 5> first{};  ///< a member's name; after the end mark also its offset

  void add(Unread cause, std::string_view name) {
    const auto i = static_cast<std::size_t>(cause);
    if (count[i]++ == 0) first[i] = name;
  }
};

/// The files of an uncompressed tar: ustar, pax and GNU long names, sizes in base 256. Checks every header's checksum.
/// Hard and symbolic links to a file of the archive are files with the data of their target. Names are bytes, in no
/// particular encoding.
///
///     quix::TarScan scan(file);
///     while (scan.next_member()) use(scan.key(), scan.suffix(), scan.span());
class TarScan {
 public:
  /// Starts at the archive's first header. The file must outlive the scan.
  explicit TarScan(const io::File& file) : file_(file) {}
  /// Starts at a member's header, and reads ahead no more than one member needs.
  TarScan(const io::File& file, std::uint64_t at) : file_(file), at_(at), ahead_(2048), whole_(false) {}
  template <std::same_as<io::File> F>
  explicit TarScan(const F&& file, std::uint64_t at = 0) : TarScan(file, at) {
    static_assert(detail::refused<F>,
                  "quix: a TarScan refers to its file; pass a variable that outlives the scan, not a temporary:  "
                  "quix::io::File file(path);  quix::TarScan scan(file);");
  }

  /// Goes to the next file; false at the archive's end. Throws Error when the archive is corrupt or truncated.
  bool next();
  /// Goes to the next file whose name has a key and a suffix.
  bool next_member();

  const std::string& name() const { return name_; }
  /// Of the file that next_member() went to; the suffix in lower case, as WebDataset compares suffixes.
  std::string_view key() const { return key_; }
  const std::string& suffix() const { return suffix_; }
  Span span() const { return span_; }
  /// The offset of the member: its header, or the extended header before that.
  std::uint64_t header() const { return header_; }
  /// The member's data, valid until next().
  std::span<const std::byte> bytes();
  /// Skipped entries so far; complete when next() has returned false.
  const UnreadEntries& unread() const { return unread_; }
  /// Whether the file is a link. Of a scan that starts at a member, links are not followed and have an empty span.
  bool is_link() const { return is_link_; }

 private:
  struct Links;
  /// From an entry's extended headers.
  struct Extended {
    std::string name, link;
    std::uint64_t size = 0;
    bool has_size = false, any = false, sparse = false;
  };
  void read_pax(std::string_view records, Extended& to) const;
  bool has_data(std::uint64_t data, std::uint64_t size);
  bool follow_link();
  void count_after_end();
  const std::byte* window(std::uint64_t offset, std::size_t size);
  [[noreturn]] void fail(std::uint64_t offset, const std::string& what) const;

  const io::File& file_;
  std::uint64_t at_ = 0;
  std::size_t ahead_ = std::size_t{1} << 18;
  std::uint64_t header_ = 0;
  std::string name_, suffix_;
  std::string_view key_;
  Span span_;
  bool whole_ = true;  ///< from the first header: links are followed, and the end is checked
  bool is_link_ = false, is_symbolic_ = false;
  std::string target_;
  Extended extended_;
  std::shared_ptr<const Links> links_;  ///< if there are any
  UnreadEntries unread_;
  std::vector<std::byte> buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::size_t buffer_size_ = 0;
};

namespace detail {

/// The name of a file or link from the header at `at` alone; false if it needs other headers.
bool read_plain_name(const io::File& file, std::uint64_t at, std::string& name);
/// Splits "a/b.seg.png" into the key "a/b" and the suffix "seg.png". False for names without a dot.
bool split_member(std::string_view name, std::string_view& key, std::string_view& suffix);
/// In lower case; bytes that are not ASCII stay.
void lower_suffix(std::string_view text, std::string& to);
/// Whether two suffixes are equal except for the case of ASCII letters.
bool same_suffix(std::string_view a, std::string_view b);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/tar.ipp>
#endif
