#pragma once

#include <algorithm>
#include <cmath>

#include <quix/cfg/terminal.hpp>
#include <quix/plot/confusion.hpp>
#include <quix/plot/svg.hpp>

namespace quix {
namespace detail {

inline double row_sum(const ConfusionMatrix& matrix, std::size_t truth) {
  double sum = 0;
  for (std::size_t guess = 0; guess < matrix.classes; ++guess) sum += matrix.count(truth, guess);
  return sum;
}

/// The name of a class; empty if it has none.
inline std::string name_of(const ConfusionMatrix& matrix, std::size_t truth) {
  return truth < matrix.names.size() ? matrix.names[truth] : std::string();
}

inline std::size_t longest_name(const ConfusionMatrix& matrix) {
  std::size_t longest = 0;
  for (const auto& name : matrix.names) longest = std::max(longest, text_width(name));
  return longest;
}

}  // namespace detail

QUIX_INLINE std::string confusion_text(const ConfusionMatrix& matrix) {
  std::size_t width = std::to_string(matrix.classes - 1).size();
  for (const auto count : matrix.counts) width = std::max(width, fixed_text(count, 0).size());
  std::size_t label = 7;  // "      5", and the name
  if (!matrix.names.empty()) label += 1 + detail::longest_name(matrix);
  std::string out = "confusion (rows: true class, columns: predicted class)\n" + std::string(label, ' ');
  for (std::size_t guess = 0; guess < matrix.classes; ++guess) out += right_aligned(std::to_string(guess), width + 2);
  out += " correct\n";
  for (std::size_t truth = 0; truth < matrix.classes; ++truth) {
    const auto name = detail::name_of(matrix, truth);
    out += left_aligned(right_aligned(std::to_string(truth), 7) + (name.empty() ? "" : " " + name), label);
    for (std::size_t guess = 0; guess < matrix.classes; ++guess)
      out += right_aligned(fixed_text(matrix.count(truth, guess), 0), width + 2);
    const double sum = detail::row_sum(matrix, truth);
    out += sum > 0 ? right_aligned(fixed_text(100 * matrix.count(truth, truth) / sum, 1), 6) + " %\n" : "      –\n";
  }
  return out;
}

QUIX_INLINE std::string confusion_svg(const ConfusionMatrix& matrix) {
  const double cell = matrix.classes <= 20 ? 44 : std::max(880.0 / static_cast<double>(matrix.classes), 2.0);
  constexpr double top = 50, right = 20, bottom = 20;
  const double left = 70 + 7.5 * static_cast<double>(detail::longest_name(matrix));
  const double side = cell * static_cast<double>(matrix.classes), center = top + side / 2;
  Svg svg("Confusion matrix", left + side + right, top + side + bottom, {{"text-anchor", "middle"}});
  svg.text(left + side / 2, 18, "predicted class");
  svg.text(18, center, "true class", {{"transform", "rotate(-90 18 " + Svg::Number(center).text + ")"}});
  // Label as many classes as there is room for.
  const auto every = static_cast<std::size_t>(std::ceil(20 / cell));
  for (std::size_t truth = 0; truth < matrix.classes; ++truth) {
    const double y = top + cell * static_cast<double>(truth), middle = y + cell / 2 + 4;
    const double sum = std::max(detail::row_sum(matrix, truth), 1e-30);
    if (truth % every == 0) {
      const auto name = detail::name_of(matrix, truth), number = std::to_string(truth);
      svg.text(left - 6, {middle, 2}, name + (name.empty() ? "" : " ") + number, {{"text-anchor", "end"}});
      svg.text({left + cell * (static_cast<double>(truth) + 0.5), 2}, top - 8, number);
    }
    for (std::size_t guess = 0; guess < matrix.classes; ++guess) {
      const double count = matrix.count(truth, guess), share = count / sum;
      const double x = left + cell * static_cast<double>(guess);
      if (count == 0) continue;
      // White to dark blue.
      const auto color = "rgb(" + fixed_text(255 - 247 * share, 0) + "," + fixed_text(255 - 207 * share, 0) + "," +
                         fixed_text(255 - 148 * share, 0) + ")";
      svg.rect({x, 2}, {y, 2}, {cell, 2}, {cell, 2}, {{"fill", color}});
      if (matrix.classes <= 20)
        svg.text({x + cell / 2, 2}, {middle, 2}, fixed_text(count, 0), {{"fill", share > 0.5 ? "white" : "black"}});
    }
  }
  svg.rect(left, top, side, side, {{"fill", "none"}, {"stroke", "#888"}});
  return svg.document();
}

}  // namespace quix
