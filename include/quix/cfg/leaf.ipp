#pragma once

#include <charconv>
#include <cmath>
#include <span>
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
    case Node::Kind::file: text = "the file " + got.text; break;
  }
  wrong(got, "expected " + std::string(what) + ", got " + text);
}

QUIX_INLINE void wrong(const Node& at, std::string what) {
  throw Error({Problem{"", std::move(what), {}, at.line, at.column}});
}

QUIX_INLINE void rethrow_below(const Error& error, const std::string& step, const Node& at) {
  auto problems = error.problems();
  for (auto& problem : problems) {
    const bool key = !problem.where.empty() && problem.where[0] != '[' && problem.where[0] != '.';
    problem.where = step + (key ? "." : "") + problem.where;
    if (problem.line == 0) problem.line = at.line, problem.column = at.column;
  }
  throw Error(std::move(problems));
}

QUIX_INLINE bool read_bool(const Node& node) {
  if (node.kind == Node::Kind::plain && (is_true(node.text) || is_false(node.text))) return is_true(node.text);
  expected("true or false", node);
}

QUIX_INLINE std::string joined(std::string_view a, std::string_view b, std::string_view c) {
  return std::string(a).append(b).append(c);
}

QUIX_INLINE std::string index_step(std::size_t index) { return joined("[", std::to_string(index), "]"); }

