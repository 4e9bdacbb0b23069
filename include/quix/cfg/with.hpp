#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <quix/cfg/error.hpp>
#include <quix/cfg/shape.hpp>

namespace quix {

/// A change to a configuration by path, for `with()`.
template <Literal Path, class V>
struct Set {
  V value;
};

/// `quix::set<"optim.lr">(0.1f)`. Numbers, bool, enumerators and text; what C++ can name it sets better itself.
template <Literal Path, class V>
constexpr Set<Path, V> set(V value) {
  return {value};
}

namespace detail {

/// Called, in the compiler, for a value outside its limits: the error shows the sentence. Not constexpr on purpose.
template <Literal Sentence>
void value_is_outside_its_limits() {}

template <class F, class V>
inline constexpr bool assignable = std::is_same_v<F, bool> || std::is_same_v<V, bool> ? std::is_same_v<F, V>
                                   : std::is_integral_v<F>                            ? std::is_integral_v<V>
                                   : std::is_floating_point_v<F>                      ? std::is_arithmetic_v<V>
                                                                                      : std::is_constructible_v<F, V>;
template <class F, class V>
inline constexpr bool assignable<std::optional<F>, V> = assignable<F, V>;

/// What the field at a path of T takes; a path into a choice means the branches that have it.
template <class T, Literal Path, std::size_t Begin>
struct FieldAt {
  static constexpr std::string_view rest = Path.view().substr(Begin);
  static constexpr std::string_view head = rest.substr(0, find_char(rest, '.'));
  static constexpr bool last = head.size() == rest.size();

  template <class G>
  static constexpr std::size_t index() {
    for (std::size_t i = 0; i < names<G>.size(); ++i)
      if (same_name(names<G>[i], head)) return i;
    return names<G>.size();
  }

  /// Calls `f` with the field; false when a choice has taken a branch without it.
  template <class G, class F>
  static bool visit(G& group, F&& f) {
    if constexpr (IsChoice<G>) {
      return std::visit([&]<class B>(B& branch) { return visit(branch, f); }, ChoiceOf<G>::variant(group));
    } else if constexpr (is_optional_group<G>) {
      if (!group) group.emplace();
      return visit(*group, f);
    } else if constexpr (index<G>() < names<G>.size()) {
      auto& field = boost::pfr::get<index<G>()>(group);
      if constexpr (last)
        return f(field), true;
      else
        return FieldAt<std::remove_cvref_t<decltype(field)>, Path, Begin + head.size() + 1>::visit(field, f);
    } else {
      return false;
    }
  }
};

template <class T, Literal Path>
constexpr Verdict path_verdict() {
  Verdict found;
  constexpr auto shapes = Shapes<Piece<"", T>>::span();
  const int index = find_path(shapes, Path.view(), found);
  Verdict out;
  if (found.ok && shapes[static_cast<std::size_t>(index)].kind != Shape::Kind::group) return out;
  out.say("quix::set: ");
  if (found.ok) {
    out.say(Path.view());
    out.say(" is a group; name one of its options");
  } else {
    out.say({found.chars, found.size});
  }
  return out;
}

template <class T, Literal Path>
consteval const Note* note_at() {
  Verdict none;
  constexpr auto shapes = Shapes<Piece<"", T>>::span();
  const int index = find_path(shapes, Path.view(), none);
  return index < 0 ? &no_note : shapes[static_cast<std::size_t>(index)].note;
}

template <Literal Path, class V>
constexpr Verdict type_verdict(std::string_view field) {
  Verdict out;
  out.say("quix::set: ");
  out.say(Path.view());
  out.say(" is ");
  out.say(field);
  out.say(", and cannot be set from ");
  out.say(type_name<V>());
  return out;
}

template <Literal Path>
constexpr Verdict limits_verdict(const Note& note) {
  Verdict out;
  out.say(Path.view());
  out.say(" is ");
  say_limits(out, note.limits);
  return out;
}

/// One change to a T, checked in the compiler: its path, its type, its limits.
template <class T>
class Change {
 public:
  constexpr Change() = default;
  template <Literal Path, class V>
  consteval Change(Set<Path, V> change) {
    constexpr auto verdict = path_verdict<T, Path>();
    (void)sizeof(Report<verdict>);
    if constexpr (verdict.ok) {
      constexpr const Note* note = note_at<T, Path>();
      if constexpr (std::is_arithmetic_v<V> && !std::is_same_v<V, bool>)
        if (breaks(static_cast<double>(change.value), note->limits))
          value_is_outside_its_limits<sentence<limits_verdict<Path>(*note)>()>();
      if constexpr (std::is_same_v<V, bool> || std::is_integral_v<V>)
        integer_ = static_cast<std::int64_t>(change.value);
      else if constexpr (std::is_floating_point_v<V>)
        number_ = change.value;
      else if constexpr (std::is_enum_v<V>)
        integer_ = static_cast<std::int64_t>(change.value);
      else
        text_ = change.value;
      apply_ = [](const Change& self, T& value) {
        const bool done = FieldAt<T, Path, 0>::visit(value, [&]<class F>(F& field) {
          if constexpr (!assignable<F, V>) {
            constexpr auto wrong = type_verdict<Path, V>(type_name<F>());
            (void)sizeof(Report<wrong>);
          } else if constexpr (std::is_integral_v<V> && std::is_integral_v<F> && !std::is_same_v<F, bool>) {
            if (static_cast<std::int64_t>(static_cast<F>(self.integer_)) != self.integer_)
              throw Error(std::string(Path.view()), std::to_string(self.integer_) + " is out of the option's range");
            field = static_cast<F>(self.integer_);
          } else if constexpr (std::is_integral_v<V> || std::is_enum_v<V>) {
            field = static_cast<V>(self.integer_);
          } else if constexpr (std::is_floating_point_v<V>) {
            field = static_cast<V>(self.number_);
          } else {
            field = F(self.text_);
          }
        });
        if (!done) throw Error(std::string(Path.view()), "the branch that is chosen has no such option");
      };
    }
  }

  void apply(T& value) const {
    if (apply_) apply_(*this, value);
  }

 private:
  void (*apply_)(const Change&, T&) = nullptr;
  std::int64_t integer_ = 0;
  double number_ = 0;
  const char* text_ = nullptr;
};

}  // namespace detail

/// A copy of a configuration with some options changed. Paths, types and limits are checked by the compiler; a wrong
/// one stops it with the path, the names there are, and a suggestion:
///
///     const auto small = quix::with(Exp{}, quix::set<"model.hidden">(64), quix::set<"optim.lr">(1e-2f));
///
/// Up to twelve changes; their values are constants. (For values that are known only at run time, assign to the field.)
template <class T>
T with(T value, std::type_identity_t<detail::Change<T>> a, std::type_identity_t<detail::Change<T>> b = {},
       std::type_identity_t<detail::Change<T>> c = {}, std::type_identity_t<detail::Change<T>> d = {},
       std::type_identity_t<detail::Change<T>> e = {}, std::type_identity_t<detail::Change<T>> f = {},
       std::type_identity_t<detail::Change<T>> g = {}, std::type_identity_t<detail::Change<T>> h = {},
       std::type_identity_t<detail::Change<T>> i = {}, std::type_identity_t<detail::Change<T>> j = {},
       std::type_identity_t<detail::Change<T>> k = {}, std::type_identity_t<detail::Change<T>> l = {}) {
  for (const auto* change : {&a, &b, &c, &d, &e, &f, &g, &h, &i, &j, &k, &l}) change->apply(value);
  return value;
}

}  // namespace quix
