#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/hana/at.hpp>
#include <boost/hana/bool.hpp>
#include <boost/hana/filter.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/tuple.hpp>
#include <boost/hana/type.hpp>
#include <boost/hana/unpack.hpp>
#include <boost/pfr/core.hpp>

#include <quix/cfg/shape.hpp>
#include <quix/cfg/table.hpp>
#include <quix/detail/separate.hpp>
#include <quix/run/names.hpp>
#include <quix/run/policies.hpp>
#include <quix/run/roles.hpp>

namespace quix {

namespace detail {

/// Where a member is among an experiment's; their number where there is none of that name.
template <class Exp>
consteval std::size_t member_index(std::string_view name) {
  std::size_t i = 0;
  while (i < names<Exp>.size() && names<Exp>[i] != name) ++i;
  return i;
}
template <class Exp, class R>
inline constexpr std::size_t index_of_role = member_index<Exp>(R::name.view());
template <class Exp, class R>
inline constexpr bool declares = index_of_role<Exp, R> < names<Exp>.size();
template <class Exp, class R>
using Declared = boost::pfr::tuple_element_t<index_of_role<Exp, R>, Exp>;

/// A role that an experiment leaves out, with its default policy.
template <class R, class S>
struct Defaulted {
  using Role = R;
  using Options = typename R::template Default<S>;
  static constexpr bool in_group = requires { requires R::in_group; };
  static constexpr auto place() {
    if constexpr (in_group)
      return Literal("");
    else
      return R::name;
  }
  using Piece = detail::Piece<place(), Options>;

  Options options{};
  constexpr const auto& policy() const {
    if constexpr (in_group)
      return boost::pfr::get<0>(options);
    else
      return options;
  }
  static std::string path() { return std::string(place().view()); }
};

/// The defaults of an experiment on samples S, as a hana::tuple.
template <class Exp, class S, class... R>
constexpr auto defaults_of(boost::hana::tuple<R...>) {
  namespace hana = boost::hana;
  constexpr auto needed = hana::filter(hana::tuple_t<R...>, []<class T>(hana::basic_type<T>) {
    return hana::bool_c < !declares<Exp, T> && !std::is_void_v < typename T::template Default < S >>> ;
  });
  return hana::unpack(needed, []<class... T>(hana::basic_type<T>...) { return hana::tuple<Defaulted<T, S>...>{}; });
}

/// A role that one policy plays in a program, without a choice; `type` is empty where there is one, or none possible.
struct FixedPolicy {
  std::string_view role, type, other;
};
template <class R, class P>
constexpr FixedPolicy fixed_policy() {
  FixedPolicy out{.role = R::name.view(), .type = {}, .other = {}};
  if constexpr (requires { requires R::choosable; } && !IsChoice<P>) out.type = type_name<P>();
  if constexpr (requires { R::other; }) out.other = R::other;
  return out;
}
/// Adds the message of each fixed role to the table.
void note_fixed(Table& table, std::span<const FixedPolicy> policies);

/// Whether a model fits its role, and returns something else than a tensor: what the loss and the metrics take is then
/// asked where they are called.
template <class M, class S>
consteval bool model_returns_other() {
  if constexpr (is_model<M>)
    if constexpr (forwards<M, S>) return !returns_tensor<M, S>;
  return false;
}

/// Whether a role takes what a model returns, which is no tensor.
template <class Exp, class S, class R>
consteval bool takes_other_outputs() {
  if constexpr (requires { R::takes_outputs; } && declares<Exp, role::Model>)
    return model_returns_other<Declared<Exp, role::Model>, S>();
  else
    return false;
}

/// Says, once and in words, which role's policy is missing or does not fit.
template <class Exp, class S, class R>
consteval bool check_role() {
  if constexpr (takes_other_outputs<Exp, S, R>())
    return true;
  else if constexpr (declares<Exp, R>)
    return R::template check<Declared<Exp, R>, S>();
  else if constexpr (std::is_void_v<typename R::template Default<S>>)
    return R::template missing<Exp>();
  else
    return true;
}
template <class Exp, class S, class... R>
consteval bool check_roles(boost::hana::tuple<R...>) {
  bool ok = true;
  ((ok &= check_role<Exp, S, R>()), ...);
  return ok;
}

/// The struct of an experiment's samples; void where `data` says none.
template <class Exp>
constexpr auto find_sample() {
  if constexpr (declares<Exp, role::Data>)
    if constexpr (requires { typename Declared<Exp, role::Data>::sample; })
      return std::type_identity<typename Declared<Exp, role::Data>::sample>{};
    else
      return std::type_identity<void>{};
  else
    return std::type_identity<void>{};
}
template <class Exp>
using SampleOf = typename decltype(find_sample<Exp>())::type;

/// Says, once and in words, what an experiment lacks.
template <class Exp>
consteval bool check_experiment() {
  constexpr bool plain = std::is_aggregate_v<Exp> && !HasBase<Exp>;
  static_assert(plain, "quix: an experiment is a plain struct: no base classes, no constructors, no private members.");
  if constexpr (plain) {
    using S = SampleOf<Exp>;
    // The sample first: what is wrong with it would be said of every role.
    if constexpr (std::is_void_v<S>)
      return check_role<Exp, S, role::Data>();
    else if constexpr (is_sample<S>)
      return check_names<Exp, S>() && check_roles<Exp, S>(roles);
  }
  return false;
}

}  // namespace detail

// The tables of the library's own policies are made once per build tree (config.ipp).
#ifdef QUIX_SEPARATE
#define QUIX_TABLE(Policy) extern template void Table::add(Policy&, const std::string&, bool);
#include <quix/run/tables.inc>
#undef QUIX_TABLE
#endif

/// What is really configured: the experiment, and the roles that it left to their defaults.
///
///     quix::Config<FashionMlp> config{};
///     config[quix::role::train].epochs;        // of the experiment's own policy, or of the default one
template <class Exp, class AllRoles = Roles>
struct Config {
  using Data = detail::Declared<Exp, role::Data>;
  using SampleType = typename Data::sample;
  using Defaults = decltype(detail::defaults_of<Exp, SampleType>(AllRoles{}));
  static_assert(detail::check_roles<Exp, SampleType>(AllRoles{}));