QUIX_INLINE std::string choice_text(const std::string_view* names, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.append(i ? "|" : "").append(names[i]);
  return out;
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

QUIX_INLINE bool beyond_int64(std::string_view digits) {
  return digits.find_first_not_of("0123456789") == digits.npos &&
         (digits.size() > 19 || (digits.size() == 19 && digits > "9223372036854775807"));
}

QUIX_INLINE std::uint64_t read_unsigned(const Node& node, std::uint64_t max) {
  // TOML has no integers above 2^63 - 1: those alone may stand in quotes.
  if (node.kind != Node::Kind::plain && !(node.kind == Node::Kind::quoted && beyond_int64(node.text)))
    expected("an integer", node);
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

/// Whether a number that was read has no digit but 0 before its exponent.
inline bool is_zero(std::string_view text) {
  return text.substr(0, text.find_first_of("eE")).find_first_of("123456789") == text.npos;
}

QUIX_INLINE double read_number(const Node& node, bool single) {
  if (!node.is_scalar()) expected("a number", node);
  std::string_view text = node.text;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const double sign = negative ? -1 : 1;
  if (is_infinity(text)) return sign * std::numeric_limits<double>::infinity();
  if (is_nan(text)) return std::numeric_limits<double>::quiet_NaN();
  if (node.kind == Node::Kind::quoted || text.empty() || text[0] == '-' || text[0] == 'i' || text[0] == 'n')
    expected("a number", node);
  const auto parse = [&](auto& value) {
    const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (stop != text.data() + text.size() || failed == std::errc::invalid_argument) expected("a number", node);
    // Too small for anything but zero is a mistake, as too large is: a rate of 1e-400 would train nothing.
    if (failed == std::errc::result_out_of_range || (value == 0 && !is_zero(text)))
      expected(single ? "a number that a float can hold" : "a number that a double can hold", node);
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
  const auto print = [&](auto x) {
    // From 2^53 on with an exponent: no reader takes it for an integer, which may be too large for it.
    return std::abs(value) < 9007199254740992.0
               ? std::to_chars(buffer, buffer + sizeof buffer, x).ptr
               : std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::scientific).ptr;
  };
  const auto end = single ? print(static_cast<float>(value)) : print(value);
  std::string text(buffer, end);
  // 1e-04 is 1e-4, 1e+06 is 1e6.
  if (const auto e = text.find('e'); e != std::string::npos) {
    auto digits = e + 2;
    while (digits + 1 < text.size() && text[digits] == '0') text.erase(digits, 1);
    if (text[e + 1] == '+') text.erase(e + 1, 1);
  }
  return text;
}

namespace units {
struct Unit {
  std::string_view name;
  double size;
};
inline constexpr Unit time[] = {{"d", 86400}, {"h", 3600},  {"m", 60},   {"s", 1},
                                {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}};
inline constexpr Unit bytes[] = {{"B", 1},           {"kB", 1e3},           {"MB", 1e6},
                                 {"GB", 1e9},        {"TB", 1e12},          {"KiB", 1024.0},
                                 {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0}};

/// Splits "1h30m" into numbers with units; false where it is something else.
inline bool read(std::string_view text, std::span<const Unit> units, auto&& take) {
  if (text.empty()) return false;
  while (!text.empty()) {
    double value = 0;
    const auto [stop, failed] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (failed != std::errc{} || text[0] == '-') return false;
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    std::size_t n = 0;
    while (n < text.size() && letter(text[n])) ++n;
    const Unit* found = nullptr;
    for (const auto& unit : units)
      if (unit.name == text.substr(0, n)) found = &unit;
    if (!found || !take(value, *found)) return false;
    text.remove_prefix(n);
  }
  return true;
}
}  // namespace units

QUIX_INLINE double read_duration(const Node& node) {
  constexpr auto what = "a duration with its unit, like 90s, 1h30m or 250ms";
  if (!node.is_scalar()) expected(what, node);
  std::string_view text = node.text;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  double seconds = 0, last = std::numeric_limits<double>::infinity();
  const bool read = units::read(text, units::time, [&](double value, const units::Unit& unit) {
    if (unit.size >= last) return false;  // from large to small, each unit once
    last = unit.size;
    // Dividing by an exact number rounds once: 0.1s is the double 0.1.
    seconds += unit.size < 1 ? value / std::round(1 / unit.size) : value * unit.size;
    return true;
  });
  if (!read) expected(what, node);
  return negative ? -seconds : seconds;
}

QUIX_INLINE double read_count(const Node& node, double unit, bool whole) {
  const double seconds = read_duration(node);
  const double count = unit < 1 ? seconds * std::round(1 / unit) : seconds / unit;
  if (!whole) return count;
  const double rounded = std::round(count);
  if (std::abs(count - rounded) > 1e-6 * std::max(1.0, std::abs(rounded)) || std::abs(rounded) > 9e15)
    wrong(node, node.text + " is no whole number of " + write_duration(unit));
  return rounded;
}

QUIX_INLINE std::string write_duration(double seconds) {
  if (seconds < 0) return "-" + write_duration(-seconds);
  const double whole = std::floor(seconds);
  if (whole != seconds || whole > 9e15) {
    const auto fixed = [](double x) {
      char buffer[400];
      return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, x, std::chars_format::fixed).ptr);
    };
    if (seconds < 1)  // the unit in which it is a whole number
      for (const auto& [unit, scale] : {std::pair{"ms", 1e3}, std::pair{"us", 1e6}, std::pair{"ns", 1e9}})
        if (const double n = std::round(seconds * scale); n > 0 && n < 1e6 && n / scale == seconds)
          return fixed(n) + unit;
    return fixed(seconds) + "s";
  }
  auto rest = static_cast<std::uint64_t>(whole);
  std::string out;
  for (const auto& [unit, size] :
       {std::pair{"d", 86400u}, std::pair{"h", 3600u}, std::pair{"m", 60u}, std::pair{"s", 1u}}) {
    if (rest >= size) out += std::to_string(rest / size) + unit;
    rest %= size;
  }
  return out.empty() ? "0s" : out;
}

QUIX_INLINE std::uint64_t read_bytes(const Node& node) {
  constexpr auto what = "a size with its unit, like 512MiB, 10kB or 4096B";
  if (!node.is_scalar()) expected(what, node);
  double bytes = 0;
  std::uint64_t exact = 0;
  bool integer = false;
  int parts = 0;
  const bool read = units::read(node.text, units::bytes, [&](double value, const units::Unit& unit) {
    bytes = value * unit.size;
    // Whole numbers stay exact beyond 2^53.
    std::uint64_t whole = 0;
    const auto digits = std::from_chars(node.text.data(), node.text.data() + node.text.size(), whole);
    const auto size = static_cast<std::uint64_t>(unit.size);
    integer =
        digits.ec == std::errc{} && *digits.ptr != '.' && whole <= std::numeric_limits<std::uint64_t>::max() / size;
    exact = whole * size;
    return ++parts == 1;
  });
  if (!read) expected(what, node);
  if (integer) return exact;
  if (bytes >= 18446744073709551616.0) expected("a size below 16 EiB", node);
  if (bytes != std::floor(bytes)) expected("a whole number of bytes", node);
  return static_cast<std::uint64_t>(bytes);
}

