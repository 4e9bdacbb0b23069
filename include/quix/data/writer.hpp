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
#include <quix/detail/separate.hpp>

namespace quix {

struct WriterOptions {
  std::uint64_t max_samples = 100'000;      ///< of a shard
  std::uint64_t max_bytes = 3'000'000'000;  ///< of a shard, members' data only
  std::int64_t time = 0;                    ///< of every member, seconds since 1970; 0 makes equal input equal bytes
};

/// Writes a dataset of tar shards: `train_0000.tar`, `val_0000.tar`, …, and a `config.json` as Python quix has it.
/// A shard is written aside and renamed when it is whole; config.json comes last.
///
///     quix::Writer writer("data/fashion-mnist");
///     writer.write("train", "000000", {{"png", png}, {"cls", "9"}});
///     writer.finish();
class Writer {
 public:
  using Member = std::pair<std::string, std::span<const std::byte>>;

  /// Creates the folder. Throws Error when it holds a dataset already.
  explicit Writer(std::filesystem::path folder, WriterOptions options = {});
  ~Writer();
  Writer(Writer&&) noexcept;

  /// Adds one sample to a fold. The key has no dot after its last slash; suffixes come without a leading dot.
  void write(const std::string& fold, const std::string& key, const std::vector<Member>& members);
  /// A fact for config.json's "metadata".
  void describe(const std::string& name, Node value);
  /// Completes the open shards and writes config.json. Without it nothing but whole, renamed shards remains.
  void finish();

 private:
  struct FoldState;
  std::filesystem::path folder_;
  WriterOptions options_;
  std::map<std::string, std::unique_ptr<FoldState>> folds_;
  std::vector<std::string> fold_order_;
  std::vector<std::string> suffixes_;
  std::vector<Node::Member> metadata_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/writer.ipp>
#endif
