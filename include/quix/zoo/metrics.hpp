#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/pfr/core.hpp>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/loss.hpp>

// A metric of many samples is made of sums that add up over batches and ranks: counts, squares, histograms. A policy
// says which, `counts(outputs, target)`, and what they mean, `values(counts)`. The simplest ones have one sum and one
// weight: a name, and a Measure for some samples. A struct of metrics is one too. Class numbers below 0, and those that
// the outputs do not have, count in none of them. Where an output is not a number, the sample counts as wrong.

namespace quix {

/// The share of samples whose largest output is their class.
struct Accuracy {
  static constexpr const char* name = "accuracy";
  Measure operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// No metric besides the loss.
struct LossOnly {};

/// The share of samples whose class is among the k largest outputs; of all, where there are fewer classes.
struct TopK {
  int k = 5;

  static constexpr std::array notes = {quix::note<&TopK::k>("outputs that may be right", {.min = 1})};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// The share of right samples of each class, and its mean over classes.
struct ClassAccuracy {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// Precision, recall and F1, each the mean over the classes that occur or are guessed; `f1_weighted`, the mean weighted
/// by how often each occurs; `f1/i` of class i.
struct PrecisionRecall {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// How often class i was taken for class j: `confusion`, a matrix [classes, classes] with a row for each true class.
struct Confusion {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double>) const { return {}; }
  ScoreArrays arrays(std::span<const double> counts) const;
};

/// Intersection over union of each class, and its mean over the classes that occur or are guessed: outputs
/// [B, classes, …], class numbers [B, …].
struct MeanIoU {
  std::int64_t ignore = -100;

  static constexpr std::array notes = {quix::note<&MeanIoU::ignore>("class number that does not count")};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// Mean absolute and squared error, and R², of numbers. R² is made of sums in double: where targets lie a million times
/// their spread from zero, four digits of it are left.
struct RegressionErrors {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// Area under the receiver operating characteristic: of logits and targets 0 or 1 of one shape, a label [B] or a mask
/// [B, H, W], or several, [B, labels] or [B, labels, H, W], and then their mean; of logits [B, classes, …] and class
/// numbers [B, …] the mean over one class against all others. By histograms of the log-odds with `bins` bins from -12
/// to 12; two samples in one bin count as equal.
struct Auroc {
  int bins = 2048;

  static constexpr std::array notes = {quix::note<&Auroc::bins>("of each histogram", {.min = 2, .max = 1 << 20})};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

namespace detail {

template <class M>
concept SimpleMetric = requires {
  {std::string_view(M::name)};
};
template <class M>
concept CountedMetric = requires(const M& metric, const Counts& counts) {
  { metric.values(counts) } -> std::convertible_to<Totals>;
};

/// The counts of every metric in a policy, one after another, for some samples.
template <class M, class... Targets>
void count_metrics(const M& metric, std::vector<Counts>& out, const at::Tensor& outputs, const Targets&... targets) {
  if constexpr (std::same_as<M, LossOnly>) {
  } else if constexpr (CountedMetric<M>) {
    out.push_back(metric.counts(outputs, targets...));
  } else if constexpr (SimpleMetric<M>) {
    const Measure measure = metric(outputs, targets...);
    out.push_back({measure.sum, measure.weight});
  } else {
    boost::pfr::for_each_field(metric, [&](const auto& field) { count_metrics(field, out, outputs, targets...); });
  }
}

/// What they come to, by name.
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

/// Throws Error where a shape says another number of numbers than there are.
ScoreArrays::value_type checked_array(ScoreArrays::value_type array);

/// What has more than one number, by name: of metrics that have  ScoreArrays arrays(std::span<const double>) const.
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

/// Whether a policy is a metric of one output and targets of these types, or a struct of such.
template <class M, class... Targets>
constexpr bool is_metric() {
  if constexpr (std::same_as<M, LossOnly>)
    return true;
  else if constexpr (CountedMetric<M>)
    return requires(const M& metric, const at::Tensor& outputs, const Targets&... targets) {
      { metric.counts(outputs, targets...) } -> std::convertible_to<Counts>;
    };
  else if constexpr (SimpleMetric<M>)
    return std::is_invocable_r_v<Measure, const M&, const at::Tensor&, const Targets&...>;
  else if constexpr (std::is_aggregate_v<M> && std::is_class_v<M>)
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return sizeof...(I) > 0 && (is_metric<boost::pfr::tuple_element_t<I, M>, Targets...>() && ...);
    }
  (std::make_index_sequence<boost::pfr::tuple_size_v<M>>{});
  else return false;
}

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/metrics.ipp>
#endif
