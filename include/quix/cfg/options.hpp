#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/cfg/suggest.hpp>

// Checks of a struct of options in the compiler: its fields' types and its notes.

namespace quix {

namespace detail {

/// Whether a field's type can be an option or a group of options.
template <class F>
inline constexpr bool is_option =
    !std::is_pointer_v<F> && (IsChoice<F> || is_optional_group<F> || Group<F> || HasLeaf<F>);

/// The sentence about the first field that cannot be an option.
template <class T>
constexpr Verdict option_verdict() {
  Verdict verdict;
  const auto check = [&]<class F>(std::string_view name, F*) {
    if constexpr (!is_option<F>) {
      if (!verdict.ok) return;
      verdict.say_member(type_name<T>(), name);
      if constexpr (std::is_pointer_v<F>) {
        verdict.say(
            " is a pointer, which cannot be an option; use std::string for text, std::optional<T> for a value that may "
            "be absent");
      } else {
        verdict.say(": ");
        verdict.say(type_name<F>());
        verdict.say(
            " cannot be an option. Options are bool, integers, floats, enums, std::string, paths, durations, "
            "quix::ByteSize, optional, vector, array, map<std::string, T>, pair, tuple, variant, quix::Choice, and "
            "plain "
            "structs of those (no constructors, no private members); another type needs a quix::Leaf");
      }
    }
  };
  each_member<T>(check);
  return verdict;
}

/// The sentence about the first note on something else than a field of T.
template <class T>
constexpr Verdict note_verdict() {
  Verdict verdict;
  for (const Note& note : T::notes) {
    bool known = false;
    for (const auto name : names<T>) known = known || name == note.field;
    if (known || !verdict.ok) continue;
    verdict.say("quix: ");
    verdict.say(type_name<T>());
    verdict.say(" has a note on ");
    verdict.say(note.field);
    verdict.say(", which is not one of its fields");
    if (const auto near = nearest(note.field, names<T>); !near.empty())
      verdict.say("; did you mean "), verdict.say(near);
  }
  return verdict;
}

template <class T>
consteval bool check_options() {
  constexpr bool options = []<std::size_t... I>(std::index_sequence<I...>) {
    return (is_option<boost::pfr::tuple_element_t<I, T>> && ...);
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
  if constexpr (!options) {
    constexpr auto verdict = option_verdict<T>();
    (void)sizeof(Report<verdict>);
    return false;
  } else if constexpr (requires { T::notes.size(); }) {
    constexpr auto verdict = note_verdict<T>();
    if constexpr (!verdict.ok) (void)sizeof(Report<verdict>);
    return verdict.ok;
  }
  return true;
}

/// Whether a struct of options is one in all respects; says once what is wrong.
template <class T>
consteval bool check_struct() {
  if constexpr (check_group<T>()) return check_options<T>();
  return false;
}

}  // namespace detail
}  // namespace quix
