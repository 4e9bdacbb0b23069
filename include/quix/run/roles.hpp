#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>

#include <torch/types.h>

#include <quix/cfg/reflect.hpp>
#include <quix/data/shards.hpp>
#include <quix/data/task.hpp>
#include <quix/proc/average.hpp>
#include <quix/proc/groups.hpp>
#include <quix/proc/optim.hpp>
#include <quix/proc/precision.hpp>
#include <quix/proc/schedule.hpp>
#include <quix/proc/step.hpp>
#include <quix/run/policies.hpp>
#include <quix/zoo/augment.hpp>
#include <quix/zoo/metrics.hpp>

namespace quix::detail {

template <class S, std::size_t... I>
constexpr std::size_t count_targets(std::index_sequence<I...>) {
  return (std::size_t(0) + ... + (boost::pfr::tuple_element_t<I, S>::use == Use::target));
}

template <class P, std::size_t>
using TensorArgument = const at::Tensor&;

/// Whether a policy can be called with the model's outputs and the targets of a sample S.
template <class P, class S, std::size_t... I>
constexpr bool takes_targets(std::index_sequence<I...>) {
  return std::is_invocable_v<const P&, const at::Tensor&, TensorArgument<P, I>...>;
}
template <class P, class S>
consteval bool scores() {
  constexpr auto all = std::make_index_sequence<boost::pfr::tuple_size_v<S>>{};
  return takes_targets<P, S>(std::make_index_sequence<count_targets<S>(all)>{});
}

template <class M, class S, std::size_t... I>
constexpr bool is_metric_of(std::index_sequence<I...>) {
  return is_metric<M, std::remove_cvref_t<TensorArgument<M, I>>...>();
}
template <class M, class S>
consteval bool scores_metrics() {
  constexpr auto all = std::make_index_sequence<boost::pfr::tuple_size_v<S>>{};
  return is_metric_of<M, S>(std::make_index_sequence<count_targets<S>(all)>{});
}

template <class P>
inline constexpr bool is_precision = Precision<P>;
template <class... P>
inline constexpr bool is_precision<Choice<P...>> = (Precision<P> && ...);
template <class A>
inline constexpr bool is_average = Average<A>;
template <class... A>
inline constexpr bool is_average<Choice<A...>> = (Average<A> && ...);
template <class S>
inline constexpr bool is_step = false;
template <class C>
inline constexpr bool is_step<Eager<C>> = true;

template <class M>
concept ModelPolicy = requires(const M& model, const TaskInfo& task) {
  model.build(task)->parameters();
};

/// Says, once and in words, which policy of an experiment cannot play its role. `S`: the sample.
template <class Exp, class S>
consteval bool check_roles() {
  constexpr bool model = ModelPolicy<std::remove_cvref_t<decltype(std::declval<Exp&>().model)>>;
  static_assert(model,
                "quix: 'model' is no model policy. It needs  auto build(const quix::TaskInfo& task) const,  which "
                "returns a module: torch::nn::Sequential, or a holder of your own.");
  constexpr bool optim = [] {
    if constexpr (requires(Exp & e) { e.optim; })
      return Optimizer<std::remove_cvref_t<decltype(std::declval<Exp&>().optim)>>;
    else
      return true;
  }();
  static_assert(optim,
                "quix: 'optim' is no optimizer policy. It needs a field 'lr' and  auto build(const "
                "quix::ParameterGroups& groups) const,  whose result has step(double rate) and state(). For "
                "example:  quix::AdamW optim{.lr = 1e-3f};");
  constexpr bool schedule = [] {
    if constexpr (requires(Exp & e) { e.schedule; })
      return Schedule<std::remove_cvref_t<decltype(std::declval<Exp&>().schedule)>>;
    else
      return true;
  }();
  static_assert(schedule,
                "quix: 'schedule' is no schedule policy. It needs  double factor(const quix::Progress& progress) "
                "const.  For example:  quix::Cosine schedule{};");
  constexpr bool loss = [] {
    if constexpr (requires(Exp & e) { e.loss; })
      return scores<std::remove_cvref_t<decltype(std::declval<Exp&>().loss)>, S>();
    else
      return true;
  }();
  static_assert(loss,
                "quix: 'loss' is no loss policy. It needs  quix::Loss operator()(const at::Tensor& outputs, const "
                "at::Tensor& target) const,  with one target for each target field of the sample.");
  constexpr bool augment = [] {
    if constexpr (requires(Exp & e) { e.augment; })
      return is_augmentation<std::remove_cvref_t<decltype(std::declval<Exp&>().augment)>>;
    else
      return true;
  }();
  static_assert(augment,
                "quix: 'augment' is no augmentation. It needs  at::Tensor operator()(const at::Tensor& images) "
                "const,  or is a struct of steps. For example:  quix::Normalize augment{};  or  quix::ImageAugment "
                "augment{};");
  constexpr bool metrics = [] {
    if constexpr (requires(Exp & e) { e.metrics; }) {
      using P = std::remove_cvref_t<decltype(std::declval<Exp&>().metrics)>;
      return scores_metrics<P, S>();
    } else {
      return true;
    }
  }();
  static_assert(
      metrics,
      "quix: 'metrics' is no metric, and no struct of metrics. A metric needs  static constexpr const char* name,  "
      "and  quix::Measure operator()(const at::Tensor& outputs, const at::Tensor& target) const.");
  constexpr bool precision = [] {
    if constexpr (requires(Exp & e) { e.precision; })
      return is_precision<std::remove_cvref_t<decltype(std::declval<Exp&>().precision)>>;
    else
      return true;
  }();
  static_assert(precision,
                "quix: 'precision' is no precision policy. For example:  quix::Bf16 precision{};  or  "
                "quix::Choice<quix::Fp32, quix::Bf16> precision{};");
  constexpr bool average = [] {
    if constexpr (requires(Exp & e) { e.average; })
      return is_average<std::remove_cvref_t<decltype(std::declval<Exp&>().average)>>;
    else
      return true;
  }();
  static_assert(average,
                "quix: 'average' is no averaging policy. For example:  quix::Ema average{.decay_rate = 0.999f};");
  constexpr bool step = [] {
    if constexpr (requires(Exp & e) { e.step; })
      return is_step<std::remove_cvref_t<decltype(std::declval<Exp&>().step)>>;
    else
      return true;
  }();
  static_assert(step,
                "quix: 'step' is no step policy. For example:  quix::Eager<quix::ClipNorm> step{.accumulate = 4};");
  constexpr bool groups = [] {
    if constexpr (requires(Exp & e) { e.groups; })
      return std::is_same_v<std::remove_cvref_t<decltype(std::declval<Exp&>().groups)>, Groups>;
    else
      return true;
  }();
  static_assert(groups, "quix: 'groups' must be quix::Groups. Call your own options otherwise.");
  constexpr bool train = [] {
    if constexpr (requires(Exp & e) { e.train; })
      return std::is_same_v<std::remove_cvref_t<decltype(std::declval<Exp&>().train)>, Train>;
    else
      return true;
  }();
  static_assert(train, "quix: 'train' must be quix::Train: epochs, batch_size, seed. Call your own options otherwise.");
  constexpr bool checkpoint = [] {
    if constexpr (requires(Exp & e) { e.checkpoint; })
      return std::is_same_v<std::remove_cvref_t<decltype(std::declval<Exp&>().checkpoint)>, Checkpoint>;
    else
      return true;
  }();
  static_assert(checkpoint, "quix: 'checkpoint' must be quix::Checkpoint. Call your own options otherwise.");
  constexpr bool log = [] {
    if constexpr (requires(Exp & e) { e.log; })
      return std::is_same_v<std::remove_cvref_t<decltype(std::declval<Exp&>().log)>, Log>;
    else
      return true;
  }();
  static_assert(log, "quix: 'log' must be quix::Log. Call your own options otherwise.");
  return model && optim && schedule && loss && augment && metrics && precision && average && step && groups && train &&
         checkpoint && log;
}

}  // namespace quix::detail
