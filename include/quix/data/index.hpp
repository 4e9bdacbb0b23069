#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/data/image.hpp>
#include <quix/data/tar.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix {

/// Samples that an index leaves out, or entries of its shards that are not members of samples, by cause.
struct LeftOut {
  std::uint64_t count = 0;
  bool are_samples = true;
  std::string what;   ///< the text after the count: "samples lack cls"
  std::string first;  ///< the first of them: its shard, and its key or member

  /// "2 samples lack cls (the first: data/train_0000.tar, key 00017)"
  std::string text() const;
};

/// The samples of some shards, with the location of each member of the requested suffixes. Random access, thread-safe.
/// Uses 8 bytes of memory per sample and 8 more per column.
class TarIndex {
 public:
  struct Column {
    std::string suffix;
    bool is_class = false;  ///< a class index, read with the index
    bool mapped = false;    ///< read from a memory map instead of by positioned reads
  };
  struct Options {
    unsigned threads = 0;       ///< threads that scan shards; 0: one per core
    bool keep_partial = false;  ///< keep samples that lack some of the suffixes
    bool skip_bad = false;      ///< count invalid class indices as missing members, instead of throwing Error
  };

  /// An empty index.
  TarIndex() = default;
  /// Scans the shards; compressed ones are unpacked into memory first. Members that share a key and follow one another
  /// are a sample; the key ends at the first dot of the file name, and suffixes are compared in lower case
  /// (WebDataset's rules). A sample that lacks a suffix is left out and counted. Throws Error for corrupt archives,
  /// duplicate members in one sample, and invalid class indices.
  TarIndex(std::vector<std::filesystem::path> shards, std::vector<Column> columns, Options options);
  TarIndex(std::vector<std::filesystem::path> shards, std::vector<Column> columns)
      : TarIndex(std::move(shards), std::move(columns), Options{}) {}

  /// Opens a split by its binary index (SPLIT.index, from save()) if that is intact and its shards have the recorded
  /// sizes and times; else scans. If a shard's attributes changed since, as those of a copy do, compares up to 1,000
  /// samples, and the last of each shard, with the shards first. Python quix's SPLIT.idx.json has no sizes, and is not
  /// used.
  static TarIndex open(const std::filesystem::path& folder, std::string_view split,
                       std::vector<std::filesystem::path> shards, std::vector<Column> columns, Options options);

  /// Opens a split of a dataset, as find_shards() names it; uses the index if the dataset is one directory.
  static TarIndex open(const std::filesystem::path& dataset, std::string_view split, std::vector<Column> columns,
                       Options options);

  std::size_t size() const { return size_; }
  /// Number of samples that are in the shards but not in this index.
  std::size_t left_out() const { return left_out_; }
  /// These samples by cause, and entries of the archives that are not members of samples.
  const std::vector<LeftOut>& left_out_by_cause() const { return causes_; }
  const std::vector<std::filesystem::path>& shards() const { return paths_; }
  const std::vector<Column>& columns() const { return columns_; }
  /// "scan" or "index"
  std::string_view source() const { return source_; }

  std::size_t shard_of(std::size_t sample) const { return row(sample)[0] >> 32; }
  /// Whether a sample has that column's member; always true without keep_partial.
  bool has(std::size_t sample, std::size_t column) const { return row(sample)[slots_[column]] != missing; }
  /// The location of a member's data in its shard.
  Span span(std::size_t sample, std::size_t column) const;
  /// A sample's member: in the buffer, which grows as needed, or in the memory map.
  ByteView read(std::size_t sample, std::size_t column, std::vector<std::byte>& buffer) const;
  std::int64_t class_of(std::size_t sample, std::size_t column) const {
    return static_cast<std::int64_t>(row(sample)[slots_[column]]);
  }
  /// Prefetches a sample's row into the cache.
  void prefetch(std::size_t sample) const { __builtin_prefetch(row(sample)); }
  /// Prefetches the first bytes of its mapped members into the cache.
  void prefetch_mapped(std::size_t sample) const {
    const auto* at = row(sample);
    for (const auto column : mapped_columns_)
      __builtin_prefetch(maps_[at[0] >> 32].data() + ((at[slots_[column]] >> 32) << 9));
  }

  /// "data/train_0000.tar, member 00012.png (offset 1536)"
  std::string describe(std::size_t sample, std::size_t column) const;
  std::string key(std::size_t sample) const;
  /// The same, reusing a string's memory. "?" if the sample's header can no longer be read.
  void key(std::size_t sample, std::string& to) const;

  /// Writes a binary index of all members of the shards, of every suffix: opened in milliseconds. open() uses it only
  /// while the shards' sizes and times are unchanged.
  static void save(const std::filesystem::path& folder, std::string_view split,
                   const std::vector<std::filesystem::path>& shards);
  /// The number of members in a SPLIT.idx.json. Throws Error for another format.
  static std::size_t parse_json(const std::filesystem::path& path);
  static std::filesystem::path path_of(const std::filesystem::path& folder, std::string_view split) {
    return folder / (std::string(split) + ".index");
  }

 private:
  static constexpr std::uint64_t missing = std::uint64_t{1} << 63;  // the minimum int64, not a valid span
  struct Found;
  struct Partial;

  const std::uint64_t* row(std::size_t sample) const { return rows_ + sample * stride_; }
  void open_shards();
  void scan_all(Options options);
  Found scan(std::uint32_t shard, bool skip_bad) const;
  std::string key_at(std::uint64_t place) const;
  void count_partial(std::vector<Partial>& partial);
  void count_unread();
  bool load_binary(const std::filesystem::path& path, bool keep_partial);
  bool matches_shards() const;
  bool matches_shard(std::size_t sample) const;
  void complete();

  std::vector<std::filesystem::path> paths_;
  std::vector<Column> columns_;
  std::vector<io::File> files_;
  std::vector<io::Map> maps_;  ///< of each shard, if a column is mapped
  std::vector<std::size_t> mapped_columns_;
  std::string_view source_ = "scan";
  // A row: shard << 32 | the first header's block of 512 bytes; then for each slot the data's block << 32 | size, or a
  // class number.
  std::vector<std::uint64_t> own_;
  io::Map file_;  ///< a binary index
  const std::uint64_t* rows_ = nullptr;
  std::size_t size_ = 0;
  std::size_t stride_ = 1;
  std::vector<std::size_t> slots_;  ///< of each column in a row
  std::size_t left_out_ = 0, not_adjacent_ = 0;
  std::vector<UnreadEntries> unread_;  ///< of each shard
  std::vector<LeftOut> causes_;
};

namespace detail {

/// Adds a shard's entries that are not members of samples to the causes; equal ones are counted together.
void add_unread(std::vector<LeftOut>& causes, const std::filesystem::path& shard, const UnreadEntries& unread);
/// Whether members of that suffix are class indices by convention: Python quix's and WebDataset's names, and two more.
bool names_class(std::string_view suffix);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/index.ipp>
#include <quix/data/index_files.ipp>
#endif
