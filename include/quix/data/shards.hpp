#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/data/class_folders.hpp>
#include <quix/data/class_names.hpp>
#include <quix/data/codec.hpp>
#include <quix/data/dataset.hpp>
#include <quix/data/fields.hpp>
#include <quix/data/fingerprint.hpp>
#include <quix/data/index.hpp>
#include <quix/data/order.hpp>
#include <quix/data/pipeline.hpp>
#include <quix/data/pool.hpp>
#include <quix/data/sample.hpp>
#include <quix/data/sampling.hpp>

namespace quix {

template <class S>
class Fold;

/// What becomes of a sample that cannot be decoded.
enum class OnError : std::uint8_t {
  stop,     ///< the error, with shard, member and offset
  skip,     ///< a row of zeros that does not count; positions stay where they are
  replace,  ///< another sample, which depends on the position alone
};

/// How an epoch's order is drawn.
enum class Shuffle : std::uint8_t {
  full,    ///< a uniform permutation
  blocks,  ///< blocks of neighbours in a random order, mixed in a window: long reads on a slow disk
  shards,  ///< Python quix's: shards in a random order, each shuffled within itself
  none,    ///< as the samples lie
};

/// The data policy for tar shards; its value is configuration.
template <class S>
struct Shards {
  std::filesystem::path path{};
  std::optional<int> threads{};
  int prefetch = 4;
  Shuffle shuffle = Shuffle::full;
  int shuffle_block = 256;
  int shuffle_window = 64;
  int repeat = 1;
  bool balanced = false;
  OnError on_error = OnError::stop;

  using sample = S;

  /// Opens a fold: "train", "val".
  Fold<S> open(std::string_view fold) const { return Fold<S>(path, fold, on_error); }
  bool has(std::string_view fold) const { return has_fold(path, fold); }
  /// The order of an epoch of training.
  Order order(const Fold<S>& fold, std::uint64_t seed, std::uint64_t epoch) const {
    return fold.order({.shuffle = shuffle,
                       .block = static_cast<std::uint32_t>(shuffle_block),
                       .window = static_cast<std::uint32_t>(shuffle_window),
                       .repeat = static_cast<std::uint32_t>(repeat),
                       .balanced = balanced},
                      seed, epoch);
  }

  [[maybe_unused]] static constexpr std::array notes = {
      quix::note<&Shards::path>(
          "folder of tar shards, one archive, or a pattern, here, in data/ or in $QUIX_DATA; several joined by ::",
          {.resumable = true}),
      quix::note<&Shards::threads>("decoding threads; none: chosen from the cores",
                                   {.min = 0, .max = 1024, .resumable = true}),
      quix::note<&Shards::prefetch>("batches decoded ahead", {.min = 1, .max = 1024, .resumable = true}),
      quix::note<&Shards::shuffle>("order of training: full, blocks of neighbours, shard by shard, or none"),
      quix::note<&Shards::shuffle_block>("blocks: neighbours that stay together on the disk", {.min = 1}),
      quix::note<&Shards::shuffle_window>("blocks: so many are mixed with one another", {.min = 1}),
      quix::note<&Shards::repeat>("copies of a sample in a row, each augmented differently", {.min = 1, .max = 1024}),
      quix::note<&Shards::balanced>("draw classes equally often, with replacement"),
      quix::note<&Shards::on_error>("a sample that cannot be decoded: stop, skip it, or replace it by another"),
  };
};

/// A batch: the sample's own fields with a leading dimension, and where it stands in its epoch.
template <class S>
struct Batch : S {
  std::size_t size = 0;              ///< samples
  std::uint64_t first = 0;           ///< position of the first one in the epoch
  std::vector<Pipeline::Bad> bad{};  ///< samples that could not be decoded; rows of zeros unless replaced

  /// The rows that hold samples.
  std::vector<std::int64_t> good_rows() const {
    std::vector<std::int64_t> out;
    auto next = bad.begin();
    for (std::size_t row = 0; row < size; ++row) {
      while (next != bad.end() && (next->row < row || next->replaced)) ++next;
      if (next == bad.end() || next->row != row) out.push_back(static_cast<std::int64_t>(row));
    }
    return out;
  }
  bool all_good() const {
    return std::all_of(bad.begin(), bad.end(), [](const auto& one) { return one.replaced; });
  }
  /// How many they are.
  std::size_t good_size() const { return all_good() ? size : good_rows().size(); }
};

namespace detail {

template <class S>
inline constexpr auto codecs_of = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<FieldCodec, sizeof...(I)>{field_codec<boost::pfr::tuple_element_t<I, S>>()...};
}
(std::make_index_sequence<is_sample<S> ? boost::pfr::tuple_size_v<S> : 0>{});

}  // namespace detail

/// A field of one sample is at most this large: what claims more is damaged, or an attack.
inline constexpr std::size_t max_sample_bytes = std::size_t{1} << 30;

struct OrderOptions {
  Shuffle shuffle = Shuffle::full;
  std::uint32_t block = 256, window = 64;  ///< of Shuffle::blocks
  std::uint32_t repeat = 1;
  bool balanced = false;
};

/// One fold of a dataset, open for random access: which samples there are, and how each becomes memory.
class FoldData {
 public:
  /// Opens the shards of a fold, scans them, and looks at the first sample for shapes; unless on_error is `stop`, at
  /// the first that can be decoded. Throws Error.
  FoldData(const std::filesystem::path& dataset, std::string_view fold, std::span<const detail::FieldCodec> codecs,
           OnError on_error = OnError::stop);

