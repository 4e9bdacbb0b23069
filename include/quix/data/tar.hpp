#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
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
  explicit TarScan(const io::File& file) : file_(file) {}

  /// Goes to the next regular file; false at the archive's end. Throws Error when the archive is damaged or truncated.
  bool next();

  const std::string& name() const { return name_; }
  Span span() const { return span_; }
  /// The member's data, valid until next().
  std::span<const std::byte> bytes();

 private:
  const std::byte* window(std::uint64_t offset, std::size_t size);
  [[noreturn]] void fail(std::uint64_t offset, const std::string& what) const;

  const io::File& file_;
  std::uint64_t at_ = 0;
  std::string name_;
  Span span_;
  std::vector<std::byte> buffer_;
  std::uint64_t buffer_offset_ = 0;
  std::size_t buffer_size_ = 0;
};

/// The samples of some shards: for each, where the members with the asked suffixes lie. Random access; one index serves
/// many threads.
class TarIndex {
 public:
  struct Column {
    std::string suffix;
    bool is_class = false;  ///< a class number, read with the index
  };

  /// Scans the shards. Members that share a key and follow one another are a sample; the key ends at the first dot of
  /// the file name (WebDataset's rule). A sample that lacks a suffix is left out and counted.
  TarIndex(std::vector<std::filesystem::path> shards, std::vector<Column> columns);

  std::size_t size() const { return shard_of_.size(); }
  std::size_t left_out() const { return left_out_; }
  const std::vector<std::filesystem::path>& shards() const { return paths_; }

  /// Reads a sample's member into the buffer, which grows as needed.
  std::span<const std::byte> read(std::size_t sample, std::size_t column, std::vector<std::byte>& buffer) const;
  std::int64_t class_of(std::size_t sample, std::size_t column) const {
    return static_cast<std::int64_t>(at(sample, column).offset);
  }
  /// "data/train_0000.tar, member 00012.png (offset 1536)"
  std::string describe(std::size_t sample, std::size_t column) const;
  std::string key(std::size_t sample) const;

 private:
  const Span& at(std::size_t sample, std::size_t column) const { return spans_[sample * columns_.size() + column]; }
  void scan(std::uint32_t shard);

  std::vector<std::filesystem::path> paths_;
  std::vector<Column> columns_;
  std::vector<io::File> files_;
  std::vector<std::uint32_t> shard_of_;
  std::vector<Span> spans_;             ///< samples × columns; of a class: its number, in `offset`
  std::vector<std::uint64_t> headers_;  ///< of each sample's first member
  std::size_t left_out_ = 0;
  std::vector<std::string> suffixes_seen_;
};

/// The shards of a fold: as config.json says (Python quix's and ours), else every `FOLD*.tar` of the folder, sorted.
/// A relative folder is looked for here, in `data/`, and in the folders of $QUIX_DATA.
std::vector<std::filesystem::path> find_shards(const std::filesystem::path& dataset, std::string_view fold);
/// Whether the dataset has that fold. Throws Error when there is no such dataset.
bool has_fold(const std::filesystem::path& dataset, std::string_view fold);
std::filesystem::path find_dataset(const std::filesystem::path& dataset);

/// "a_{08..10}.tar" is a_08.tar, a_09.tar, a_10.tar; the width is that of the first number.
std::vector<std::string> expand_braces(const std::string& pattern);

namespace detail {

/// Splits "a/b.seg.png" into the key "a/b" and the suffix "seg.png". False for names without a dot.
bool split_member(std::string_view name, std::string_view& key, std::string_view& suffix);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/tar.ipp>
#endif
