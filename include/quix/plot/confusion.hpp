#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <quix/detail/separate.hpp>

namespace quix {

/// The counts of the metric Confusion: how often each class was predicted as each class.
struct ConfusionMatrix {
  std::size_t classes = 0;
  std::vector<double> counts{};      ///< row-major; rows: true class, columns: predicted class
  std::vector<std::string> names{};  ///< by class index; may be empty

  double count(std::size_t truth, std::size_t guess) const { return counts[truth * classes + guess]; }
};

/// Formats the matrix as a table with the percentage of correct predictions per true class.
std::string confusion_text(const ConfusionMatrix& matrix);
/// Draws the matrix as SVG; the larger its fraction of the row, the darker a cell.
std::string confusion_svg(const ConfusionMatrix& matrix);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/plot/confusion.ipp>
#endif
