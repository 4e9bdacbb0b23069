#pragma once

#include <charconv>
#include <cmath>
#include <system_error>

#include <quix/cfg/leaf.hpp>

namespace quix::detail {

QUIX_INLINE void expected(std::string_view what, const Node& got) {
  std::string text;
  switch (got.kind) {
    case Node::Kind::null: text = "null"; break;
    case Node::Kind::plain: text = got.text.empty() ? "nothing" : got.text; break;
    case Node::Kind::quoted: text = '"' + got.text + '"'; break;
    case Node::Kind::list: text = "a list"; break;
    case Node::Kind::map: text = "a group"; break;
  }
  throw Error("", "expected " + std::string(what) + ", got " + text);
}

QUIX_INLINE bool read_bool(const Node& node) {
  if (node.kind == Node::Kind::plain && (node.text == "true" || node.text == "false")) return node.text == "true";
  expected("true or false", node);
}

QUIX_INLINE std::int64_t read_integer(const Node& node, std::int64_t min, std::int64_t max) {
  const auto range = "an integer between " + std::to_string(min) + " and " + std::to_string(max);
  if (node.kind != Node::Kind::plain) expected("an integer", node);
  std::int64_t value = 0;
  const char* begin = node.text.data() + (node.text.starts_with('+') ? 1 : 0);
  const char* end = node.text.data() + node.text.size();
  const auto [stop, failed] = std::from_chars(begin, end, value);
  if (failed == std::errc::result_out_of_range && stop == end) expected(range, node);
  if (failed != std::errc{} || stop != end) expected("an integer", node);
  if (value < min || value > max) expected(range, node);
  return value;
}

QUIX_INLINE std::uint64_t read_unsigned(const Node& node, std::uint64_t max) {
  if (node.kind != Node::Kind::plain) expected("an integer", node);
  std::uint64_t value = 0;
  const char* begin = node.text.data() + (node.text.starts_with('+') ? 1 : 0);
  const char* end = node.text.data() + node.text.size();
  const auto [stop, failed] = std::from_chars(begin, end, value);
  const bool negative = node.text.starts_with('-') &&
                        node.text.find_first_not_of("0123456789", 1) == std::string::npos && node.text.size() > 1;
  if (negative || (stop == end && (failed == std::errc::result_out_of_range || (failed == std::errc{} && value > max))))
    expected("an integer between 0 and " + std::to_string(max), node);
  if (failed != std::errc{} || stop != end) expected("an integer", node);
  return value;
}

QUIX_INLINE double read_number(const Node& node, bool single) {
  if (!node.is_scalar()) expected("a number", node);
  std::string_view text = node.text;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const double sign = negative ? -1 : 1;
  if (text == "inf" || text == ".inf" || text == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (text == "nan" || text == ".nan") return std::numeric_limits<double>::quiet_NaN();
  if (node.kind == Node::Kind::quoted || text.empty() || text[0] == '-' || text[0] == 'i' || text[0] == 'n')
    expected("a number", node);
  const auto parse = [&](auto& value) {
    const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (stop != text.data() + text.size() || failed == std::errc::invalid_argument) expected("a number", node);
    // Too small rounds to zero, as everywhere; too large has no value.
    if (failed == std::errc::result_out_of_range) {
      const auto exponent = text.find_first_of("eE");
      if (exponent == text.npos || text[exponent + 1] != '-')
        expected(single ? "a number that a float can hold" : "a number that a double can hold", node);
      value = 0;
    }
  };
  if (single) {
    float value = 0;
    parse(value);
    return sign * static_cast<double>(value);
  }
  double value = 0;
  parse(value);
  return sign * value;
}

QUIX_INLINE std::string read_text(const Node& node) {
  if (node.kind == Node::Kind::quoted || (node.kind == Node::Kind::plain && node.loose)) return node.text;
  expected("text in quotes", node);
}

QUIX_INLINE std::string write_number(double value, bool single) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  const auto end = single ? std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(value)).ptr
                          : std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  // 1e-04 is 1e-4, 1e+06 is 1e6.
  if (const auto e = text.find('e'); e != std::string::npos) {
    auto digits = e + 2;
    while (digits + 1 < text.size() && text[digits] == '0') text.erase(digits, 1);
    if (text[e + 1] == '+') text.erase(e + 1, 1);
  }
  return text;
}

QUIX_INLINE std::vector<Node> read_items(const Node& node, std::string_view type) {
  if (node.kind == Node::Kind::list) return node.items;
  if (node.kind != Node::Kind::plain || !node.loose || node.line != 0)
    expected(type, node);  // lines: a file, where a list is a list
  std::vector<Node> items;
  for (std::size_t begin = 0; begin <= node.text.size() && !node.text.empty();) {
    const auto end = std::min(node.text.find(',', begin), node.text.size());
    auto item = Node::plain(node.text.substr(begin, end - begin));
    item.loose = true;
    items.push_back(std::move(item));
    begin = end + 1;
  }
  return items;
}

QUIX_INLINE std::size_t read_choice(const Node& node, const std::string_view* names, std::size_t count) {
  std::string all;
  std::vector<std::string_view> list(names, names + count);
  if (node.kind == Node::Kind::quoted || (node.kind == Node::Kind::plain && node.loose))
    for (std::size_t i = 0; i < count; ++i)
      if (edit_distance(names[i], node.text) == 0) return i;
  for (auto name : list) all += (all.empty() ? "" : ", ") + std::string(name);
  auto what = "one of " + all;
  if (const auto near = nearest(node.text, list); !near.empty())
    throw Error("", "no such choice: " + node.text + "; did you mean " + std::string(near) + "? It is " + what);
  expected(what, node);
}

}  // namespace quix::detail
