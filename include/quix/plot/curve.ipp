#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>

#include <quix/cfg/terminal.hpp>
#include <quix/plot/curve.hpp>
#include <quix/plot/svg.hpp>

namespace quix {
namespace detail {

inline bool same_line(const RateCurve::Group& a, const RateCurve::Group& b) {
  return a.factor == b.factor && a.start == b.start && a.rates == b.rates;
}

/// The upper end of the learning rate's axis, which starts at 0.
inline double highest_rate(const RateCurve& curve) {
  return std::max(*std::max_element(curve.rates.begin(), curve.rates.end()), 1e-30);
}

/// A braille character, two dots wide and four high; bit 2·row + column of `dots` is a dot.
inline std::string braille(unsigned dots) {
  // Unicode orders dots by column, with the fourth row last.
  constexpr unsigned bits[8] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
  if (dots == 0) return " ";
  unsigned code = 0;
  for (unsigned i = 0; i < 8; ++i)
    if (dots >> i & 1) code |= bits[i];
  return {'\xe2', static_cast<char>(0xa0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
}

inline std::string plot_line(const RateCurve& curve, std::size_t width, std::size_t height) {
  const auto top = highest_rate(curve);
  constexpr std::size_t margin = 11;
  const std::size_t columns = std::max<std::size_t>(width, margin + 10) - margin;
  std::vector<unsigned> cells(columns * height);
  const auto total = curve.rates.size();
  const auto row_of = [&](double rate) {
    return static_cast<std::size_t>(
        std::lround((1 - std::clamp(rate / top, 0.0, 1.0)) * static_cast<double>(4 * height - 1)));
  };
  for (std::size_t x = 0; x < 2 * columns; ++x) {
    // All steps of this column of dots, so that a peak of one step is visible.
    const auto first = x * total / (2 * columns), last = std::max((x + 1) * total / (2 * columns), first + 1);
    const auto [low, high] =
        std::minmax_element(curve.rates.begin() + static_cast<std::ptrdiff_t>(first),
                            curve.rates.begin() + static_cast<std::ptrdiff_t>(std::min(last, total)));
    for (auto y = row_of(*high); y <= row_of(*low); ++y) cells[y / 4 * columns + x / 2] |= 1u << (2 * (y % 4) + x % 2);
  }
  std::string out;
  for (std::size_t y = 0; y < height; ++y) {
    const auto label = y == 0                  ? short_number(top)
                       : y + 1 == height       ? "0"
                       : y == (height - 1) / 2 ? short_number(top / 2)
                                               : std::string();
    out += std::string(label.size() < margin - 2 ? margin - 2 - label.size() : 0, ' ') + label + " ┤";
    for (std::size_t x = 0; x < columns; ++x) out += braille(cells[y * columns + x]);
    out += "\n";
  }
  const auto steps = grouped(curve.steps) + " steps, " +
                     short_number(static_cast<double>(curve.steps) / static_cast<double>(curve.per_epoch)) + " epochs";
  out += std::string(margin - 1, ' ') + "0" + std::string(columns > steps.size() ? columns - steps.size() : 1, ' ') +
         steps + "\n";
  return out;
}

}  // namespace detail

QUIX_INLINE RateCurve make_curve(std::uint64_t total, std::uint64_t per_epoch,
                                 const std::function<double(std::uint64_t)>& rate) {
  constexpr std::uint64_t most = 1'000'000;
  RateCurve out{.per_epoch = per_epoch, .steps = total, .stride = total / most + 1};
  for (std::uint64_t step = 0; step < total; step += out.stride) out.rates.push_back(rate(step));
  return out;
}

QUIX_INLINE std::string plot_text(const RateCurve& curve, std::size_t width, std::size_t height) {
  if (curve.rates.empty()) return {};
  auto out = detail::plot_line(curve, width, height);
  const bool differ = std::any_of(curve.groups.begin(), curve.groups.end(),
                                  [&](const auto& group) { return !detail::same_line(group, curve.groups[0]); });
  for (const auto& group : curve.groups)
    if (differ && group.rates.empty())
      out += "  " + group.name + ": × " + detail::short_number(group.factor) +
             (group.start > 0 ? " from step " + detail::short_number(std::ceil(group.start)) : "") + "\n";
  for (std::size_t i = 0; i < curve.groups.size(); ++i) {
    const auto& group = curve.groups[i];
    const auto same = [&](const auto& other) { return detail::same_line(group, other); };
    if (group.rates.empty() ||
        std::any_of(curve.groups.begin(), curve.groups.begin() + static_cast<std::ptrdiff_t>(i), same))
      continue;
    RateCurve own{.per_epoch = curve.per_epoch, .steps = curve.steps, .stride = curve.stride};
    for (std::size_t k = 0; k < curve.rates.size(); ++k) own.rates.push_back(curve.of(group, k));
    for (const auto& other : curve.groups)
      if (same(other)) out += "  " + other.name + "\n";
    out += detail::plot_line(own, width, height);
  }
  return out;
}

QUIX_INLINE std::string plot_svg(const RateCurve& curve) {
  constexpr double width = 720, height = 320, left = 70, right = 20, top = 20, bottom = 45;
  const auto highest = detail::highest_rate(curve);
  const auto total = curve.rates.size();
  // Groups with equal rates share a line, labeled with all their names.
  std::vector<RateCurve::Group> lines;
  for (const auto& group : curve.groups) {
    auto same =
        std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return detail::same_line(line, group); });
    if (same == lines.end())
      lines.push_back(group);
    else
      same->name += "; " + group.name;
  }
  if (lines.empty()) lines.push_back({.name = "rate"});
  double high = 1e-30;
  for (const auto& line : lines)
    high = std::max(
        high, line.rates.empty() ? highest * line.factor : *std::max_element(line.rates.begin(), line.rates.end()));
  const auto x_of = [&](double at) {
    return left + (width - left - right) * at / std::max(static_cast<double>(total) - 1, 1.0);
  };
  const auto y_of = [&](double rate) { return height - bottom - (height - top - bottom) * rate / high; };
  Svg svg("Learning rate", width, height);
  for (int i = 0; i <= 4; ++i) {
    const double rate = high * i / 4, at = static_cast<double>(total) * i / 4;
    const double epoch = static_cast<double>(curve.steps) * i / 4 / static_cast<double>(curve.per_epoch);
    svg.line(left, {y_of(rate), 1}, width - right, {y_of(rate), 1}, {{"stroke", "#ddd"}});
    svg.text(left - 6, {y_of(rate) + 4, 1}, detail::short_number(rate), {{"text-anchor", "end"}});
    svg.text({x_of(std::min(at, static_cast<double>(total) - 1)), 1}, height - bottom + 18, detail::short_number(epoch),
             {{"text-anchor", "middle"}});
  }
  svg.text((left + width - right) / 2, height - 8, "epochs of " + std::to_string(curve.per_epoch) + " steps",
           {{"text-anchor", "middle"}});
  constexpr const char* colors[] = {"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"};
  for (std::size_t f = 0; f < lines.size(); ++f) {
    const auto* color = colors[f % std::size(colors)];
    std::vector<Svg::Point> points;
    // Only the extremes of each pixel: 100,000 steps make a file as small as 1,000.
    const std::size_t pixels = 1200, chunk = std::max<std::size_t>(total / pixels, 1);
    for (std::size_t i = 0; i < total; i += chunk) {
      auto low = i, peak = i;
      for (auto k = i; k < std::min(i + chunk, total); ++k) {
        if (curve.of(lines[f], k) < curve.of(lines[f], low)) low = k;
        if (curve.of(lines[f], k) > curve.of(lines[f], peak)) peak = k;
      }
      for (const auto at : {std::min(low, peak), std::max(low, peak)}) {
        points.push_back({x_of(static_cast<double>(at)), y_of(curve.of(lines[f], at))});
        if (low == peak) break;
      }
    }
    svg.polyline(points, {{"fill", "none"}, {"stroke", color}, {"stroke-width", "1.5"}});
    if (lines.size() > 1)
      svg.text(width - right - 4, top + 14 * static_cast<double>(f + 1), lines[f].name,
               {{"text-anchor", "end"}, {"fill", color}});
  }
  return svg.document();
}

}  // namespace quix