  Exp exp{};
  /// `data` as each split refines it: `data.train.*`, `data.val.*`.
  Data train_data = exp.data, val_data = exp.data;
  Defaults defaults{};

  const Data& data(std::string_view split) const {
    return split == "train" ? train_data : split == "val" ? val_data : exp.data;
  }
  /// The policy that plays a role.
  template <class R>
  const auto& operator[](R) const {
    if constexpr (detail::declares<Exp, R>)
      return boost::pfr::get<detail::index_of_role<Exp, R>>(exp);
    else
      return default_of<R>(defaults).policy();
  }
  template <class R>
  using Policy = std::remove_cvref_t<decltype(std::declval<const Config&>()[R{}])>;

  /// The same as the compiler sees it, for checks of built-in configurations.
  template <class... D>
  static auto shapes_of(boost::hana::tuple<D...>*)
      -> detail::Shapes<detail::Piece<"", Exp>, detail::Piece<"data.train", Data>, detail::Piece<"data.val", Data>,
                        typename D::Piece...>;
  using Shapes = decltype(shapes_of(static_cast<Defaults*>(nullptr)));

  /// Every option: the experiment's fields in their order, then those of the default roles.
  void add_to(Table& table) {
    table.add(exp);
    table.refine(train_data, "data", "train");
    table.refine(val_data, "data", "val");
    boost::hana::for_each(defaults, [&](auto& role) { table.add(role.options, role.path()); });
    note_fixed(table, AllRoles{});
  }

 private:
  /// Adds the messages of roles that have one policy.
  template <class... R>
  static void note_fixed(Table& table, boost::hana::tuple<R...>) {
    static constexpr detail::FixedPolicy all[] = {detail::fixed_policy<R, std::remove_cvref_t<Policy<R>>>()...};
    detail::note_fixed(table, all);
  }

  template <class R, class... D>
  static constexpr const auto& default_of(const boost::hana::tuple<D...>& all) {
    constexpr bool is_it[] = {std::is_same_v<typename D::Role, R>...};
    return boost::hana::at_c<static_cast<std::size_t>(std::find(std::begin(is_it), std::end(is_it), true) -
                                                      std::begin(is_it))>(all);
  }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/config.ipp>
#endif
