#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <quix/proc/core.hpp>
#include <quix/proc/groups.hpp>
#include <quix/proc/schedule.hpp>

// Separate schedules for some parameters.

namespace quix {

/// One schedule for the parameters that match patterns, another for the rest, which may be a PerGroup again:
///
///     quix::PerGroup<quix::Constant, quix::Warmup<quix::Cosine>> schedule{.parameters = {"head.*"}};
///
/// The groups' factors and starts (the role `groups`) apply as well. Logs report the learning rate of the rest. Neither
/// schedule may depend on a metric. Without patterns only `rest` is used.
template <Schedule Special, Schedule Rest>
struct PerGroup {
  std::vector<std::string> parameters{};
  Special special{};
  Rest rest{};

  static constexpr std::string_view name = "per_group";
  static constexpr std::array notes = {
      quix::note<&PerGroup::parameters>("name patterns of parameters with the schedule `special`: 'head.*'"),
  };
  static_assert(!detail::builds_state<Special> && !detail::builds_state<Rest>,
                "quix: a PerGroup takes no schedule by a metric, which applies to all parameters");

  static_assert(!detail::has_schedules<Special> && !(detail::has_branches<Rest> && detail::has_schedules<Rest>),
                "quix: a PerGroup is used alone, in a Choice, or as the rest of another PerGroup; its special schedule "
                "is a single one");

  /// Number of schedules. Schedule 0 is that of the parameters that match no pattern.
  static constexpr std::size_t schedules = [] {
    if constexpr (requires { Rest::schedules; })
      return Rest::schedules + 1;
    else
      return std::size_t{2};
  }();

  double factor(const Progress& p) const { return detail::factor_by(rest, p); }
  double factor(const Progress& p, std::size_t i) const {
    if (i == 1) return detail::factor_by(special, p);
    if constexpr (requires { rest.factor(p, i); })
      if (i > 1) return rest.factor(p, i - 1);
    return detail::factor_by(rest, p);
  }
  /// Steps that the longest schedule needs.
  double length(const Progress& p) const {
    return std::max(parameters.empty() ? 0 : detail::length_by(special, p), detail::length_by(rest, p));
  }

  /// Assigns parameters to schedules. `all`: every parameter of the model, including frozen ones, by all of its names.
  /// Throws Error for a pattern that matches none, and for a parameter that matches patterns of two schedules.
  void assign(ParameterGroups& groups, const NamedTensors& all, std::size_t first = 1,
              const std::string& role = "schedule.") const {
    detail::assign_schedule(groups, all, parameters, first, role + "parameters");
    if constexpr (requires { Rest::schedules; }) rest.assign(groups, all, first + 1, role + "rest.");
  }
};

namespace detail {

/// Assigns the parameters of an optimizer to the schedules of a policy with several.
template <class S>
ParameterGroups with_schedules(ParameterGroups groups, const NamedTensors& all, const S& schedule) {
  with_policy(schedule, [&](const auto& policy) {
    if constexpr (requires { policy.assign(groups, all); }) policy.assign(groups, all);
  });
  return groups;
}

/// Sets the learning rate factors of each schedule's groups, and returns the rate that they multiply; `rate` for a
/// single schedule.
template <class S, class O>
double pace(const S& schedule, O& optim, const ProcessorCore& core, double peak, double rate) {
  return with_policy(schedule, [&](const auto& policy) {
    if constexpr (requires { policy.factor(core.progress, std::size_t{}); }) {
      with_policy(optim, [&](auto& state) {
        static_assert(
            requires { state.pace(std::size_t{}, 1.0); },
            "quix: a PerGroup schedule needs an optimizer whose state has  void pace(std::size_t schedule, "
            "double factor)  for the groups of a schedule");
        using Policy = std::remove_cvref_t<decltype(policy)>;
        for (std::size_t i = 0; i < Policy::schedules; ++i) {
          const bool used = std::any_of(core.groups.begin(), core.groups.end(),
                                        [&](const auto& group) { return group.schedule == i; });
          if (!used) continue;
          const double factor = factor_of(policy, core, core.steps, i);
          require_rate(peak * factor, core.steps + 1);
          state.pace(i, factor);
        }
      });
      return peak;
    } else {
      return rate;
    }
  });
}

}  // namespace detail
}  // namespace quix
