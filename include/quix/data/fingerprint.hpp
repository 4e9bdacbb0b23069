#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <quix/cfg/node.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Identifies the samples of a split, independent of directories, shards and their names. Each number is a hash in
/// sample order; 0 if not applicable.
struct SplitFingerprint {
  std::string split{};
  std::uint64_t samples = 0;
  /// Of the keys: all keys if they are in memory, else at most 4,096, evenly spaced: a key in a shard costs a separate
  /// read.
  std::uint64_t keys = 0;
  std::uint64_t sizes = 0;   ///< of the encoded members
  std::uint64_t labels = 0;  ///< of the class indices
  std::uint64_t values = 0;  ///< of arrays in memory
  bool operator==(const SplitFingerprint&) const = default;
};

/// The fingerprints of the splits that a run uses.
using DataFingerprint = std::vector<SplitFingerprint>;

/// "train: 400 samples, 410 before; val: other labels"; empty if nothing changed.
std::string describe_change(const DataFingerprint& before, const DataFingerprint& now);

/// Converts to an entry of a JSON file, and back. Throws Error for another entry; `file` is its name in errors.
Node to_node(const DataFingerprint& data);
DataFingerprint read_fingerprint(const Node& node, const std::string& file);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/fingerprint.ipp>
#endif
