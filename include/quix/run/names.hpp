#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/run/commands/options.hpp>
#include <quix/run/policies.hpp>
#include <quix/run/roles.hpp>

// What an experiment's members are called: a role under another name would be an option that nobody reads.

namespace quix::detail {

/// A role's name, and what it is called elsewhere.
struct RoleName {
  std::string_view name;
  std::array<std::string_view, 6> others{};
};
template <class... R>
constexpr auto names_of_roles(boost::hana::tuple<R...>) {
  std::array<RoleName, sizeof...(R)> out{RoleName{R::name.view()}...};
  std::size_t i = 0;
  (std::copy(R::others.begin(), R::others.end(), out[i++].others.begin()), ...);
  return out;
}
inline constexpr auto role_names = names_of_roles(roles);
inline constexpr std::size_t role_count = role_names.size();

constexpr bool is_role(std::string_view name) {
  return std::any_of(role_names.begin(), role_names.end(), [&](const auto& role) { return role.name == name; });
}

/// The role that a name stands for elsewhere; of a policy also a role that differs by a letter or two. Its index, or
/// role_count for none: returning the name itself g++ 12 takes for a modification of the table.
constexpr std::size_t role_like(std::string_view name, bool policy) {
  for (std::size_t i = 0; i < role_count; ++i)
    for (std::size_t j = 0; j < role_names[i].others.size(); ++j)
      if (!role_names[i].others[j].empty() && name == role_names[i].others[j]) return i;
  for (std::size_t i = 0; policy && i < role_count; ++i)
    if (edit_distance(name, role_names[i].name) <= (role_names[i].name.size() < 6 ? 1u : 2u)) return i;
  return role_count;
}

/// Whether a command of the program has a flag of that name.
constexpr bool is_program_flag(std::string_view name) {
  const auto has = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
  bool found = has(names<CommonOptions>) || name == "weights";
  each_command([&]<class C>(C*) { found |= has(names<C>); });
  return found;
}

/// Whether a member can be a policy: a struct of options or a choice.
template <class F>
inline constexpr bool may_be_policy = IsChoice<F> || Group<F>;

/// Whether a type shows the role that it plays, whatever the member's name.
template <class R, class F, class S>
constexpr bool shows_role() {
  if constexpr (requires { R::template known<F>; })
    return R::template known<F>;
  else
    return R::template fits<F, S>;
}
/// The first role that a policy could play in an experiment on samples S, and empty for none.
template <class F, class S, class R, class... Rest>
constexpr std::string_view first_role() {
  if constexpr (shows_role<R, F, S>())
    return R::name.view();
  else if constexpr (sizeof...(Rest) > 0)
    return first_role<F, S, Rest...>();
  else
    return {};
}
template <class F, class S>
constexpr std::string_view role_of_type() {
  if constexpr (may_be_policy<F>)
    return []<class... R>(boost::hana::tuple<R...>) { return first_role<F, S, R...>(); }(roles);
  else
    return {};
}

/// The sentence about the first member whose name will not do.
template <class Exp, class S>
constexpr Verdict name_verdict() {
  Verdict verdict;
  const auto check = [&]<class F>(std::string_view name, F*) {
    if (!verdict.ok || is_role(name)) return;
    if (is_program_flag(name)) {
      verdict.say_member(type_name<Exp>(), name);
      return verdict.say(" has the name of a flag of the program; rename it");
    }
    if (note_of<Exp>(name)->limits.own) return;
    const std::size_t like = role_like(name, may_be_policy<F>);
    constexpr std::string_view type = role_of_type<F, S>();
    if (like == role_count && type.empty()) return;
    verdict.say_member(type_name<Exp>(), name);
    if (like < role_count) {
      verdict.say(" is not a role: did you mean ");
      verdict.say(role_names[like].name);
    } else {
      verdict.say(" is a policy for the role ");
      verdict.say(type);
      verdict.say(", which is found by that name; rename it to ");
      verdict.say(type);
    }
    verdict.say(like < role_count ? "? A custom option with this name needs a note:  quix::note<&"
                                  : ". A custom option of this type needs a note:  quix::note<&");
    verdict.say(type_name<Exp>());
    verdict.say("::");
    verdict.say(name);
    verdict.say(">(help, {.own = true})");
  };
  each_member<Exp>(check);
  return verdict;
}

template <class Exp, class S>
consteval bool check_names() {
  constexpr auto verdict = name_verdict<Exp, S>();
  if constexpr (!verdict.ok) (void)sizeof(Report<verdict>);
  return verdict.ok;
}

}  // namespace quix::detail
