#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <quix/cfg/containers.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/reflect.hpp>

namespace quix {

/// What can be done with a value of a type: one constant for each type, whatever the number of fields.
struct ValueType {
  enum class Kind : std::uint8_t { value, boolean, list, map, text, choice, presence };

  std::string (*name)();
  Node (*write)(const void*);
  void (*read)(const Node&, void*, const Note*);  ///< checks limits too; throws Error without a place, changing nothing
  void (*copy)(const void* from, void* to);
  bool (*in_limits)(const void*, const Limits&);
  Node (*schema)();
  Kind kind = Kind::value;
  bool grows = false;                         ///< takes `+=`
  const std::string_view* choices = nullptr;  ///< of an enum
  std::size_t choice_count = 0;
};

namespace detail {

/// A scalar or list in one line, as the command line takes it.
std::string one_line(const Node& node);
/// "0 or more", "between 0 and 1", "greater than 0": empty without limits.
std::string limits_text(const Limits& limits);
[[noreturn]] void outside_limits(const Node& node, const Limits& limits);
/// Stops where the note lists the values there are, and this is none of them.
void check_choices(const Node& node, const Limits& limits);

template <class T>
constexpr ValueType::Kind kind_of() {
  using Kind = ValueType::Kind;
  return std::is_same_v<T, bool> ? Kind::boolean
         : is_map<T>             ? Kind::map
         : is_list<T>            ? Kind::list
         : is_text<T>            ? Kind::text
                                 : Kind::value;
}

template <class T>
void read_value(const Node& node, void* value, const Note* note) {
  T next = Value<T>::read(node);
  if (note) {
    if (!in_limits(next, note->limits)) outside_limits(Value<T>::write(next), note->limits);
    if (!note->limits.choices[0].empty()) check_choices(Value<T>::write(next), note->limits);
  }
  *static_cast<T*>(value) = std::move(next);
}

template <class T>
inline constexpr ValueType value_type = [] {
  ValueType type{.name = [] { return Value<T>::name(); },
                 .write = [](const void* value) { return Value<T>::write(*static_cast<const T*>(value)); },
                 .read = read_value<T>,
                 .copy = [](const void* from, void* to) { *static_cast<T*>(to) = *static_cast<const T*>(from); },
                 .in_limits = [](const void* value,
                                 const Limits& limits) { return in_limits(*static_cast<const T*>(value), limits); },
                 .schema = [] { return schema_of<T>(); },
                 .kind = kind_of<T>(),
                 .grows = grows<T>};
  if constexpr (std::is_enum_v<T>)
    type.choices = Enumerators<T>::list.names.data(), type.choice_count = Enumerators<T>::list.size;
  return type;
}();

/// Whether the default value of T can be computed by the compiler.
template <class T>
concept ConstantDefault = requires {
  typename std::bool_constant<(static_cast<void>(T{}), true)>;
};

/// The sentence about the first number of T whose default lies outside its limits.
template <class T>
constexpr Verdict default_verdict() {
  Verdict verdict;
  T value{};
  boost::pfr::for_each_field(value, [&]<class F>(const F& field, std::size_t i) {
    if constexpr (std::is_arithmetic_v<F> && !std::is_same_v<F, bool>) {
      const Note* note = note_of<T>(names<T>[i]);
      if (!verdict.ok) return;
      const auto x = static_cast<double>(field);
      if (!breaks(x, note->limits)) return;
      verdict.say("quix: the default of ");
      verdict.say(type_name<T>());
      verdict.say("::");
      verdict.say(names<T>[i]);
      verdict.say(" breaks its own limits: ");
      say_limits(verdict, note->limits);
      verdict.say(". Change the default or the note.");
    }
  });
  return verdict;
}

template <class T>
consteval bool check_default() {
  if constexpr (ConstantDefault<T> && requires { T::notes.size(); }) {
    constexpr auto verdict = default_verdict<T>();
    (void)sizeof(Report<verdict>);
    return verdict.ok;
  }
  return true;
}

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/value.ipp>
#endif
