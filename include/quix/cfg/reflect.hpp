#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include <boost/pfr/core.hpp>
#include <boost/pfr/core_name.hpp>

#include <quix/cfg/note.hpp>

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

/// The names of a struct's fields, in order.
template <class T>
inline constexpr auto names = boost::pfr::names_as_array<T>();
template <class T>
requires(boost::pfr::tuple_size_v<T> == 0) inline constexpr std::array<std::string_view, 0> names<T>{};

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

/// The note of a field, or null.
template <class T>
constexpr const Note* note_of(std::string_view field) {
  if constexpr (requires { T::notes.size(); }) {
    for (const Note& note : T::notes)
      if (note.field == field) return &note;
  }
  return nullptr;
}

}  // namespace detail

/// A group of options: an aggregate whose fields are options or groups.
template <class T>
concept Group = detail::GroupShape<T>;

}  // namespace quix
