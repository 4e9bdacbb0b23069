#pragma once

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/text.hpp>

namespace quix {

/// Which values a field takes, and how its sources treat it. Bounds apply to numbers, and to each number of a list;
/// `min` and `max` belong to the range, `above` and `below` do not. Durations count in seconds, sizes in bytes.
struct Limits {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  double above = -std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();
  char flag = 0;                               ///< short flag: 'l' makes `-l`
  bool resumable = false;                      ///< may differ when a run is resumed (epochs, threads, logging)
  bool hidden = false;                         ///< not in --help
  bool required = false;                       ///< some source must set it; the default does not count
  bool own = false;                            ///< deliberately an option, although it looks like a role
  bool positional = false;                     ///< of a command: also set by a word without a flag, in their order
  int words = 1;                               ///< of a list: the most words that follow its flag
  std::string_view unit{};                     ///< "samples", "px": shown behind the type
  std::string_view env{};                      ///< variable of the environment that sets it, below every file and flag
  std::string_view was{};                      ///< its old name, still read, with a warning
  std::string_view deprecated{};               ///< what to use instead: setting it warns
  std::array<std::string_view, 12> choices{};  ///< the only values there are
};

/// What is known about one field besides its type, name and default.
struct Note {
  std::string_view field;
  std::string_view help;
  Limits limits;
};

namespace detail {

/// Of a field that has none. Not a null pointer: under -fsanitize=undefined g++ 12 does not compare addresses with null
/// in constant expressions.
inline constexpr Note no_note{};

constexpr bool breaks(double x, const Limits& limits) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  return x < limits.min || x > limits.max || (limits.above > -infinity && x <= limits.above) ||
         (limits.below < infinity && x >= limits.below) ||
         (x != x &&
          (limits.min > -infinity || limits.max < infinity || limits.above > -infinity || limits.below < infinity));
}

/// "0 or more and less than 1", in the compiler.
constexpr void say_limits(Verdict& verdict, const Limits& limits) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  const char* joint = "";
  const auto part = [&](bool given, const char* before, double bound, const char* after) {
    if (!given) return;
    verdict.say(joint);
    verdict.say(before);
    verdict.say_number(bound);
    verdict.say(after);
    joint = " and ";
  };
  part(limits.min > -infinity, "", limits.min, " or more");
  part(limits.above > -infinity, "greater than ", limits.above, "");
  part(limits.max < infinity, "", limits.max, " or less");
  part(limits.below < infinity, "less than ", limits.below, "");
}

/// "lr" from `&Adam::lr`: the compiler spells the template argument in the function's name.
template <auto Member>
consteval std::string_view member_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  const auto begin = text.find("Member = ");
  text = text.substr(0, text.find_first_of(";])", begin));
  return text.substr(text.rfind("::") + 2);
}

}  // namespace detail

/// Documents a field, beside plain fields:
///
///     struct Adam {
///       float lr = 1e-3f;
///       static constexpr std::array notes = {
///           quix::note<&Adam::lr>("peak learning rate", {.min = 0, .flag = 'l'}),
///       };
///     };
template <auto Member>
consteval Note note(std::string_view help, Limits limits = {}) {
  return {detail::member_name<Member>(), help, limits};
}

/// What a group's own check found: a sentence, and the fields it is about.
struct Conflict {
  std::string what;
  std::vector<std::string_view> fields;
};

/// The result of a group's `check()` where its fields do not fit together; the message names them, their values and
/// where those came from:
///
///     std::optional<quix::Conflict> check() const {
///       if (warmup > steps) return quix::conflict<&Rate::warmup, &Rate::steps>("the warm-up is longer than training");
///       return {};
///     }
template <auto... Members>
Conflict conflict(std::string what) {
  return {std::move(what), {detail::member_name<Members>()...}};
}

}  // namespace quix
