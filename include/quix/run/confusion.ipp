#pragma once

#include <quix/run/confusion.hpp>

namespace quix {

QUIX_INLINE std::optional<ConfusionMatrix> find_confusion(const ScoreArrays& arrays) {
  for (const auto& [name, array] : arrays)
    if (name == "confusion" && array.shape.size() == 2 && array.shape[0] == array.shape[1])
      return ConfusionMatrix{.classes = array.shape[0], .counts = array.numbers};
  return std::nullopt;
}

}  // namespace quix
