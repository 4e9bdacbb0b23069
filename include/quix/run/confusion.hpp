#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <quix/detail/separate.hpp>
#include <quix/proc/loss.hpp>

namespace quix {

/// The counts of the metric Confusion: how often each class was predicted as each class.
struct ConfusionMatrix {
  std::size_t classes = 0;
  std::vector<double> counts{};      ///< row by row: of the true class, by the guessed one
  std::vector<std::string> names{};  ///< by class number; may be empty

  double count(std::size_t truth, std::size_t guess) const { return counts[truth * classes + guess]; }
};

/// The matrix among an evaluation's values, `confusion`; none when there is none.
std::optional<ConfusionMatrix> find_confusion(const ScoreArrays& arrays);
/// As a table: a row for each true class, with its share of right guesses.
std::string confusion_text(const ConfusionMatrix& matrix);
/// As a picture: a cell is the darker the larger its share of its row.
std::string confusion_svg(const ConfusionMatrix& matrix);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/confusion.ipp>
#endif
