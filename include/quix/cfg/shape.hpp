#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/cfg/suggest.hpp>

namespace quix::detail {

/// One option or group of a configuration type, as the compiler knows it: what checks of paths and files at compile
/// time walk over. A type's shapes are one flat array; children name their parent.
struct Shape {
  enum class Kind : std::uint8_t { boolean, integer, real, text, names, list, map, group, choice, any };

  Kind kind = Kind::any;
  std::string_view name{};
  int parent = -1;
  std::size_t branch = 0;  ///< of a child of a choice
  const Note* note = &no_note;
  bool nullable = false;
  std::int64_t min = 0;  ///< of an integer
  std::uint64_t max = 0;
  const std::string_view* names = nullptr;  ///< of an enum or a choice
  std::size_t count = 0;                    ///< of those; of a list of fixed length, its items
};

template <class T>
constexpr void fill_leaf(Shape& self) {
  if constexpr (std::is_same_v<T, bool>) {
    self.kind = Shape::Kind::boolean;
  } else if constexpr (std::is_integral_v<T>) {
    self.kind = Shape::Kind::integer;
    if constexpr (std::is_signed_v<T>) self.min = std::numeric_limits<T>::min();
    self.max = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  } else if constexpr (std::is_floating_point_v<T>) {
    self.kind = Shape::Kind::real;
  } else if constexpr (std::is_enum_v<T>) {
    self.kind = Shape::Kind::names;
    self.names = Enumerators<T>::list.names.data(), self.count = Enumerators<T>::list.size;
  } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, std::filesystem::path>) {
    self.kind = Shape::Kind::text;
  }
}

/// Where the shapes of a type are written to, one after the other.
struct ShapeWriter {
  Shape* begin;
  Shape* next;

  /// Adds a shape of type T; its index.
  template <class T>
  constexpr void add(std::string_view name, int parent, const Note* note, std::size_t branch = 0) {
    Shape& self = *next++;
    self.name = name, self.parent = parent, self.note = note, self.branch = branch;
    fill<T>(self);
  }
  template <class T>
  constexpr void fill(Shape& self);
  template <class T>
  constexpr void fields(int parent, std::size_t branch = 0) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (add<boost::pfr::tuple_element_t<I, T>>(detail::names<T>[I], parent, note_of<T>(detail::names<T>[I]), branch),
       ...);
    }
    (std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
  }
};

template <class T>
constexpr std::size_t shape_count();
template <class T>
constexpr std::size_t field_count() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return (std::size_t(0) + ... + shape_count<boost::pfr::tuple_element_t<I, T>>());
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
}

template <class T>
struct ItemOf {
  using type = void;
};
template <class T>
struct ItemOf<std::optional<T>> {
  using type = T;
};
template <class T>
struct ItemOf<std::vector<T>> {
  using type = T;
};
template <class T, std::size_t N>
struct ItemOf<std::array<T, N>> {
  using type = T;
};
template <class T>
struct ItemOf<std::map<std::string, T>> {
  using type = T;
};
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr std::size_t fixed_size = 0;
template <class T, std::size_t N>
inline constexpr std::size_t fixed_size<std::array<T, N>> = N;

template <class T>
constexpr std::size_t shape_count() {
  using Item = typename ItemOf<T>::type;
  if constexpr (IsChoice<T>)
    return []<class... B>(std::tuple<B...>*) {
      return (std::size_t(1) + ... + field_count<B>());
    }(static_cast<typename ChoiceOf<T>::Shadow*>(nullptr));
  else if constexpr (GroupShape<T>)
    return 1 + field_count<T>();
  else if constexpr (is_optional<T>)
    return shape_count<Item>();
  else if constexpr (!std::is_void_v<Item>)
    return 1 + shape_count<Item>();
  else
    return 1;
}

template <class T>
constexpr void ShapeWriter::fill(Shape& self) {
  using Item = typename ItemOf<T>::type;
  const int index = static_cast<int>(&self - begin);
  if constexpr (IsChoice<T>) {
    self.kind = Shape::Kind::choice;
    self.names = ChoiceOf<T>::names.data(), self.count = ChoiceOf<T>::names.size();
    [&]<class... B>(std::tuple<B...>*) {
      std::size_t branch = 0;
      (fields<B>(index, branch++), ...);
    }(static_cast<typename ChoiceOf<T>::Shadow*>(nullptr));
  } else if constexpr (GroupShape<T>) {
    self.kind = Shape::Kind::group;
    fields<T>(index);
  } else if constexpr (is_optional<T>) {
    fill<Item>(self);
    self.nullable = true;
  } else if constexpr (!std::is_void_v<Item>) {
    constexpr bool map = std::is_same_v<T, std::map<std::string, Item>>;
    self.kind = map ? Shape::Kind::map : Shape::Kind::list;
    self.count = fixed_size<T>;
    add<Item>("[]", index, self.note);
  } else {
    fill_leaf<T>(self);
  }
}

