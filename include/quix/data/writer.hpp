#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/data/codec.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

namespace detail {

/// The facts in a config.json besides splits, suffixes and sample counts: classes, columns, and custom facts.
std::vector<Node::Member> facts_of(const Node& config);

}  // namespace detail

struct WriterOptions {
  std::uint64_t max_samples = 100'000;      ///< of a shard
  std::uint64_t max_bytes = 3'000'000'000;  ///< of a shard, members' data only
  std::int64_t time = 0;                    ///< of every member, seconds since 1970; 0 makes equal input equal bytes
  bool append = false;                      ///< continue an existing dataset after its last complete shard
  bool index = true;                        ///< finish() also writes SPLIT.idx.json and SPLIT.index
  /// A directory of the same file system for shards until finish() moves them into the dataset: a failed attempt leaves
  /// the dataset unchanged. Empty: each shard appears in the dataset when it is complete.
  std::filesystem::path staging{};
};

namespace detail {

/// The reason why a name is not valid for a split, whose shards' names begin with it; empty if it is valid.
std::string split_name_problem(std::string_view name);

}  // namespace detail

/// Writes a dataset of tar shards: `train_0000.tar`, `val_0000.tar`, …, `config.json` and `SPLIT.idx.json` as Python
/// quix has them, and our own `SPLIT.index`. A shard is written to a temporary file and renamed when complete; then
/// config.json names it. After a crash the dataset is intact up to the open shard, and `append` continues from there.
/// The index files come with finish().
///
///     quix::Writer writer("data/fashion-mnist");
///     writer.write("train", "000000", {{"png", png}, {"cls", "9"}});
///     writer.finish();
class Writer {
 public:
  using Member = std::pair<std::string, std::span<const std::byte>>;

  /// Creates the directory. Throws Error when it contains a dataset already, unless `append`.
  explicit Writer(std::filesystem::path folder, WriterOptions options = {});
  ~Writer();
  Writer(Writer&&) noexcept;

  /// Adds one sample to a split. The key has no dot after its last slash; suffixes come without a leading dot.
  void write(const std::string& split, const std::string& key, const std::vector<Member>& members);
  /// Adds a sample of typed fields, each encoded by its codec: `writer.write("train", "000000", Fashion{…})`.
  template <class S>
  requires(std::is_aggregate_v<S>) void write(const std::string& split, const std::string& key, const S& sample) {
    std::vector<std::pair<std::string, std::vector<std::byte>>> encoded;
    boost::pfr::for_each_field(sample, [&]<class F>(const F& field) {
      if constexpr (ArrayCodec<F>)
        encoded.emplace_back(F::suffix, F::encode(field));
      else if constexpr (ListCodec<F> && !std::same_as<F, Key>)
        encoded.emplace_back(F::suffix, F::encode(field[0]));
    });
    std::vector<Member> members;
    for (const auto& [suffix, bytes] : encoded) members.emplace_back(suffix, bytes);
    write(split, key, members);
  }
  /// Number of samples of a split, including those that `append` found.
  std::uint64_t samples(const std::string& split) const;
  /// Sets a fact in config.json's "metadata".
  void describe(const std::string& name, Node value);
  /// Completes the open shards, and writes config.json and the indices.
  void finish();

 private:
  struct SplitState;
  SplitState& split(const std::string& name);
  void resume();
  void publish();
  void write_config() const;
  void write_index(const SplitState& split) const;

  std::filesystem::path folder_;
  WriterOptions options_;
  std::map<std::string, std::unique_ptr<SplitState>> splits_;
  std::vector<std::string> split_order_;
  std::vector<std::string> suffixes_;
  std::vector<Node::Member> metadata_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/writer.ipp>
#endif