QUIX_INLINE std::string write_bytes(std::uint64_t bytes) {
  for (const auto& [unit, size] :
       {std::pair{"TiB", 1ull << 40}, std::pair{"GiB", 1ull << 30}, std::pair{"MiB", 1ull << 20},
        std::pair{"KiB", 1ull << 10}, std::pair{"TB", 1000000000000ull}, std::pair{"GB", 1000000000ull},
        std::pair{"MB", 1000000ull}, std::pair{"kB", 1000ull}})
    if (bytes >= size && bytes % size == 0) return std::to_string(bytes / size) + unit;
  return std::to_string(bytes) + "B";
}

QUIX_INLINE std::vector<Node> read_items(const Node& node, const std::string& type) {
  if (node.kind == Node::Kind::list) return node.items;
  if (node.kind != Node::Kind::plain || !node.typed()) expected(type, node);  // lines: a file, where a list is a list
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

QUIX_INLINE std::vector<Node::Member> read_members(const Node& node, const std::string& type) {
  if (node.kind == Node::Kind::map) return node.members;
  if (node.kind == Node::Kind::list && node.items.empty() && node.typed()) return {};
  if (node.kind != Node::Kind::plain || !node.typed()) expected(type, node);
  std::vector<Node::Member> members;
  for (auto& item : read_items(node, type)) {
    const auto equals = item.text.find('=');
    if (equals == std::string::npos) expected(type + ", like a=1,b=2", node);
    auto value = Node::plain(item.text.substr(equals + 1));
    value.loose = true;
    members.push_back({.key = item.text.substr(0, equals), .value = std::move(value)});
  }
  return members;
}

QUIX_INLINE void check_count(const Node& node, std::size_t items, std::size_t wanted) {
  if (items != wanted) wrong(node, "expected " + std::to_string(wanted) + " values, got " + std::to_string(items));
}

QUIX_INLINE Node type_schema(std::string type) {
  Node node{.kind = Node::Kind::map};
  node.put("type", Node::quoted(std::move(type)));
  return node;
}
QUIX_INLINE Node number_schema(const char* type, double min, double max) {
  auto node = type_schema(type);
  if (std::abs(min) < 9e15) node.put("minimum", Node::plain(write_number(min, false)));
  if (std::abs(max) < 9e15) node.put("maximum", Node::plain(write_number(max, false)));
  return node;
}
QUIX_INLINE Node float_schema() {
  const std::string_view words[] = {"inf", "-inf", "nan"};
  return any_schema({type_schema("number"), choice_schema(words, 3)});
}
QUIX_INLINE Node text_schema(std::string pattern) {
  auto node = type_schema("string");
  node.put("pattern", Node::quoted(std::move(pattern)));
  return node;
}
QUIX_INLINE Node choice_schema(const std::string_view* names, std::size_t count) {
  Node all{.kind = Node::Kind::list};
  for (std::size_t i = 0; i < count; ++i) all.items.push_back(Node::quoted(std::string(names[i])));
  Node node;
  node.put("enum", std::move(all));
  return node;
}
QUIX_INLINE Node list_schema(Node items, std::size_t count) {
  auto node = type_schema("array");
  node.put("items", std::move(items));
  if (count == 0) return node;
  node.put("minItems", Node::plain(std::to_string(count)));
  node.put("maxItems", Node::plain(std::to_string(count)));
  return node;
}
QUIX_INLINE Node map_schema(Node values) {
  auto node = type_schema("object");
  node.put("additionalProperties", std::move(values));
  return node;
}
QUIX_INLINE Node any_schema(std::vector<Node> all) {
  Node node;
  node.put("anyOf", Node{.kind = Node::Kind::list, .items = std::move(all)});
  return node;
}

QUIX_INLINE std::size_t read_choice(const Node& node, const std::string_view* names, std::size_t count) {
  std::string all;
  std::vector<std::string_view> list(names, names + count);
  if (node.kind == Node::Kind::quoted || (node.kind == Node::Kind::plain && node.loose))
    for (std::size_t i = 0; i < count; ++i)
      if (same_name(names[i], node.text)) return i;
  for (auto name : list) all += (all.empty() ? "" : ", ") + std::string(name);
  auto what = "one of " + all;
  if (const auto near = nearest(node.text, list); !near.empty())
    wrong(node, "no such choice: " + node.text + "; did you mean " + std::string(near) + "? It is " + what);
  expected(what, node);
}

}  // namespace quix::detail
