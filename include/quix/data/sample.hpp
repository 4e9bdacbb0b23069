#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>

#include <quix/cfg/reflect.hpp>
#include <quix/data/codec.hpp>

namespace quix {

/// A sample: an aggregate whose fields are codecs, each naming its tar member.
///
///     struct Fashion {
///       quix::Image<"png", quix::gray> image;
///       quix::Class<"cls">             label;
///     };
template <class S>
concept Sample = std::is_aggregate_v<S> && std::is_class_v<S>;

namespace detail {

template <class C>
concept HasSuffix = requires {
  { C::suffix } -> std::convertible_to<std::string_view>;
};
template <class C>
concept HasUse = requires {
  { C::use } -> std::convertible_to<Use>;
};
template <class C>
concept HasInspect = requires(ByteView bytes) {
  { C::inspect(bytes) } -> std::same_as<Layout>;
};
template <class C>
concept HasArrayDecode = requires(ByteView bytes, const Layout& layout, std::byte* to) {
  C::decode(bytes, layout, to);
}
|| requires(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
  C::decode(bytes, layout, to, scratch);
};
template <class C>
concept HasArrayEncode = requires(const Array& array) {
  { C::encode(array) } -> std::same_as<std::vector<std::byte>>;
};
template <class C>
concept IsList = requires {
  typename C::value_type;
}
&&std::derived_from<C, List<typename C::value_type>>;
template <class C>
concept HasListDecode = requires(ByteView bytes, typename C::value_type& value) {
  C::decode(bytes, value);
};

/// The declaration that a codec lacks; empty for a type that is not a codec at all.
template <class C>
constexpr std::string_view missing_of_codec() {
  constexpr bool list = IsList<C>;
  if constexpr (!list && !std::derived_from<C, Array>)
    return {};
  else if constexpr (!HasSuffix<C>)
    return "static constexpr std::string_view suffix";
  else if constexpr (!HasUse<C>)
    return "static constexpr quix::Use use";
  else if constexpr (list)
    return HasListDecode<C> ? "static std::vector<std::byte> encode(const value_type& value)"
                            : "static void decode(quix::ByteView bytes, value_type& to)";
  else if constexpr (!HasInspect<C>)
    return "static quix::Layout inspect(quix::ByteView bytes)";
  else
    return HasArrayDecode<C> ? "static std::vector<std::byte> encode(const quix::Array& array)"
                             : "static void decode(quix::ByteView bytes, const quix::Layout& layout, std::byte* to)";
}

/// The error about the first field of a sample that is not a codec, or about two that read one member.
template <class S>
constexpr Verdict sample_verdict() {
  Verdict verdict;
  const auto check = [&]<class F>(std::string_view name, F*) {
    if constexpr (!Codec<F>) {
      if (!verdict.ok) return;
      verdict.say_member(type_name<S>(), name);
      constexpr auto missing = missing_of_codec<F>();
      if (missing.empty()) {
        verdict.say(" is ");
        verdict.say(type_name<F>());
        verdict.say(
            ", which is not a codec. A field of a sample names its tar member: quix::Image, quix::Class, quix::Npy, "
            "quix::Text, ... or a custom codec");
      } else {
        verdict.say(": the codec ");
        verdict.say(type_name<F>());
        verdict.say(" lacks, or declares differently,  ");
        verdict.say(missing);
      }
    }
  };
  each_member<S>(check);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    if constexpr ((HasSuffix<boost::pfr::tuple_element_t<I, S>> && ...)) {
      const std::string_view suffixes[] = {boost::pfr::tuple_element_t<I, S>::suffix...};
      for (std::size_t i = 0; i < sizeof...(I); ++i)
        for (std::size_t j = 0; j < i; ++j) {
          if (!verdict.ok || suffixes[i].empty() || suffixes[i] != suffixes[j]) continue;
          verdict.say_member(type_name<S>(), names<S>[j]);
          verdict.say(" and ");
          verdict.say(type_name<S>());
          verdict.say("::");
          verdict.say(names<S>[i]);
          verdict.say(" read the same tar member ");
          verdict.say(suffixes[i]);
          verdict.say("; give each its own suffix");
        }
    }
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<S>>{});
  return verdict;
}

/// Stops with one error if a sample's fields are not codecs or their suffixes clash.
template <class S>
consteval bool check_sample() {
  static_assert(Sample<S>, "quix: a sample is a plain struct of fields like  quix::Image<\"png\"> image;");
  if constexpr (Sample<S>) {
    constexpr auto n = boost::pfr::tuple_size_v<S>;
    static_assert(n > 0, "quix: a sample needs at least one field, like  quix::Image<\"png\"> image;");
    if constexpr (n > 0) {
      constexpr auto verdict = sample_verdict<S>();
      if constexpr (!verdict.ok) (void)sizeof(Report<verdict>);
      return verdict.ok;
    }
  }
  return false;
}
/// The same once for each type.
template <class S>
inline constexpr bool is_sample = check_sample<S>();

/// The codecs of a sample's fields, in their order.
template <class S>
inline constexpr auto codecs_of = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<FieldCodec, sizeof...(I)>{field_codec<boost::pfr::tuple_element_t<I, S>>()...};
}
(std::make_index_sequence<is_sample<S> ? boost::pfr::tuple_size_v<S> : 0>{});

}  // namespace detail
}  // namespace quix
