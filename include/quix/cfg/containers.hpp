#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/leaf.hpp>

namespace quix {
namespace detail {

/// One value of any kind an option or a container's element can have: what its Leaf says, or a group written as a map.
template <class T>
struct Value : Leaf<T> {};
/// Groups and choices inside containers are written as maps (`table.hpp`).
template <class T>
T read_group_value(const Node& node);
template <class T>
Node write_group_value(const T& value);
template <class T>
Node group_value_schema();
template <class T>
requires(GroupShape<T> || IsChoice<T>) struct Value<T> {
  static std::string name() { return IsChoice<T> ? "choice" : "group"; }
  static T read(const Node& node) { return read_group_value<T>(node); }
  static Node write(const T& value) { return write_group_value(value); }
  static Node schema() { return group_value_schema<T>(); }
};

/// A Leaf of the user's may leave out its schema.
template <class T>
Node schema_of() {
  if constexpr (requires { Value<T>::schema(); })
    return Value<T>::schema();
  else
    return {.kind = Node::Kind::map};
}

template <class T>
T read_below(const Node& node, const std::string& step) {
  try {
    return Value<T>::read(node);
  } catch (const Error& error) {
    rethrow_below(error, step, node);
  }
}

/// Calls `read(item, step)` for each item; throws what is wrong with all of them at once.
template <class Items, class F>
void read_each(const Items& items, F&& read) {
  std::vector<Problem> problems;
  for (const auto& item : items) try {
      read(item);
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  if (!problems.empty()) throw Error(std::move(problems));
}

/// Whether a number, or each number of a container, is within the limits.
template <class T>
bool in_limits(const T& value, const Limits& limits) {
  const auto check = [&](double x) { return !breaks(x, limits); };
  if constexpr (requires { Leaf<T>::number(value); })
    return check(Leaf<T>::number(value));
  else if constexpr (std::is_same_v<T, bool>)
    return true;
  else if constexpr (std::is_arithmetic_v<T>)
    return check(static_cast<double>(value));
  else if constexpr (requires { Leaf<T>::each(value, [](const auto&) { return true; }); })
    return Leaf<T>::each(value, [&](const auto& item) { return in_limits(item, limits); });
  else
    return true;
}

template <class T>
bool all_of(const T& items, auto&& f) {
  for (const auto& item : items)
    if (!f(item)) return false;
  return true;
}

}  // namespace detail

/// A value or nothing; nothing is written `null` in files and `none` on the command line and in TOML.
template <class T>
struct Leaf<std::optional<T>> {
  static std::string name() { return detail::joined(detail::Value<T>::name(), " or none"); }
  static std::optional<T> read(const Node& node) {
    if (node.kind == Node::Kind::null || (node.kind == Node::Kind::plain && detail::is_none(node.text)))
      return std::nullopt;
    return detail::Value<T>::read(node);
  }
  static Node write(const std::optional<T>& value) { return value ? detail::Value<T>::write(*value) : Node{}; }
  static Node schema() { return detail::any_schema({detail::schema_of<T>(), detail::type_schema("null")}); }
  static bool each(const std::optional<T>& value, auto&& f) { return !value || f(*value); }
};

template <class T>
struct Leaf<std::vector<T>> {
  static std::string name() { return detail::joined("list of ", detail::Value<T>::name()); }
  static std::vector<T> read(const Node& node) {
    std::vector<T> out;
    std::size_t i = 0;
    detail::read_each(detail::read_items(node, name()),
                      [&](const Node& item) { out.push_back(detail::read_below<T>(item, detail::index_step(i++))); });
    return out;
  }
  static Node write(const std::vector<T>& value) {
    Node node{.kind = Node::Kind::list};
    for (const T& item : value) node.items.push_back(detail::Value<T>::write(item));
    return node;
  }
  static Node schema() { return detail::list_schema(detail::schema_of<T>(), 0); }
  static bool each(const std::vector<T>& value, auto&& f) { return detail::all_of(value, f); }
};

template <class T, std::size_t N>
struct Leaf<std::array<T, N>> {
  static std::string name() { return detail::joined(std::to_string(N), " × ", detail::Value<T>::name()); }
  static std::array<T, N> read(const Node& node) {
    const auto items = detail::read_items(node, name());
    detail::check_count(node, items.size(), N);
    std::array<T, N> out{};
    std::size_t i = 0;
    detail::read_each(items, [&](const Node& item) {
      const auto at = i++;
      out[at] = detail::read_below<T>(item, detail::index_step(at));
    });
    return out;
  }
  static Node write(const std::array<T, N>& value) {
    Node node{.kind = Node::Kind::list};
    for (const T& item : value) node.items.push_back(detail::Value<T>::write(item));
    return node;
  }
  static Node schema() { return detail::list_schema(detail::schema_of<T>(), N); }
  static bool each(const std::array<T, N>& value, auto&& f) { return detail::all_of(value, f); }
};

/// Values by name: `{cat: 0.5, dog: 2}`, on the command line also `cat=0.5,dog=2` or `--weights.cat 0.5` for one of
/// them.
template <class T>
struct Leaf<std::map<std::string, T>> {
  using Map = std::map<std::string, T>;
  static std::string name() { return detail::Value<T>::name() + " by name"; }
  static Map read(const Node& node) {
    Map out;
    detail::read_each(detail::read_members(node, name()), [&](const Node::Member& member) {
      if (!out.emplace(member.key, detail::read_below<T>(member.value, detail::joined(".", member.key))).second)
        detail::wrong(node, "duplicate key " + member.key);
    });
    return out;
  }
  static Node write(const Map& value) {
    Node node{.kind = Node::Kind::map};
    for (const auto& [key, item] : value) node.put(key, detail::Value<T>::write(item));
    return node;
  }
  static Node schema() { return detail::map_schema(detail::schema_of<T>()); }
  static bool each(const Map& value, auto&& f) {
    return detail::all_of(value, [&](const auto& pair) { return f(pair.second); });
  }
};

/// A fixed number of values of different types, written as a list.
template <class... T>
struct Leaf<std::tuple<T...>> {
  static std::string name() {
    std::string out;
    (out.append(out.empty() ? "(" : ", ").append(detail::Value<T>::name()), ...);
    return out + ")";
  }
  static std::tuple<T...> read(const Node& node) {
    const auto items = detail::read_items(node, name());
    detail::check_count(node, items.size(), sizeof...(T));
    std::size_t i = 0;
    const auto next = [&]<class U>(std::type_identity<U>) {
      const auto at = i++;
      return detail::read_below<U>(items[at], detail::index_step(at));
    };
    return std::tuple<T...>{next(std::type_identity<T>{})...};  // braces: in order
  }
  static Node write(const std::tuple<T...>& value) {
    Node node{.kind = Node::Kind::list};
    std::apply([&](const T&... item) { (node.items.push_back(detail::Value<T>::write(item)), ...); }, value);
    return node;
  }
  static Node schema() {
    Node items{.kind = Node::Kind::list, .items = {detail::schema_of<T>()...}};
    Node node = detail::list_schema(detail::type_schema("null"), sizeof...(T));
    for (auto& member : node.members)
      if (member.key == "items") member = {.key = "prefixItems", .value = std::move(items)};
    return node;
  }
  static bool each(const std::tuple<T...>& value, auto&& f) {
    return std::apply([&](const T&... item) { return (f(item) && ...); }, value);
  }
};

template <class A, class B>
struct Leaf<std::pair<A, B>> {
  using Tuple = Leaf<std::tuple<A, B>>;
  static std::string name() { return Tuple::name(); }
  static std::pair<A, B> read(const Node& node) {
    auto [a, b] = Tuple::read(node);
    return {std::move(a), std::move(b)};
  }
  static Node write(const std::pair<A, B>& value) { return Tuple::write({value.first, value.second}); }
  static Node schema() { return Tuple::schema(); }
  static bool each(const std::pair<A, B>& value, auto&& f) { return f(value.first) && f(value.second); }
};

/// A value of one of several types: the first in the list that can read what is written. (A variant of groups is a
/// Choice.)
template <class... T>
requires(!detail::IsChoice<std::variant<T...>>) struct Leaf<std::variant<T...>> {
  static std::string name() {
    std::string out;
    (out.append(out.empty() ? "" : " or ").append(detail::Value<T>::name()), ...);
    return out;
  }
  static std::variant<T...> read(const Node& node) {
    std::optional<std::variant<T...>> out;
    const auto attempt = [&]<class U>(std::type_identity<U>) {
      try {
        if (!out) out.emplace(detail::Value<U>::read(node));
      } catch (const Error&) {  // the next type may fit
      }
    };
    (attempt(std::type_identity<T>{}), ...);
    if (!out) detail::expected(name(), node);
    return std::move(*out);
  }
  static Node write(const std::variant<T...>& value) {
    return std::visit([]<class U>(const U& item) { return detail::Value<U>::write(item); }, value);
  }
  static Node schema() { return detail::any_schema({detail::schema_of<T>()...}); }
  static bool each(const std::variant<T...>& value, auto&& f) { return std::visit(f, value); }
};

namespace detail {

template <class T>
inline constexpr bool is_list = false;
template <class T>
inline constexpr bool is_list<std::vector<T>> = true;
template <class T, std::size_t N>
inline constexpr bool is_list<std::array<T, N>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class T>
inline constexpr bool is_map<std::map<std::string, T>> = true;
/// Whether `+=` adds to it.
template <class T>
inline constexpr bool grows = is_map<T>;
template <class T>
inline constexpr bool grows<std::vector<T>> = true;
/// Whether text may begin with { or [ and mean itself.
template <class T>
inline constexpr bool is_text = std::is_same_v<T, std::string> || std::is_same_v<T, std::filesystem::path>;
template <class T>
inline constexpr bool is_text<std::optional<T>> = is_text<T>;

}  // namespace detail
}  // namespace quix
