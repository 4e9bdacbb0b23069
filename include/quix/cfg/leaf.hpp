#pragma once

#include <array>
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

/// Stops with "expected WHAT, not GOT".
[[noreturn]] void expected(std::string_view what, const Node& got);

bool read_bool(const Node& node);
std::int64_t read_integer(const Node& node, std::int64_t min, std::int64_t max);
std::uint64_t read_unsigned(const Node& node, std::uint64_t max);
double read_number(const Node& node, bool single);
std::string read_text(const Node& node);
std::string write_number(double value, bool single);
/// The items of a list; on the command line `a,b,c` is one too.
std::vector<Node> read_items(const Node& node, std::string_view type);
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
};

/// `float` and `double`; `inf` and `nan` are accepted as words. Written with the fewest digits that read back equal.
template <class T>
requires std::is_floating_point_v<T>
struct Leaf<T> {
  static std::string name() { return "float"; }
  static T read(const Node& node) { return static_cast<T>(detail::read_number(node, sizeof(T) == 4)); }
  static Node write(T value) { return Node::plain(detail::write_number(value, sizeof(T) == 4)); }
};

template <>
struct Leaf<std::string> {
  static std::string name() { return "text"; }
  static std::string read(const Node& node) { return detail::read_text(node); }
  static Node write(const std::string& value) { return Node::quoted(value); }
};

template <>
struct Leaf<std::filesystem::path> {
  static std::string name() { return "path"; }
  static std::filesystem::path read(const Node& node) { return detail::read_text(node); }
  static Node write(const std::filesystem::path& value) { return Node::quoted(value.string()); }
};

/// Enumerations by the names of their values (0…31).
template <class E>
requires std::is_enum_v<E>
struct Leaf<E> {
  static constexpr const auto& list = detail::Enumerators<E>::list;

  static std::string name() {
    std::string out;
    for (std::size_t i = 0; i < list.size; ++i) out += (i ? "|" : "") + std::string(list.names[i]);
    return out;
  }
  static E read(const Node& node) { return list.values[detail::read_choice(node, list.names.data(), list.size)]; }
  static Node write(E value) {
    for (std::size_t i = 0; i < list.size; ++i)
      if (list.values[i] == value) return Node::quoted(std::string(list.names[i]));
    return Node::plain(std::to_string(static_cast<std::int64_t>(value)));
  }
};

/// A value or nothing; nothing is written `null` in files and `none` on the command line.
template <class T>
struct Leaf<std::optional<T>> {
  static std::string name() { return Leaf<T>::name() + " or none"; }
  static std::optional<T> read(const Node& node) {
    if (node.kind == Node::Kind::null ||
        (node.kind == Node::Kind::plain && (node.text == "none" || node.text == "null")))
      return std::nullopt;
    return Leaf<T>::read(node);
  }
  static Node write(const std::optional<T>& value) { return value ? Leaf<T>::write(*value) : Node{}; }
};

template <class T>
struct Leaf<std::vector<T>> {
  static std::string name() { return "list of " + Leaf<T>::name(); }
  static std::vector<T> read(const Node& node) {
    std::vector<T> out;
    for (const auto& item : detail::read_items(node, name())) out.push_back(Leaf<T>::read(item));
    return out;
  }
  static Node write(const std::vector<T>& value) {
    Node node{.kind = Node::Kind::list};
    for (const T& item : value) node.items.push_back(Leaf<T>::write(item));
    return node;
  }
};

template <class T, std::size_t N>
struct Leaf<std::array<T, N>> {
  static std::string name() { return std::to_string(N) + " × " + Leaf<T>::name(); }
  static std::array<T, N> read(const Node& node) {
    const auto items = detail::read_items(node, name());
    if (items.size() != N)
      throw Error("", "expected " + std::to_string(N) + " values, got " + std::to_string(items.size()));
    std::array<T, N> out{};
    for (std::size_t i = 0; i < N; ++i) out[i] = Leaf<T>::read(items[i]);
    return out;
  }
  static Node write(const std::array<T, N>& value) {
    Node node{.kind = Node::Kind::list};
    for (const T& item : value) node.items.push_back(Leaf<T>::write(item));
    return node;
  }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/leaf.ipp>
#endif
