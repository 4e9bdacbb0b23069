#pragma once

#include <charconv>
#include <cmath>
#include <utility>

#include <quix/proc/progress.hpp>

namespace quix::detail {

inline constexpr std::pair<std::string_view, TrainTime::Unit> extent_units[] = {
    {"", TrainTime::Unit::epochs},     {"epochs", TrainTime::Unit::epochs}, {"epoch", TrainTime::Unit::epochs},
    {"steps", TrainTime::Unit::steps}, {"step", TrainTime::Unit::steps},    {"samples", TrainTime::Unit::samples},
    {"%", TrainTime::Unit::percent}};

QUIX_INLINE TrainTime read_extent(const Node& node) {
  constexpr auto what = "a training time, like 5 (epochs), 500steps, 1e6samples or 10%";
  if (!node.is_scalar()) expected(what, node);
  TrainTime out;
  const auto* end = node.text.data() + node.text.size();
  const auto [rest, code] = std::from_chars(node.text.data(), end, out.amount);
  if (code != std::errc{} || !(out.amount >= 0) || !std::isfinite(out.amount)) expected(what, node);
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, value] : extent_units)
    if (unit == name) {
      out.unit = value;
      return out;
    }
  expected(what, node);
}

QUIX_INLINE std::string write_extent(const TrainTime& extent) {
  constexpr const char* names[] = {"epochs", "steps", "samples", "%"};
  return write_number(extent.amount, false) + names[static_cast<std::size_t>(extent.unit)];
}

}  // namespace quix::detail
