#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace quix {

/// Which checkpoints of a run to keep.
struct Retention {
  std::size_t keep = 0;  ///< latest checkpoints to keep; 0 keeps all
  /// Checkpoints to keep for rollbacks, besides: that many from before training began to diverge, older than the one of
  /// the last rollback.
  std::size_t good = 0;
  std::uint64_t last_good = ~std::uint64_t{0};  ///< the step after which every step was skipped; the current step
  std::uint64_t before = ~std::uint64_t{0};

  /// The steps of the checkpoints to remove. `steps`: of all checkpoints, oldest first.
  std::vector<std::uint64_t> dropped(std::span<const std::uint64_t> steps) const {
    std::vector<std::uint64_t> out;
    if (keep == 0) return out;
    std::size_t newest = 0, spare = 0;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
      const bool stays = newest++ < keep;
      const bool useful = *step <= last_good && *step < before && spare++ < good;
      if (!stays && !useful) out.push_back(*step);
    }
    return out;
  }
};

}  // namespace quix