  /// Samples in memory: for each field an array [N, …] of its own dtype; images [N, C, H, W]. Throws Error when they do
  /// not fit together. `name` is what errors call them.
  FoldData(std::string name, std::vector<Array> arrays, std::span<const detail::FieldCodec> codecs);

  /// Image files in folders of classes: at most one field reads them, whatever its suffix, and class fields are their
  /// folders' numbers. Throws Error.
  FoldData(ClassFolders folders, std::span<const detail::FieldCodec> codecs);

  std::size_t size() const { return source_ == Source::shards ? index_.size() : size_; }
  /// Of samples in shards; else empty.
  const TarIndex& index() const { return index_; }
  /// What the fold leaves out, a sentence for each cause with the number and the first: samples that lack a member,
  /// shards that are not listed. Empty when that is nothing.
  const std::vector<std::string>& remarks() const { return remarks_; }
  /// Adds a sentence about what was read.
  void add_remark(std::string text) { remarks_.push_back(std::move(text)); }
  /// dtype, shape and strides of one sample's field.
  const Layout& layout(std::size_t field) const { return layouts_[field]; }
  /// The classes that the dataset declares for the first class field: in config.json, or as class folders.
  const DeclaredClasses& declared() const { return declared_; }
  /// The number of classes of a field: `known` (a run's), else what the dataset declares, else one more than the
  /// largest class number. Throws Error, naming the sample, for a negative number, one that is not below a known or
  /// declared count, and, where neither is given, one that is out of proportion: at least 65536, and at least ten
  /// times the number of samples.
  std::int64_t classes(std::size_t field, std::int64_t known = 0) const;

  /// The class numbers of a field, of all samples.
  std::vector<std::int64_t> class_numbers(std::size_t field) const;
  /// The first field that is a class number. Throws Error when there is none.
  std::size_t class_field() const;
  /// The order of an epoch: a pure function of its arguments and the fold.
  Order order(const OrderOptions& options, std::uint64_t seed, std::uint64_t epoch) const;

  /// What its samples are, as far as a run depends on it and the index tells.
  SplitFingerprint fingerprint(std::string split) const;

  /// Where each field of a batch of so many samples lies in its memory, 64-byte aligned; last comes the size of it all.
  std::vector<std::size_t> place(std::size_t batch_size) const;
  /// Memory for batches placed so.
  Pool pool(const std::vector<std::size_t>& offsets, std::size_t batch_size, Allocate allocate) const;
  /// Samples are augmented from now on, and have the size that comes out.
  void augment(SampleTransform transform);
  /// Decodes all fields of a sample into row `row` of a batch placed so. An Error says which shard and member.
  void decode(std::size_t sample, std::byte* memory, const std::vector<std::size_t>& offsets, std::size_t row,
              Scratch& scratch, const Moment& moment = {}) const;
  /// Makes zeros, and empty lists, of row `row`.
  void blank(std::byte* memory, const std::vector<std::size_t>& offsets, std::size_t row) const;
  /// The sample's key: in shards its name there, in folders the file's without suffix, of arrays its number.
  std::string key(std::size_t sample) const {
    std::string out;
    read_key(sample, out);
    return out;
  }
  /// Gets what a sample needs on its way to the cache.
  void prefetch(std::size_t sample) const {
    if (source_ == Source::shards) index_.prefetch(sample);
  }
  void prefetch_data(std::size_t sample) const {
    if (source_ == Source::shards) index_.prefetch_mapped(sample);
  }
  /// Samples that a thread should take at once: many where they are copied, few where they are decoded.
  std::size_t run() const { return heavy_ ? 8 : 128; }
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
  /// Looks at a sample for shapes. Throws Error.
  void inspect(std::size_t sample);
  /// Looks at the first sample, or the first that can be decoded. Throws Error, that of the first sample.
  void inspect_first();
  /// Calls look(sample) of the first sample, and unless on_error is `stop` of more until it does not throw Error.
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
  /// Reads images, masks and boxes into the scratch's views, and augments them; boxes only where there is a row for
  /// them.
  void make_views(std::size_t sample, const Row* row, Scratch& scratch, const Moment& moment) const;
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

/// The fold of samples of type `S`.
template <class S>
class Fold : public FoldData {
  static_assert(((void)detail::is_sample<S>, true));  // says itself what is wrong

 public:
  static constexpr std::size_t fields = boost::pfr::tuple_size_v<S>;
  template <std::size_t I>
  using Field = boost::pfr::tuple_element_t<I, S>;

  Fold(const std::filesystem::path& dataset, std::string_view fold, OnError on_error = OnError::stop)
      : FoldData(dataset, fold, detail::codecs_of<S>, on_error) {}
  explicit Fold(ClassFolders folders) : FoldData(std::move(folders), detail::codecs_of<S>) {}
  Fold(std::string name, std::vector<Array> arrays)
      : FoldData(std::move(name), std::move(arrays), detail::codecs_of<S>) {}

  template <class F>
  static void for_each_field(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (f.template operator()<I>(), ...); }
    (std::make_index_sequence<fields>{});
  }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/fold_classes.ipp>
#include <quix/data/fold_fingerprint.ipp>
#include <quix/data/shards.ipp>
#endif
