#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/detail/separate.hpp>

namespace quix {
namespace detail {

/// Stops with "expected WHAT, got …" at the value's place.
[[noreturn]] void expected(std::string_view what, const Node& got);
/// Stops with a sentence at the value's place.
[[noreturn]] void wrong(const Node& at, std::string what);
/// Within a handler: throws the error on, with a step of the path ("[2]", ".lr") before its own.
[[noreturn]] void rethrow_below(const Error& error, const std::string& step, const Node& at);

bool read_bool(const Node& node);
std::int64_t read_integer(const Node& node, std::int64_t min, std::int64_t max);
/// Whether a whole number above 2^63 - 1 is written.
bool beyond_int64(std::string_view digits);
std::uint64_t read_unsigned(const Node& node, std::uint64_t max);
double read_number(const Node& node, bool single);
/// "90s", "1h30m", "250ms" in seconds.
double read_duration(const Node& node);
/// The same in units of `unit` seconds; whole ones on request.
double read_count(const Node& node, double unit, bool whole);
std::string write_duration(double seconds);
/// "512MiB", "10kB", "4096B".
std::uint64_t read_bytes(const Node& node);
std::string write_bytes(std::uint64_t bytes);
std::string read_text(const Node& node);
std::string write_number(double value, bool single);
/// The items of a list; on the command line `a,b,c` is one too.
std::vector<Node> read_items(const Node& node, const std::string& type);
/// The members of a map; on the command line `a=1,b=2` is one too.
std::vector<Node::Member> read_members(const Node& node, const std::string& type);
void check_count(const Node& node, std::size_t items, std::size_t wanted);
Node type_schema(std::string type);
Node number_schema(const char* type, double min, double max);
Node float_schema();
Node text_schema(std::string pattern);
Node choice_schema(const std::string_view* names, std::size_t count);
Node list_schema(Node items, std::size_t count);
Node map_schema(Node values);
Node any_schema(std::vector<Node> all);
// Put together here and not in templates: under -O3 g++ 12 warns of a copy of more bytes than there can be where a
// literal is added to a temporary string in a program's own source.
std::string joined(std::string_view a, std::string_view b, std::string_view c = {});
/// "[3]": the item of a list in the path of an error.
std::string index_step(std::size_t index);
/// "fast|slow".
std::string choice_text(const std::string_view* names, std::size_t count);
/// The position of a name (`-` and `_` alike), or an error that lists them.
std::size_t read_choice(const Node& node, const std::string_view* names, std::size_t count);

/// The name of an enumerator, empty where the value has none.
template <class E, E Value>
consteval std::string_view enumerator() {
  std::string_view text =
      __PRETTY_FUNCTION__;  // "… [with E = Mode; E Value = Mode::fast; …]", "(Mode)7" without a name
  text = text.substr(text.find("Value = ") + 8);
  text = text.substr(0, text.find_first_of(";]"));
  if (text.starts_with('(')) return {};
  const auto colon = text.rfind("::");
  return colon == text.npos ? text : text.substr(colon + 2);
}

/// Names of the enumerators among the values 0…31, and those values.
template <class E>
struct Enumerators {
  struct List {
    std::array<std::string_view, 32> names{};
    std::array<E, 32> values{};
    std::size_t size = 0;
  };
  static constexpr List list = []<std::size_t... I>(std::index_sequence<I...>) {
    List out;
    ((enumerator<E, static_cast<E>(I)>().empty() ? void()
                                                 : (out.names[out.size] = enumerator<E, static_cast<E>(I)>(),
                                                    void(out.values[out.size++] = static_cast<E>(I)))),
     ...);
    return out;
  }
  (std::make_index_sequence<32>{});
};

}  // namespace detail

template <>
struct Leaf<bool> {
  static std::string name() { return "true|false"; }
  static bool read(const Node& node) { return detail::read_bool(node); }
  static Node write(bool value) { return Node::plain(value ? "true" : "false"); }
  static Node schema() { return detail::type_schema("boolean"); }
};

/// Integers, checked against the range of their type.
template <class T>
requires std::is_integral_v<T>
struct Leaf<T> {
  static std::string name() { return "int"; }
  static T read(const Node& node) {
    if constexpr (std::is_signed_v<T>)
      return static_cast<T>(detail::read_integer(node, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    else
      return static_cast<T>(detail::read_unsigned(node, std::numeric_limits<T>::max()));
  }
  static Node write(T value) { return Node::plain(std::to_string(value)); }
  static Node schema() {
    return detail::number_schema("integer", static_cast<double>(std::numeric_limits<T>::min()),
                                 static_cast<double>(std::numeric_limits<T>::max()));
  }
};

/// `float` and `double`; `inf` and `nan` are accepted as words. Written with the fewest digits that read back equal.
template <class T>
requires std::is_floating_point_v<T>
struct Leaf<T> {
  static std::string name() { return "float"; }
  static T read(const Node& node) { return static_cast<T>(detail::read_number(node, sizeof(T) == 4)); }
  static Node write(T value) { return Node::plain(detail::write_number(value, sizeof(T) == 4)); }
  static Node schema() { return detail::float_schema(); }
};

template <>
struct Leaf<std::string> {
  static std::string name() { return "text"; }
  static std::string read(const Node& node) { return detail::read_text(node); }
  static Node write(const std::string& value) { return Node::quoted(value); }
  static Node schema() { return detail::type_schema("string"); }
};

template <>
struct Leaf<std::filesystem::path> {
  static std::string name() { return "path"; }
  static std::filesystem::path read(const Node& node) { return detail::read_text(node); }
  static Node write(const std::filesystem::path& value) { return Node::quoted(value.string()); }
  static Node schema() { return detail::type_schema("string"); }
};

/// Enumerations by the names of their values (0…31).
template <class E>
requires std::is_enum_v<E>
struct Leaf<E> {
  static constexpr const auto& list = detail::Enumerators<E>::list;

  static std::string name() { return detail::choice_text(list.names.data(), list.size); }
  static E read(const Node& node) { return list.values[detail::read_choice(node, list.names.data(), list.size)]; }
  static Node write(E value) {
    for (std::size_t i = 0; i < list.size; ++i)
      if (list.values[i] == value) return Node::quoted(std::string(list.names[i]));
    return Node::plain(std::to_string(static_cast<std::int64_t>(value)));
  }
  static Node schema() { return detail::choice_schema(list.names.data(), list.size); }
};

/// Durations with their unit: `90s`, `1h30m`, `250ms`. Limits count in seconds. A count in integers takes no fraction.
template <class Rep, class Period>
struct Leaf<std::chrono::duration<Rep, Period>> {
  using T = std::chrono::duration<Rep, Period>;
  using Seconds = std::chrono::duration<double>;

  static std::string name() { return "duration"; }
  static T read(const Node& node) {
    constexpr double unit = static_cast<double>(Period::num) / static_cast<double>(Period::den);
    return T(static_cast<Rep>(detail::read_count(node, unit, std::is_integral_v<Rep>)));
  }
  static Node write(T value) { return Node::quoted(detail::write_duration(number(value))); }
  static double number(T value) { return Seconds(value).count(); }
  static Node schema() { return detail::text_schema("^-?([0-9]+(\\.[0-9]+)?(d|h|m|s|ms|us|ns))+$"); }
};

/// A number of bytes with its unit: `512MiB`, `10kB`, `4096B`.
struct ByteSize {
  std::uint64_t bytes = 0;
  constexpr operator std::uint64_t() const { return bytes; }
};
template <>
struct Leaf<ByteSize> {
  static std::string name() { return "size"; }
  static ByteSize read(const Node& node) { return {detail::read_bytes(node)}; }
  static Node write(ByteSize size) { return Node::quoted(detail::write_bytes(size.bytes)); }
  static double number(ByteSize size) { return static_cast<double>(size.bytes); }
  static Node schema() { return detail::text_schema("^[0-9]+(\\.[0-9]+)?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)$"); }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/leaf.ipp>
#endif
