#pragma once

#include <cmath>
#include <cstdlib>

#include <quix/cfg/table.hpp>

namespace quix {
namespace detail {

QUIX_INLINE std::string one_line(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Node::Kind::null: return "none";
    case Node::Kind::plain:
    case Node::Kind::quoted: return node.text;
    case Node::Kind::list:
      for (const auto& item : node.items) out += (out.empty() ? "" : ",") + one_line(item);
      return out;
    case Node::Kind::map:
      for (const auto& member : node.members)
        out += (out.empty() ? "{" : ", ") + member.key + ": " + one_line(member.value);
      return out.empty() ? "{}" : out + "}";
  }
  return out;
}

QUIX_INLINE std::string limits_text(const Limits& limits) {
  const auto text = [](double x) { return write_number(x, false); };
  const bool low = std::isfinite(limits.min), high = std::isfinite(limits.max);
  const bool above = std::isfinite(limits.above), below = std::isfinite(limits.below);
  if (low && high) return "between " + text(limits.min) + " and " + text(limits.max);
  std::string out = low     ? text(limits.min) + " or more"
                    : above ? "greater than " + text(limits.above)
                    : high  ? text(limits.max) + " or less"
                    : below ? "less than " + text(limits.below)
                            : "";
  if (low && below) out += ", less than " + text(limits.below);
  if (above && high) out += ", at most " + text(limits.max);
  if (above && below && !low && !high) out += " and less than " + text(limits.below);
  return out;
}

QUIX_INLINE void check_limits(const Node& node, const Limits& limits) {
  for (const auto& item : node.items) check_limits(item, limits);
  if (node.kind != Node::Kind::plain || node.text == "true" || node.text == "false") return;
  const double value = read_number(node, false);
  const bool outside = std::isnan(value) || value < limits.min || value > limits.max ||
                       (std::isfinite(limits.above) && value <= limits.above) ||
                       (std::isfinite(limits.below) && value >= limits.below);
  if (outside && !limits_text(limits).empty())
    expected("a number " + std::string(std::isfinite(limits.min) && std::isfinite(limits.max) ? "" : "that is ") +
                 limits_text(limits),
             node);
}

}  // namespace detail

QUIX_INLINE void Table::push(Row row) {
  row.initial = detail::one_line(row.write(row.value));
  rows_.push_back(std::move(row));
}

QUIX_INLINE void Table::assign(Row& row, const Node& node, const std::string& place) {
  try {
    auto before = detail::one_line(row.write(row.value));
    // Read into the field, look at what it holds now, and put the old value back if that is out of bounds.
    const auto old = row.write(row.value);
    row.read(node, row.value);
    try {
      if (row.note) detail::check_limits(row.write(row.value), row.note->limits);
    } catch (const Error&) {
      auto copy = old;
      copy.loose = true;
      row.read(copy, row.value);
      throw;
    }
    row.origin = {place, std::move(before)};
  } catch (const Error& error) {
    // On the command line the place is the flag, which names the option already.
    const auto what = error.problems().front().what;
    throw Error(place, place.starts_with("-") ? what : row.path + ": " + what);
  }
}

QUIX_INLINE Row* Table::find(std::string_view path) {
  for (auto& row : rows_)
    if (row.path == path) return &row;
  return nullptr;
}

QUIX_INLINE bool Table::is_group(std::string_view path) const {
  for (const auto& row : rows_)
    if (row.path.size() > path.size() && row.path.starts_with(path) && row.path[path.size()] == '.') return true;
  return false;
}

QUIX_INLINE void Table::check_defaults() const {
  std::vector<Problem> problems;
  for (const auto& row : rows_) {
    if (!row.note) continue;
    try {
      detail::check_limits(row.write(row.value), row.note->limits);
    } catch (const Error& error) {
      problems.push_back(
          {"", "the default of " + row.path + " breaks its own limits: " + error.problems().front().what, {}});
    }
  }
  if (!problems.empty()) throw Error(problems);
}

}  // namespace quix
