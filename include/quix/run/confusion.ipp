#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include <quix/cfg/terminal.hpp>
#include <quix/detail/xml.hpp>
#include <quix/run/confusion.hpp>

namespace quix {
namespace detail {

inline double row_sum(const ConfusionMatrix& matrix, std::size_t truth) {
  double sum = 0;
  for (std::size_t guess = 0; guess < matrix.classes; ++guess) sum += matrix.count(truth, guess);
  return sum;
}

/// The name of a class; empty where it has none.
inline std::string name_of(const ConfusionMatrix& matrix, std::size_t truth) {
  return truth < matrix.names.size() ? matrix.names[truth] : std::string();
}

}  // namespace detail

QUIX_INLINE std::optional<ConfusionMatrix> find_confusion(const ScoreArrays& arrays) {
  for (const auto& [name, array] : arrays)
    if (name == "confusion" && array.shape.size() == 2 && array.shape[0] == array.shape[1])
      return ConfusionMatrix{.classes = array.shape[0], .counts = array.numbers};
  return std::nullopt;
}

QUIX_INLINE std::string confusion_text(const ConfusionMatrix& matrix) {
  const auto number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.0f", value);
    return std::string(text);
  };
  std::size_t width = std::to_string(matrix.classes - 1).size();
  for (const auto count : matrix.counts) width = std::max(width, number(count).size());
  std::size_t label = 7;  // "      5", and the name
  if (!matrix.names.empty()) {
    std::size_t longest = 0;
    for (const auto& name : matrix.names) longest = std::max(longest, text_width(name));
    label += 1 + longest;
  }
  std::string out = "confusion: a row for each true class, a column for each guess\n" + std::string(label, ' ');
  for (std::size_t guess = 0; guess < matrix.classes; ++guess) out += right_aligned(std::to_string(guess), width + 2);
  out += "   right\n";
  for (std::size_t truth = 0; truth < matrix.classes; ++truth) {
    const auto name = detail::name_of(matrix, truth);
    out += left_aligned(right_aligned(std::to_string(truth), 7) + (name.empty() ? "" : " " + name), label);
    for (std::size_t guess = 0; guess < matrix.classes; ++guess)
      out += right_aligned(number(matrix.count(truth, guess)), width + 2);
    const double sum = detail::row_sum(matrix, truth);
    char share[32];
    std::snprintf(share, sizeof share, "%6.1f %%", sum > 0 ? 100 * matrix.count(truth, truth) / sum : 0.0);
    out += (sum > 0 ? std::string(share) : "      –") + "\n";
  }
  return out;
}

QUIX_INLINE std::string confusion_svg(const ConfusionMatrix& matrix) {
  const double cell = matrix.classes <= 20 ? 44 : std::max(880.0 / static_cast<double>(matrix.classes), 2.0);
  std::size_t longest = 0;
  for (const auto& name : matrix.names) longest = std::max(longest, text_width(name));
  constexpr double top = 50, right = 20, bottom = 20;
  const double left = 70 + 7.5 * static_cast<double>(longest);
  const double side = cell * static_cast<double>(matrix.classes);
  std::string out;
  const auto add = [&](const char* format, auto... values) {
    char text[320];
    std::snprintf(text, sizeof text, format, values...);
    out += text;
  };
  add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" font-family=\"sans-serif\" font-size=\"12\" "
      "text-anchor=\"middle\">\n",
      left + side + right, top + side + bottom);
  out += "<title>Confusion matrix</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  add("<text x=\"%g\" y=\"18\">guess</text>\n", left + side / 2);
  add("<text x=\"18\" y=\"%g\" transform=\"rotate(-90 18 %g)\">true class</text>\n", top + side / 2, top + side / 2);
  // As many labels as have room.
  const auto every = static_cast<std::size_t>(std::ceil(20 / cell));
  for (std::size_t truth = 0; truth < matrix.classes; ++truth) {
    const double y = top + cell * static_cast<double>(truth), middle = y + cell / 2 + 4;
    const double sum = std::max(detail::row_sum(matrix, truth), 1e-30);
    if (truth % every == 0) {
      const auto name = detail::escaped(detail::name_of(matrix, truth));
      add("<text x=\"%g\" y=\"%.2f\" text-anchor=\"end\">", left - 6, middle);
      out += name + (name.empty() ? "" : " ") + std::to_string(truth) + "</text>\n";
      add("<text x=\"%.2f\" y=\"%g\">%zu</text>\n", left + cell * (static_cast<double>(truth) + 0.5), top - 8, truth);
    }
    for (std::size_t guess = 0; guess < matrix.classes; ++guess) {
      const double count = matrix.count(truth, guess), share = count / sum;
      const double x = left + cell * static_cast<double>(guess);
      if (count == 0) continue;
      // White to a dark blue.
      add("<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"rgb(%.0f,%.0f,%.0f)\"/>\n", x, y, cell,
          cell, 255 - 247 * share, 255 - 207 * share, 255 - 148 * share);
      if (matrix.classes <= 20)
        add("<text x=\"%.2f\" y=\"%.2f\" fill=\"%s\">%.0f</text>\n", x + cell / 2, middle,
            share > 0.5 ? "white" : "black", count);
    }
  }
  add("<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#888\"/>\n", left, top, side, side);
  return out + "</svg>\n";
}

}  // namespace quix
