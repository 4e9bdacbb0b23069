#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/data/array.hpp>
#include <quix/data/class_folders.hpp>
#include <quix/data/class_names.hpp>
#include <quix/data/codec.hpp>
#include <quix/data/fingerprint.hpp>
#include <quix/data/index.hpp>
#include <quix/data/on_error.hpp>
#include <quix/data/order.hpp>
#include <quix/data/pool.hpp>
#include <quix/data/shuffle.hpp>
#include <quix/data/views.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Maximum size of one sample's field: a larger claim is corrupt, or an attack.
inline constexpr std::size_t max_sample_bytes = std::size_t{1} << 30;

/// One split of a dataset, open for random access: lists its samples and decodes them.
class SplitData {
 public:
  /// Opens and scans the shards of a split, and reads the shapes from the first sample; unless on_error is `stop`, from
  /// the first that can be decoded. Throws Error.
  SplitData(const std::filesystem::path& dataset, std::string_view split, std::span<const detail::FieldCodec> codecs,
            OnError on_error = OnError::stop);

  /// Samples in memory: an array [N, …] per field, of its dtype; images [N, C, H, W]. Throws Error when they do not
  /// match. `name` is their name in errors.
  SplitData(std::string name, std::vector<Array> arrays, std::span<const detail::FieldCodec> codecs);

  /// Image files in class directories: at most one field reads them, whatever its suffix; class fields are the
  /// directories' indices. Throws Error.
  SplitData(ClassFolders folders, std::span<const detail::FieldCodec> codecs);

  std::size_t size() const { return source_ == Source::shards ? index_.size() : size_; }
  /// The index of samples in shards; else empty.
  const TarIndex& index() const { return index_; }
  /// What the split leaves out, a sentence per cause with the count and the first: samples that lack a member, shards
  /// that are not listed. Empty if it leaves out nothing.
  const std::vector<std::string>& remarks() const { return remarks_; }
  /// Adds a sentence about the data that was read.
  void add_remark(std::string text) { remarks_.push_back(std::move(text)); }
  /// dtype, shape and strides of one sample's field.
  const Layout& layout(std::size_t field) const { return layouts_[field]; }
  /// The classes that the dataset declares for the first class field: in config.json, or as class folders.
  const DeclaredClasses& declared() const { return declared_; }
  /// The number of classes of a field: `known` (a run's), else the declared number, else one more than the largest
  /// class index. Throws Error, naming the sample, for a negative index, for one that is not below a known or declared
  /// count, and, if neither is given, for an implausible one: at least 65536, and at least ten times the number of
  /// samples.
  std::int64_t classes(std::size_t field, std::int64_t known = 0) const;

  /// The class indices of a field, of all samples.
  std::vector<std::int64_t> class_numbers(std::size_t field) const;
  /// The first class field. Throws Error when there is none.
  std::size_t class_field() const;
  /// The order of an epoch: a pure function of its arguments and the split.
  Order order(const OrderOptions& options, std::uint64_t seed, std::uint64_t epoch) const;

  /// The fingerprint of the samples, from the index.
  SplitFingerprint fingerprint(std::string split) const;

  /// Offsets of the fields in the memory of a batch, 64-byte aligned; the last entry is the total size.
  std::vector<std::size_t> field_offsets(std::size_t batch_size) const;
  /// Memory for batches with these offsets.
  Pool pool(const std::vector<std::size_t>& offsets, std::size_t batch_size, Allocate allocate) const;
  /// Augments samples from now on; their size becomes that of the augmented ones.
  void augment(SampleTransform transform);
  /// Decodes all fields of a sample into row `row` of a batch with these offsets. An Error names shard and member.
  void decode(std::size_t sample, std::byte* memory, const std::vector<std::size_t>& offsets, std::size_t row,
              Scratch& scratch, const RngKey& moment = {}) const;
  /// Fills row `row` with zeros and empty lists.
  void blank(std::byte* memory, const std::vector<std::size_t>& offsets, std::size_t row) const;
  /// The sample's key: in shards that of its members, in directories the file name without suffix, in arrays the index.
  std::string key(std::size_t sample) const {
    std::string out;
    read_key(sample, out);
    return out;
  }
  /// Prefetches a sample's data into the cache.
  void prefetch(std::size_t sample) const {
    if (source_ == Source::shards) index_.prefetch(sample);
  }
  void prefetch_data(std::size_t sample) const {
    if (source_ == Source::shards) index_.prefetch_mapped(sample);
  }
  /// Number of samples that a thread should claim at once: many if they are copied, few if they are decoded.
  std::size_t chunk_size() const { return heavy_ ? 8 : 128; }
  /// The field of a batch of `size` samples.
  Array batch_field(std::size_t field, const std::shared_ptr<std::byte>& memory, std::size_t offset,
                    std::size_t size) const;

 private:
  enum class Source : std::uint8_t { shards, arrays, folders };
  /// A row of a batch's memory.
  struct Row {
    std::byte* memory;
    const std::vector<std::size_t>& offsets;
    std::size_t row;
  };
  std::byte* field_of(const Row& row, std::size_t field) const {
    return row.memory + row.offsets[field] + row.row * row_bytes(field);
  }
  /// Reads the shapes from a sample. Throws Error.
  void inspect(std::size_t sample);
  /// Reads the shapes from the first sample, or the first that can be decoded. Throws the Error of the first sample.
  void inspect_first();
  /// Calls look(sample) for the first sample and, unless on_error is `stop`, for the next ones until it does not throw
  /// Error.
  template <class Look>
  void look_at_first(Look&& look) const;
  /// The encoded bytes of a sample's field.
  ByteView read(std::size_t sample, std::size_t field, std::vector<std::byte>& buffer) const {
    return source_ == Source::shards ? index_.read(sample, columns_[field], buffer) : folders_.read(sample, buffer);
  }
  void read_key(std::size_t sample, std::string& to) const;
  /// The bytes of one sample's field in memory.
  void copy(std::size_t sample, std::size_t field, std::byte* to) const;
  [[noreturn]] void rethrow(const Error& error, std::size_t sample, std::size_t field) const;
  std::int64_t class_of(std::size_t sample, std::size_t field) const;
  /// Reads images, masks and boxes into the scratch's views, and augments them; boxes only with a row for them.
  void make_views(std::size_t sample, const Row* row, Scratch& scratch, const RngKey& moment) const;
  std::size_t row_bytes(std::size_t field) const {
    return codecs_[field].is_list() ? codecs_[field].element : layouts_[field].bytes();
  }

  std::span<const detail::FieldCodec> codecs_;
  Source source_ = Source::shards;
  TarIndex index_;
  ClassFolders folders_;
  DeclaredClasses declared_;
  std::string name_;                  ///< of arrays in memory
  std::vector<Array> arrays_;         ///< of each field
  std::size_t size_ = 0;              ///< of arrays and folders
  std::vector<std::size_t> columns_;  ///< of each field in the index
  std::vector<Layout> layouts_;
  std::vector<std::size_t> raw_bytes_;  ///< of one sample of each array
  std::vector<std::string> remarks_;
  bool heavy_ = false;
  OnError on_error_ = OnError::stop;
  SampleTransform transform_;
};
using FoldData [[deprecated("renamed quix::SplitData")]] = SplitData;

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/split_arrays.ipp>
#include <quix/data/split_classes.ipp>
#include <quix/data/split_data.ipp>
#include <quix/data/split_decode.ipp>
#include <quix/data/split_fingerprint.ipp>
#include <quix/data/split_memory.ipp>
#include <quix/data/split_order.ipp>
#endif
