#pragma once

#include <limits>
#include <string_view>

namespace quix {

/// Which values a field takes, and how the command line treats it. Bounds apply to numbers, and to each
/// number of a list. `min` and `max` belong to the range, `above` and `below` do not.
struct Limits {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  double above = -std::numeric_limits<double>::infinity();
  double below = std::numeric_limits<double>::infinity();
  char flag = 0;           ///< short flag: 'l' makes `-l`
  bool resumable = false;  ///< may differ when a run is resumed (epochs, threads, logging)
  bool hidden = false;     ///< not in --help
};

/// What is known about one field besides its type, name and default.
struct Note {
  std::string_view field;
  std::string_view help;
  Limits limits;
};

namespace detail {

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

}  // namespace quix
