#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/pfr/core.hpp>

#include <torch/types.h>

#include <quix/proc/loss.hpp>

// A metric is computed from sums that add up over batches and ranks: counts, squares, histograms. A policy's
// `counts(outputs, target)` returns the sums of some samples; `values(counts)` computes the metric values. The simplest
// metrics have one sum and one weight: a name, and a Measure for some samples. A struct of metrics is a metric too.
// Samples whose class index is below 0 or beyond the outputs do not count. Samples with a NaN output count as wrong.

namespace quix {

/// The context of a metric that is computed outside a step.
struct NoContext {};

/// No metric besides the loss.
struct LossOnly {};

namespace detail {

template <class M>
concept SimpleMetric = requires {
  {std::string_view(M::name)};
};
template <class M>
concept CountedMetric = requires(const M& metric, const Counts& counts) {
  { metric.values(counts) } -> std::convertible_to<Totals>;
};

/// The counts of every metric in a policy, in order, for some samples. `context` is passed to metrics that take it.
template <class M, class Context, class Outputs, class... Targets>
void count_metrics(const M& metric, std::vector<Counts>& out, const Context& context, const Outputs& outputs,
                   const Targets&... targets) {
  if constexpr (std::same_as<M, LossOnly>) {
  } else if constexpr (CountedMetric<M>) {
    if constexpr (requires { metric.counts(outputs, targets...); })
      out.push_back(metric.counts(outputs, targets...));
    else
      out.push_back(metric.counts(outputs, targets..., context));
  } else if constexpr (SimpleMetric<M>) {
    const auto measure = [&]() -> Measure {
      if constexpr (std::is_invocable_v<const M&, const Outputs&, const Targets&...>)
        return metric(outputs, targets...);
      else
        return metric(outputs, targets..., context);
    }();
    out.push_back({measure.sum, measure.weight});
  } else {
    boost::pfr::for_each_field(metric,
                               [&](const auto& field) { count_metrics(field, out, context, outputs, targets...); });
  }
}

/// The metric values by name, computed from the counts.
template <class M>
void metric_values(const M& metric, std::span<const Counts>& counts, Totals& out) {
  if constexpr (std::same_as<M, LossOnly>) {
  } else if constexpr (CountedMetric<M> || SimpleMetric<M>) {
    const auto mine = counts.empty() ? Counts{} : counts.front();
    if (!counts.empty()) counts = counts.subspan(1);
    if constexpr (SimpleMetric<M>)
      out.emplace_back(std::string(M::name), mine.size() == 2 ? Measure{mine[0], mine[1]} : Measure{});
    else
      for (auto& value : metric.values(mine)) out.push_back(std::move(value));
  } else {
    boost::pfr::for_each_field(metric, [&](const auto& field) { metric_values(field, counts, out); });
  }
}

/// Throws Error unless the shape matches the number of values.
inline ScoreArrays::value_type checked_array(ScoreArrays::value_type array) {
  std::size_t count = 1;
  for (const auto d : array.second.shape) count *= d;
  if (count != array.second.numbers.size())
    throw Error("metrics", array.first + " has " + std::to_string(array.second.numbers.size()) +
                               " values, but its shape needs " + std::to_string(count));
  return array;
}

/// Vectors and matrices by name, of metrics with  ScoreArrays arrays(std::span<const double>) const.
template <class M>
void metric_arrays(const M& metric, std::span<const Counts>& counts, ScoreArrays& out) {
  if constexpr (std::same_as<M, LossOnly>) {
  } else if constexpr (CountedMetric<M> || SimpleMetric<M>) {
    if constexpr (requires(const Counts& mine) {
                    { metric.arrays(mine) } -> std::convertible_to<ScoreArrays>;
                  })
      if (!counts.empty())
        for (auto& array : metric.arrays(counts.front())) out.push_back(checked_array(std::move(array)));
    if (!counts.empty()) counts = counts.subspan(1);
  } else {
    boost::pfr::for_each_field(metric, [&](const auto& field) { metric_arrays(field, counts, out); });
  }
}

/// Whether a policy is a metric of these outputs and targets, or a struct of such metrics. It may take a context.
template <class M, class Context, class Outputs, class... Targets>
constexpr bool is_metric() {
  if constexpr (std::same_as<M, LossOnly>) {
    return true;
  } else if constexpr (CountedMetric<M>) {
    constexpr auto counts = []<class... A>(std::type_identity<A>...) {
      return requires(const M& metric, const A&... a) {
        { metric.counts(a...) } -> std::convertible_to<Counts>;
      };
    };
    return counts(std::type_identity<Outputs>{}, std::type_identity<Targets>{}...) ||
           counts(std::type_identity<Outputs>{}, std::type_identity<Targets>{}..., std::type_identity<Context>{});
  } else if constexpr (SimpleMetric<M>) {
    return std::is_invocable_r_v<Measure, const M&, const Outputs&, const Targets&...> ||
           std::is_invocable_r_v<Measure, const M&, const Outputs&, const Targets&..., const Context&>;
  } else if constexpr (std::is_aggregate_v<M> && std::is_class_v<M>) {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return sizeof...(I) > 0 && (is_metric<boost::pfr::tuple_element_t<I, M>, Context, Outputs, Targets...>() && ...);
    }
    (std::make_index_sequence<boost::pfr::tuple_size_v<M>>{});
  } else {
    return false;
  }
}

}  // namespace detail

}  // namespace quix
