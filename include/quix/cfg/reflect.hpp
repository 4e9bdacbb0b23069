#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>
#include <boost/pfr/core_name.hpp>

#include <quix/cfg/note.hpp>
#include <quix/cfg/text.hpp>

namespace quix {

/// How a type that is one value (not a group of fields) is read and printed. Specialise it for a type of your own:
///
///     template <> struct quix::Leaf<Colour> {
///       static std::string name() { return "colour"; }                    // as errors and --help call it
///       static Colour read(const quix::Node& node);                       // throws quix::Error("", "expected …")
///       static quix::Node write(const Colour& colour);
///     };
template <class T>
struct Leaf;

namespace detail {

template <class T>
concept HasLeaf = requires {
  sizeof(Leaf<T>);
};

/// Whether `Leaf<T>` is to be used without asking whether it is complete (which would fix the answer too early).
template <class T>
concept GroupShape = std::is_class_v<T> && std::is_aggregate_v<T> && !HasLeaf<T>;

/// Converts to any base class of T: only an aggregate with bases can be made of one.
template <class T>
struct AnyBase {
  template <class U>
  requires(std::is_base_of_v<U, T> && !std::is_same_v<U, T>) operator U() const;
};
template <class T>
concept HasBase = requires {
  T{AnyBase<T>{}};
};

/// Converts to the type of any field.
struct AnyField {
  std::size_t index;
  template <class U>
  operator U&() const {  // never called: clang wants a body where U has no linkage
    std::abort();
  }
};
template <class T, std::size_t... I>
constexpr bool made_of_fields(std::index_sequence<I...>) {
  return requires { T{AnyField{I}...}; };
}
template <class T, std::size_t... I, std::size_t... J>
constexpr bool braces_at(std::index_sequence<I...>, std::index_sequence<J...>) {
  return requires { T{AnyField{I}..., {}, AnyField{J}...}; };
}
/// Whether a field is a C array. PFR counts an array's elements one by one; a pair of braces stands for all of them, so
/// that then there are too many initialisers.
template <class T, std::size_t N>
constexpr bool has_array() {
  return []<std::size_t... I>(std::index_sequence<I...> all) {
    return made_of_fields<T>(all) &&
           !(braces_at<T>(std::make_index_sequence<I>{}, std::make_index_sequence<N - 1 - I>{}) && ...);
  }
  (std::make_index_sequence<N>{});
}

/// Whether T has something called `check`, whatever its signature.
struct NamedCheck {
  int check;
};
template <class T, class Named>
struct WithName : T, Named {};
template <class T>
concept NamesCheck = !requires {
  &WithName<T, NamedCheck>::check;
};
template <class T>
concept Checks = requires(const T& group) {
  { group.check() } -> std::same_as<std::optional<Conflict>>;
};

/// Says, once and in words, what a struct of options cannot be or hold. Asked before PFR sees the struct.
template <class T>
consteval bool check_group() {
  constexpr bool plain = std::is_aggregate_v<T>;
  static_assert(
      plain,
      "quix: a group of options is a plain struct: no constructors, no private members, no virtual functions. "
      "Give its fields default values instead, and put functions outside or make them const members.");
  if constexpr (plain) {
    constexpr bool bases = HasBase<T>;
    static_assert(!bases, "quix: a group of options has no base classes. Make the base a field.");
    constexpr bool assignable = std::is_move_assignable_v<T>;
    static_assert(
        assignable,
        "quix: a field of this group is a reference, const, or cannot be assigned, so no source could set it. "
        "Options are held by value.");
    if constexpr (!bases && assignable) {
      constexpr auto count = boost::pfr::tuple_size_v<T>;
      static_assert(count <= 200, "quix: a struct of options has at most 200 fields. Split it into nested groups.");
      if constexpr (count <= 200) {
        constexpr bool arrays = has_array<T, count>();
        static_assert(
            !arrays,
            "quix: a field of this group is a C array. Write std::array<T, N>, std::vector<T> or std::string.");
        constexpr bool is_option = requires { requires std::is_member_object_pointer_v<decltype(&T::check)>; };
        constexpr bool checks = !NamesCheck<T> || is_option || Checks<T>;
        static_assert(
            checks,
            "quix: this group's check() is never called as it is. Write  std::optional<quix::Conflict> check() "
            "const,  and return  quix::conflict<&Group::field>(\"sentence\")  or nothing.");
        return !arrays && checks;
      }
    }
  }
  return false;
}

/// The names of a struct's fields, in order.
template <class T>
inline constexpr auto names = boost::pfr::names_as_array<T>();
template <class T>
requires(boost::pfr::tuple_size_v<T> == 0) inline constexpr std::array<std::string_view, 0> names<T>{};

/// Calls `visit(name, static_cast<F*>(nullptr))` for each field, in order; F is its type.
template <class T, class Visit>
constexpr void each_member(Visit&& visit) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(names<T>[I], static_cast<boost::pfr::tuple_element_t<I, T>*>(nullptr)), ...);
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
}

/// The unqualified name of a type: "FashionMlp", "Choice<A, B>".
template <class T>
consteval std::string_view type_name() {
  std::string_view text = __PRETTY_FUNCTION__;  // "… type_name() [with T = ns::Name; std::string_view = …]"
  text.remove_prefix(text.find("T = ") + 4);
  const auto end = text.find("; ");
  text = text.substr(0, end != text.npos ? end : text.rfind(']'));
  std::size_t begin = 0, depth = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    depth += text[i] == '<';
    depth -= text[i] == '>';
    if (depth == 0 && text[i] == ':' && text[i + 1] == ':') begin = i + 2;
  }
  return text.substr(begin);
}

/// "fashion_mlp" from "FashionMlp"; what is no letter or digit becomes one `_`. Calls `put` with each character.
template <class Put>
constexpr void snake_case(std::string_view text, Put&& put) {
  const auto upper = [&](std::size_t i) { return i < text.size() && text[i] >= 'A' && text[i] <= 'Z'; };
  const auto lower = [&](std::size_t i) { return i < text.size() && text[i] >= 'a' && text[i] <= 'z'; };
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  bool gap = false, any = false;  // a `_` is written when something follows it
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!upper(i) && !lower(i) && !digit(i)) {
      gap = true;
      continue;
    }
    if (any && (gap || (upper(i) && (lower(i - 1) || lower(i + 1))))) put('_');
    put(upper(i) ? static_cast<char>(text[i] - 'A' + 'a') : text[i]);
    gap = false, any = true;
  }
}

template <class T>
consteval auto snake_type_name() {
  Literal<type_name<T>().size() * 2 + 1> out;
  std::size_t n = 0;
  snake_case(type_name<T>(), [&](char c) { out.chars[n++] = c; });
  return std::pair(out, n);
}
template <class T>
inline constexpr auto snake_type = snake_type_name<T>();

/// How a configuration names a type of a Choice: its `static constexpr name`, or the type's own in snake case.
template <class T>
constexpr std::string_view branch_name() {
  if constexpr (requires { std::string_view(*&T::name); })  // a static member, no field
    return T::name;
  else
    return {snake_type<T>.first.chars, snake_type<T>.second};
}

/// The note of a field, or null.
template <class T>
constexpr const Note* note_of(std::string_view field) {
  if constexpr (requires { T::notes.size(); }) {
    for (const Note& note : T::notes)
      if (note.field == field) return &note;
  }
  return &no_note;
}

}  // namespace detail

/// A group of options: an aggregate whose fields are options or groups.
template <class T>
concept Group = detail::GroupShape<T>;

}  // namespace quix
