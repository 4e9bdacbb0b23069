#pragma once

#include <concepts>
#include <string_view>
#include <tuple>
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

/// How a loss policy is called, and with what.
enum class LossFit { fits, cannot_be_called, returns_another_type, branches_differ };

template <class P, class... A>
constexpr LossFit loss_fit() {
  if constexpr (!std::is_invocable_v<const P&, A...>) {
    return LossFit::cannot_be_called;
  } else {
    using R = std::invoke_result_t<const P&, A...>;
    return std::is_same_v<R, Loss> || std::is_same_v<R, at::Tensor> ? LossFit::fits : LossFit::returns_another_type;
  }
}
/// Of a Choice its branches are asked: the call of one whose branches differ does not compile.
template <class... B>
struct BranchLosses;
template <class... B>
struct BranchLosses<std::tuple<B...>> {
  template <class... A>
  static constexpr LossFit fit() {
    for (const auto one : {loss_fit<B, A...>()...})
      if (one != LossFit::fits) return one;
    if constexpr ((std::is_invocable_v<const B&, A...> && ...)) {
      constexpr int tensors = (0 + ... + std::is_same_v<std::invoke_result_t<const B&, A...>, at::Tensor>);
      if (tensors != 0 && tensors != sizeof...(B)) return LossFit::branches_differ;
    }
    return LossFit::fits;
  }
};
template <class P, class S, std::size_t... I>
constexpr LossFit loss_fit_of(std::index_sequence<I...>) {
  if constexpr (IsChoice<P>)
    return BranchLosses<typename ChoiceOf<P>::Shadow>::template fit<const at::Tensor&, TensorArgument<P, I>...>();
  else
    return loss_fit<P, const at::Tensor&, TensorArgument<P, I>...>();
}
template <class S>
using TargetsOf = std::make_index_sequence<count_targets<S>(std::make_index_sequence<boost::pfr::tuple_size_v<S>>{})>;
/// Whether a policy can be called with the model's outputs and the targets of a sample S.
template <class P, class S>
inline constexpr LossFit fit_of_loss = loss_fit_of<P, S>(TargetsOf<S>{});

template <class M, class S, std::size_t... I>
constexpr bool is_metric_of(std::index_sequence<I...>) {
  return is_metric<M, std::remove_cvref_t<TensorArgument<M, I>>...>();
}
template <class M, class S>
consteval bool scores_metrics() {
  return is_metric_of<M, S>(TargetsOf<S>{});
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

/// The sentence about what keeps a type from being an augmentation.
template <class A>
constexpr Verdict augment_verdict() {
  Verdict verdict = steps_verdict<A>();
  if (!verdict.ok || is_augmentation<A>) return verdict;
  if constexpr (std::is_aggregate_v<A> && std::is_class_v<A>) [&]<std::size_t... I>(std::index_sequence<I...>) {
      const auto check = [&]<class O>(std::string_view name, O*) {
        if (!verdict.ok || is_step_of_augmentation<O>) return;
        verdict.say("quix: augment.");
        verdict.say(name);
        verdict.say(" (");
        verdict.say(type_name<O>());
        verdict.say(
            ") is not a transform. A transform has  void apply(quix::Views& views, quix::Draws& draws) const,  or  "
            "at::Tensor "
            "operator()(const at::Tensor& images) const");
      };
      (check(names<A>[I], static_cast<boost::pfr::tuple_element_t<I, A>*>(nullptr)), ...);
    }
  (std::make_index_sequence<boost::pfr::tuple_size_v<A>>{});
  if (verdict.ok)
    verdict.say(
        "quix: augment is not an augmentation. It needs  at::Tensor operator()(const at::Tensor& images) const,  or is "
        "a "
        "struct of transforms. For example:  quix::Normalize augment{};  or  quix::ImageAugment augment{}");
  return verdict;
}
template <class A>
consteval bool check_augment() {
  constexpr auto verdict = augment_verdict<A>();
  if constexpr (!verdict.ok) (void)sizeof(Report<verdict>);
  return verdict.ok;
}

/// The sentence about a step policy.
template <class P>
constexpr Verdict step_verdict() {
  Verdict verdict;
  if constexpr (!is_step<P>) {
    verdict.say("quix: step is not a step policy. For example:  quix::Eager<quix::ClipNorm> step{.accumulate = 4}");
  } else if constexpr (!is_clip<decltype(P::clip)>) {
    verdict.say("quix: step clips by ");
    verdict.say(type_name<decltype(P::clip)>());
    verdict.say(
        ", which is not a clipping policy. There are quix::NoClip, quix::ClipNorm, quix::ClipValue and "
        "quix::ClipAdaptive, "
        "or a quix::Choice of them");
  }
  return verdict;
}
template <class P>
consteval bool check_step() {
  constexpr auto verdict = step_verdict<P>();
  if constexpr (!verdict.ok) (void)sizeof(Report<verdict>);
  return verdict.ok;
}

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
  constexpr LossFit loss_fit = [] {
    if constexpr (requires(Exp & e) { e.loss; })
      return fit_of_loss<std::remove_cvref_t<decltype(std::declval<Exp&>().loss)>, S>;
    else
      return LossFit::fits;
  }();
  constexpr bool loss = loss_fit == LossFit::fits;
  static_assert(
      loss_fit != LossFit::returns_another_type,
      "quix: 'loss' returns another type than  quix::Loss,  a sum and a weight, or  at::Tensor,  the mean over "
      "the batch.");
  static_assert(loss_fit != LossFit::branches_differ,
                "quix: some branches of the Choice 'loss' return quix::Loss, others at::Tensor. Make them one type.");
  static_assert(loss_fit != LossFit::cannot_be_called,
                "quix: 'loss' is no loss policy. It needs  quix::Loss operator()(const at::Tensor& outputs, const "
                "at::Tensor& target) const,  with one target for each target field of the sample.");
  constexpr bool augment = [] {
    if constexpr (requires(Exp & e) { e.augment; })
      return check_augment<std::remove_cvref_t<decltype(std::declval<Exp&>().augment)>>();
    else
      return true;
  }();
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
      return check_step<std::remove_cvref_t<decltype(std::declval<Exp&>().step)>>();
    else
      return true;
  }();
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
