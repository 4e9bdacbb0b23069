#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <quix/cfg/reflect.hpp>

namespace quix {

namespace detail {

template <class B, class... A>
concept Builds = requires(const B& branch, const A&... args) {
  branch.build(args...);
};
template <class B, class... A>
concept Calls = requires(const B& branch, const A&... args) {
  branch(args...);
};

/// std::visit for few branches: a chain of comparisons, which compiles several times as fast as its table.
template <std::size_t I = 0, class V, class F>
constexpr decltype(auto) visit_branch(V& value, F& f) {
  if constexpr (I + 1 == std::variant_size_v<std::remove_const_t<V>>) {
    return f(*std::get_if<I>(&value));
  } else {
    if (value.index() == I) return f(*std::get_if<I>(&value));
    return visit_branch<I + 1>(value, f);
  }
}

/// What one of several policies built, where their types differ.
template <class... T>
class BuiltVariant {
 public:
  template <class U>
  explicit BuiltVariant(U&& built) : value_(std::forward<U>(built)) {}

  void step(double rate) {
    visit([&](auto& built) { built.step(rate); });
  }
  auto state() const {
    return visit([](const auto& built) { return built.state(); });
  }
  template <class F>
  decltype(auto) visit(F&& f) {
    return detail::visit_branch(value_, f);
  }
  template <class F>
  decltype(auto) visit(F&& f) const {
    return detail::visit_branch(value_, f);
  }

 private:
  std::variant<T...> value_;
};
template <class First, class... Rest>
struct BuiltType {
  using type = BuiltVariant<First, Rest...>;
};
template <class First, class... Rest>
requires(std::same_as<First, Rest>&&...) struct BuiltType<First, Rest...> {
  using type = First;
};
template <class... T>
using Built = typename BuiltType<T...>::type;

}  // namespace detail

/// One of several policies, chosen by name when the program starts:
///
///     quix::Choice<quix::AdamW, quix::Sgd> optim{quix::Sgd{.lr = 0.1f}};      // the default is the first, or this one
///
/// On the command line  `--optim sgd --optim.momentum 0.9`,  in files  `optim: {name: sgd, momentum: 0.9}`  or  `optim:
/// sgd`. A branch is called as its `static constexpr std::string_view name` says, else as its type in snake case. A
/// std::variant of groups is configured the same way.
template <class... Branches>
class Choice {
 public:
  static_assert(sizeof...(Branches) > 0, "quix: a Choice needs at least one type to choose.");

  Choice() = default;
  template <class T>
  requires(std::same_as<std::remove_cvref_t<T>, Branches> || ...) Choice(T&& branch)
      : value_(std::forward<T>(branch)) {}

  /// Calls `f` with the branch that is chosen.
  template <class F>
  decltype(auto) visit(F&& f) {
    return detail::visit_branch(value_, f);
  }
  template <class F>
  decltype(auto) visit(F&& f) const {
    return detail::visit_branch(value_, f);
  }

  std::size_t index() const { return value_.index(); }
  std::string_view name() const { return std::array{detail::branch_name<Branches>()...}[index()]; }
  template <class T>
  bool is() const {
    return std::holds_alternative<T>(value_);
  }
  /// The branch as its type; throws std::bad_variant_access when another one is chosen.
  template <class T>
  const T& as() const {
    return std::get<T>(value_);
  }
  template <class T>
  T& as() {
    return std::get<T>(value_);
  }

  /// What the branch that is chosen does: `build` and the call. What the branches
  /// build may be of several types if it is an optimizer's state.
  template <class... A>
  requires(detail::Builds<Branches, A...>&&...) auto build(const A&... args) const {
    using Built = detail::Built<decltype(std::declval<const Branches&>().build(args...))...>;
    return visit([&](const auto& branch) { return Built(branch.build(args...)); });
  }
  template <class... A>
  requires(detail::Calls<Branches, A...>&&...) auto operator()(const A&... args) const {
    return visit([&](const auto& branch) { return branch(args...); });
  }

  friend bool operator==(const Choice&, const Choice&) = default;

  std::variant<Branches...>& variant() { return value_; }
  const std::variant<Branches...>& variant() const { return value_; }

 private:
  std::variant<Branches...> value_;
};

namespace detail {

template <class T>
inline constexpr bool has_branches = false;
template <class... B>
inline constexpr bool has_branches<Choice<B...>> = true;
template <class... B>
inline constexpr bool has_branches<BuiltVariant<B...>> = true;

/// Calls `f` with a policy, or with the branch of a Choice; the same with what they built.
template <class P, class F>
constexpr decltype(auto) with_policy(P& policy, F&& f) {
  if constexpr (has_branches<std::remove_const_t<P>>)
    return policy.visit(f);
  else
    return f(policy);
}

/// What a field chooses between: `Choice`, or a variant whose types are all groups.
template <class T>
struct ChoiceOf {
  static constexpr bool value = false;
};
template <class... B>
requires(GroupShape<B>&&...) struct ChoiceOf<std::variant<B...>> {
  static constexpr bool value = true;
  using Shadow = std::tuple<B...>;
  static constexpr std::array<std::string_view, sizeof...(B)> names{branch_name<B>()...};
  static auto& variant(std::variant<B...>& v) { return v; }
  static const auto& variant(const std::variant<B...>& v) { return v; }
};
template <class... B>
struct ChoiceOf<Choice<B...>> : ChoiceOf<std::variant<B...>> {
  static_assert((GroupShape<B> && ...),
                "quix: the types of a Choice are plain structs of options (possibly empty ones).");
  static auto& variant(Choice<B...>& choice) { return choice.variant(); }
  static const auto& variant(const Choice<B...>& choice) { return choice.variant(); }
};

template <class T>
concept IsChoice = ChoiceOf<T>::value;

/// Says what the types of a Choice must not share.
template <class T>
consteval bool check_choice() {
  constexpr auto& names = ChoiceOf<T>::names;
  constexpr bool distinct = [] {
    for (std::size_t i = 0; i < names.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (names[i] == names[j]) return false;
    return true;
  }();
  static_assert(distinct,
                "quix: two types of a Choice have the same name. Give one a  static constexpr std::string_view name.");
  constexpr bool free = []<class... B>(std::tuple<B...>*) {
    return !((std::find(detail::names<B>.begin(), detail::names<B>.end(), "name") != detail::names<B>.end()) || ...);
  }(static_cast<typename ChoiceOf<T>::Shadow*>(nullptr));
  static_assert(free,
                "quix: a type of a Choice has an option called 'name', which is where the choice itself stands. "
                "Rename it.");
  return distinct && free;
}

template <class T>
inline constexpr bool is_optional_group = false;
template <GroupShape T>
inline constexpr bool is_optional_group<std::optional<T>> = true;

}  // namespace detail
}  // namespace quix