/// A part of a configuration: the fields of T stand under a path of groups ("" is the top, "data.train" lies in data).
template <Literal Path, class T>
struct Piece {
  using type = T;
  static constexpr auto path = Path;
};

template <class... P>
constexpr auto make_shapes() {
  constexpr std::size_t count = (std::size_t(0) + ... + (field_count<typename P::type>() + 2));
  std::array<Shape, count> shapes{};
  ShapeWriter writer{shapes.data(), shapes.data()};
  const auto group = [&](std::string_view path) {  // finds or adds the groups of a path
    int parent = -1;
    while (!path.empty()) {
      const auto name = path.substr(0, find_char(path, '.'));
      path.remove_prefix(std::min(path.size(), name.size() + 1));
      int found = -1;
      for (Shape* s = writer.begin; s != writer.next; ++s)
        if (s->parent == parent && s->name == name) found = static_cast<int>(s - writer.begin);
      if (found < 0) {
        found = static_cast<int>(writer.next - writer.begin);
        *writer.next++ = {.kind = Shape::Kind::group, .name = name, .parent = parent};
      }
      parent = found;
    }
    return parent;
  };
  (writer.fields<typename P::type>(group(P::path.view())), ...);
  return std::pair(shapes, static_cast<std::size_t>(writer.next - writer.begin));
}

/// The shapes of a configuration made of pieces.
template <class... P>
struct Shapes {
  static constexpr auto all = make_shapes<P...>();
  static constexpr std::span<const Shape> span() { return {all.first.data(), all.second}; }
};

/// The path of a shape: "optim.lr".
constexpr void say_path(Verdict& verdict, std::span<const Shape> shapes, int index) {
  const auto& shape = shapes[static_cast<std::size_t>(index)];
  if (shape.parent >= 0) {
    say_path(verdict, shapes, shape.parent);
    if (shape.name != "[]") verdict.say(".");
  }
  verdict.say(shape.name);
}

/// The child of that name, or -1. Of a choice, the first branch that has it.
constexpr int child(std::span<const Shape> shapes, int parent, std::string_view name) {
  for (std::size_t i = parent < 0 ? 0 : static_cast<std::size_t>(parent) + 1; i < shapes.size(); ++i)
    if (shapes[i].parent == parent && same_name(shapes[i].name, name)) return static_cast<int>(i);
  return -1;
}

/// Says that there is no such option: what was probably meant, else what there is.
constexpr void say_unknown(Verdict& verdict, std::span<const Shape> shapes, int parent, std::string_view name) {
  verdict.say("no option ");
  if (parent >= 0) say_path(verdict, shapes, parent), verdict.say(".");
  verdict.say(name);
  std::size_t distance = name.size() / 3 + 2;
  int best = -1;
  for (const bool anywhere : {false, true})
    for (std::size_t i = 0; i < shapes.size() && (best < 0 || !anywhere); ++i) {
      if (shapes[i].name == "[]" || (!anywhere && shapes[i].parent != parent)) continue;
      const auto d = edit_distance(name, shapes[i].name);
      if (d < (anywhere ? std::min<std::size_t>(distance, 2) : distance) &&
          d < std::max(name.size(), shapes[i].name.size()))
        distance = d, best = static_cast<int>(i);
    }
  if (best >= 0) {
    verdict.say("; did you mean ");
    say_path(verdict, shapes, best);
    verdict.say("?");
  }
  verdict.say(parent < 0 ? " There are: " : " Options here: ");
  std::size_t said = 0;
  for (const auto& shape : shapes)
    if (shape.parent == parent && said++ < 40) verdict.say(said > 1 ? " " : ""), verdict.say(shape.name);
}

/// The index of a dotted path, or a verdict.
constexpr int find_path(std::span<const Shape> shapes, std::string_view path, Verdict& verdict) {
  int at = -1;
  while (!path.empty()) {
    const auto name = path.substr(0, find_char(path, '.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    if (at >= 0) {
      const auto kind = shapes[static_cast<std::size_t>(at)].kind;
      if (kind != Shape::Kind::group && kind != Shape::Kind::choice) {
        say_path(verdict, shapes, at);
        verdict.say(" is one option, it has no ");
        verdict.say(name);
        return -1;
      }
    }
    const int next = child(shapes, at, name);
    if (next < 0) {
      say_unknown(verdict, shapes, at, name);
      return -1;
    }
    at = next;
  }
  return at;
}

}  // namespace quix::detail
