#pragma once

#include <cmath>

#include <quix/cfg/value.hpp>

namespace quix::detail {

QUIX_INLINE std::string one_line(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Node::Kind::null: return "none";
    case Node::Kind::plain:
    case Node::Kind::quoted: return node.text;
    case Node::Kind::file: return "@" + node.text;
    case Node::Kind::list:
      for (const auto& item : node.items) {
        const auto text = one_line(item);
        out += (out.empty() ? "" : ",") + (item.kind == Node::Kind::list ? "[" + text + "]" : text);
      }
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

QUIX_INLINE void outside_limits(const Node& node, const Limits& limits) {
  // Of a list, the item that is outside: the first whose number breaks a bound.
  const bool both = std::isfinite(limits.min) && std::isfinite(limits.max);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const auto& item = node.items[i];
    if (item.kind != Node::Kind::plain || item.text == "true" || item.text == "false") continue;
    if (!in_limits(read_number(item, false), limits))
      expected((both ? "numbers " : "numbers that are ") + limits_text(limits), item);
  }
  const bool number = node.kind == Node::Kind::plain;
  const std::string unit = number || node.kind != Node::Kind::quoted ? ""
                           : node.text.ends_with('B')                ? " (bytes)"
                                                                     : " (seconds)";
  expected(std::string(number ? "a number " : "a value ") + (both ? "" : "that is ") + limits_text(limits) + unit,
           node);
}

QUIX_INLINE void check_choices(const Node& node, const Limits& limits) {
  if (node.kind == Node::Kind::null) return;
  if (node.kind == Node::Kind::list) {
    for (const auto& item : node.items) check_choices(item, limits);
    return;
  }
  std::string all;
  std::vector<std::string_view> names;
  for (const auto choice : limits.choices) {
    if (choice.empty()) break;
    if (choice == node.text) return;
    names.push_back(choice);
    all += (all.empty() ? "" : ", ") + std::string(choice);
  }
  const auto near = nearest(node.text, names);
  expected("one of " + all, node.kind == Node::Kind::quoted && !near.empty()
                                ? Node::quoted(node.text + "\"; did you mean \"" + std::string(near))
                                : node);
}

}  // namespace quix::detail
