#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/pfr/core.hpp>

#include <torch/types.h>

#include <quix/cfg/reflect.hpp>
#include <quix/data/loader.hpp>
#include <quix/data/task.hpp>
#include <quix/proc/augment.hpp>
#include <quix/proc/average.hpp>
#include <quix/proc/groups.hpp>
#include <quix/proc/metric.hpp>
#include <quix/proc/precision.hpp>
#include <quix/proc/step.hpp>
#include <quix/run/context.hpp>
#include <quix/run/model.hpp>

// Whether a policy fits its role, and the sentence when it does not.

namespace quix::detail {

template <class S, Use U, std::size_t... I>
constexpr std::size_t count_fields(std::index_sequence<I...>) {
  return (std::size_t(0) + ... + (boost::pfr::tuple_element_t<I, S>::use == U));
}

template <class P, std::size_t>
using TensorArgument = const at::Tensor&;

/// How a loss policy is called, and with what.
enum class LossFit { fits, cannot_be_called, returns_another_type, branches_differ };

template <class R>
constexpr LossFit fit_of_result() {
  return std::is_same_v<R, Loss> || std::is_same_v<R, at::Tensor> ? LossFit::fits : LossFit::returns_another_type;
}
/// What a loss returns for arguments, or for them and a context.
template <class P, class Context, class... A>
constexpr auto loss_result() {
  if constexpr (std::is_invocable_v<const P&, A...>)
    return std::type_identity<std::invoke_result_t<const P&, A...>>{};
  else if constexpr (std::is_invocable_v<const P&, A..., const Context&>)
    return std::type_identity<std::invoke_result_t<const P&, A..., const Context&>>{};
  else
    return std::type_identity<void>{};
}
template <class P, class Context, class... A>
using LossResult = typename decltype(loss_result<P, Context, A...>())::type;

template <class P, class Context, class... A>
constexpr LossFit loss_fit() {
  using R = LossResult<P, Context, A...>;
  if constexpr (std::is_invocable_v<const P&, A...> || std::is_invocable_v<const P&, A..., const Context&>)
    return fit_of_result<R>();
  else
    return LossFit::cannot_be_called;
}
/// Of a Choice its branches are asked: the call of one whose branches differ does not compile.
template <class... B>
struct BranchLosses;
template <class... B>
struct BranchLosses<std::tuple<B...>> {
  template <class Context, class... A>
  static constexpr LossFit fit() {
    for (const auto one : {loss_fit<B, Context, A...>()...})
      if (one != LossFit::fits) return one;
    constexpr int tensors = (0 + ... + std::is_same_v<LossResult<B, Context, A...>, at::Tensor>);
    return tensors != 0 && tensors != sizeof...(B) ? LossFit::branches_differ : LossFit::fits;
  }
};
template <class P, class S, class Outputs, std::size_t... I>
constexpr LossFit loss_fit_of(std::index_sequence<I...>) {
  using Context = StepContext<S>;
  if constexpr (IsChoice<P>)
    return BranchLosses<typename ChoiceOf<P>::Shadow>::template fit<Context, const Outputs&, TensorArgument<P, I>...>();
  else
    return loss_fit<P, Context, const Outputs&, TensorArgument<P, I>...>();
}
template <class S>
using TargetsOf =
    std::make_index_sequence<count_fields<S, Use::target>(std::make_index_sequence<boost::pfr::tuple_size_v<S>>{})>;
template <class S>
using InputsOf =
    std::make_index_sequence<count_fields<S, Use::input>(std::make_index_sequence<boost::pfr::tuple_size_v<S>>{})>;
template <class M, class S, std::size_t... I>
constexpr bool takes_inputs_of(std::index_sequence<I...>) {
  return takes_inputs<typename ModelOf<M>::type, StepContext<S>, std::remove_cvref_t<TensorArgument<M, I>>...>;
}
/// Whether what a policy builds takes the inputs of a sample S.
template <class M, class S>
inline constexpr bool forwards = takes_inputs_of<M, S>(InputsOf<S>{});
template <class M, class S, std::size_t... I>
auto outputs_of(std::index_sequence<I...>) ->
    typename OutputsOf<typename ModelOf<M>::type, StepContext<S>,
                       std::tuple<std::remove_cvref_t<TensorArgument<M, I>>...>>::type;
/// Whether the model of a policy returns one tensor. Of another type, a loss is asked where it is called.
template <class M, class S>
inline constexpr bool returns_tensor = std::is_same_v<decltype(outputs_of<M, S>(InputsOf<S>{})), at::Tensor>;

template <class P, class S, class Outputs, std::size_t... I>
constexpr auto loss_result_of(std::index_sequence<I...>) {
  if constexpr (IsChoice<P>)
    return std::type_identity<Loss>{};  // of some branch
  else
    return std::type_identity<LossResult<P, StepContext<S>, const Outputs&, TensorArgument<P, I>...>>{};
}
/// What a loss policy returns.
template <class P, class S, class Outputs>
using LossResultOf = typename decltype(loss_result_of<P, S, Outputs>(TargetsOf<S>{}))::type;

/// Whether a policy can be called with what a model returns and the targets of a sample S.
template <class P, class S, class Outputs = at::Tensor>
inline constexpr LossFit fit_of_loss = loss_fit_of<P, S, Outputs>(TargetsOf<S>{});

template <class M, class S, class Outputs, std::size_t... I>
constexpr bool is_metric_of(std::index_sequence<I...>) {
  return is_metric<M, StepContext<S>, Outputs, std::remove_cvref_t<TensorArgument<M, I>>...>();
}
template <class M, class S, class Outputs = at::Tensor>
consteval bool scores_metrics() {
  return is_metric_of<M, S, Outputs>(TargetsOf<S>{});
}

template <class P>
inline constexpr bool is_precision = Precision<P>;
template <class... P>
inline constexpr bool is_precision<Choice<P...>> = (Precision<P> && ...);
template <class A>
inline constexpr bool is_average = Average<A>;
template <class... A>
inline constexpr bool is_average<Choice<A...>> = (Average<A> && ...);
template <class M>
concept ModelPolicy = requires(const M& model, const TaskInfo& task) {
  model.build(task)->parameters();
};
template <class M>
inline constexpr bool is_model = ModelPolicy<M>;
template <class... M>
inline constexpr bool is_model<Choice<M...>> = (ModelPolicy<M> && ...);

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
            ") is not a transform. A transform has  void apply(quix::ImageSample& views, quix::Rng& draws) const,  or  "
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

/// Whether a policy has an option of a type, or of one that converts to it.
template <class To, class From>
inline constexpr bool converts = std::is_convertible_v<const From&, To>;

/// What a policy lacks to be a data policy on samples `P::sample`, as a declaration to write; empty when nothing.
template <class P>
constexpr std::string_view missing_of_data() {
  if constexpr (!requires { typename P::sample; }) {
    return "using sample = …;  the struct of a sample's codecs";
  } else {
    using S = typename P::sample;
    if constexpr (!requires(const P& p) {
                    { p.open("train") } -> std::derived_from<Split<S>>;
                  })
      return "quix::Split<sample> open(std::string_view split) const";
    else if constexpr (!requires(const P& p) {
                         { p.has("val") } -> std::convertible_to<bool>;
                       })
      return "bool has(std::string_view split) const";
    else if constexpr (!requires(const P& p, const Split<S>& split) {
                         { p.order(split, std::uint64_t{}, std::uint64_t{}) } -> std::convertible_to<Order>;
                       })
      return "quix::Order order(const quix::Split<sample>& split, std::uint64_t seed, std::uint64_t epoch) const";
    else if constexpr (!requires(const P& p) {
                         requires converts < std::optional<int>,
                         decltype(p.threads) > ;
                       })
      return "std::optional<int> threads{}";
    else if constexpr (!requires(const P& p) { requires converts<int, decltype(p.prefetch)>; })
      return "int prefetch = 2";
    else if constexpr (!requires(const P& p) { requires converts<OnError, decltype(p.on_error)>; })
      return "quix::OnError on_error = quix::OnError::stop";
    else
      return {};
  }
}

/// The same of the roles that are options alone.
template <class P>
constexpr std::string_view missing_of_train() {
  if constexpr (!requires(const P& p) { requires converts<int, decltype(p.epochs)>; })
    return "int epochs = 10";
  else if constexpr (!requires(const P& p) { requires converts<int, decltype(p.batch_size)>; })
    return "int batch_size = 128";
  else if constexpr (!requires(const P& p) { requires converts<std::uint64_t, decltype(p.seed)>; })
    return "std::uint64_t seed = 42";
  else if constexpr (!requires(const P& p) { requires converts<bool, decltype(p.drop_last)>; })
    return "bool drop_last = false";
  else if constexpr (!requires(const P& p) { requires converts<std::string, decltype(p.device)>; })
    return "std::string device = \"auto\"";
  else
    return {};
}
template <class P>
constexpr std::string_view missing_of_checkpoint() {
  if constexpr (!requires(const P& p) { requires converts<int, decltype(p.every_epochs)>; })
    return "int every_epochs = 1";
  else if constexpr (!requires(const P& p) { requires converts<int, decltype(p.every_steps)>; })
    return "int every_steps = 0";
  else if constexpr (!requires(const P& p) { requires converts<int, decltype(p.keep)>; })
    return "int keep = 2";
  else
    return {};
}
template <class P>
constexpr std::string_view missing_of_log() {
  if constexpr (!requires(const P& p) { requires converts<int, decltype(p.every_steps)>; })
    return "int every_steps = 50";
  else if constexpr (!requires(const P& p) { requires converts<bool, decltype(p.progress)>; })
    return "bool progress = true";
  else
    return {};
}
template <class P>
constexpr std::string_view missing_of_groups() {
  return GroupsPolicy<P> ? std::string_view{}
                         : "quix::ParameterGroups split(const quix::NamedTensors& parameters) const";
}
template <class P>
constexpr std::string_view missing_of_step() {
  if constexpr (!requires(const P& p) { requires converts<int, decltype(p.accumulate)>; })
    return "int accumulate = 1";
  else if constexpr (!requires(const P& p) { p.clip; })
    return "quix::ClipNorm clip{}";
  else if constexpr (!requires(const P& p) { requires converts<NonFinite, decltype(p.non_finite)>; })
    return "quix::NonFinite non_finite{}";
  else if constexpr (!requires(const P& p) { requires converts<bool, decltype(p.cuda_graph)>; })
    return "bool cuda_graph = false";
  else
    return {};
}

/// Stops the compiler with a sentence where a policy of a role lacks a declaration.
template <class P>
constexpr Verdict lacks(std::string_view role, std::string_view missing, std::string_view example) {
  Verdict verdict;
  if (missing.empty()) return verdict;
  verdict.say("quix: ");
  verdict.say(role);
  verdict.say(" is ");
  verdict.say(type_name<P>());
  verdict.say(", which lacks, or declares differently,  ");
  verdict.say(missing);
  verdict.say(".  ");
  verdict.say(example);
  return verdict;
}

/// The sentence about a step policy.
template <class P>
constexpr Verdict step_verdict() {
  constexpr auto missing = missing_of_step<P>();
  Verdict verdict = lacks<P>("step", missing, "For example:  quix::TrainStep<quix::ClipNorm> step{.accumulate = 4}");
  if constexpr (missing.empty())
    if constexpr (!is_clip<std::remove_cvref_t<decltype(P::clip)>>) {
      verdict.say("quix: step clips by ");
      verdict.say(type_name<decltype(P::clip)>());
      verdict.say(
          ", which is not a clipping policy. It needs  double operator()(quix::Gradients& gradients, double divide, "
          "double norm) const.  There are quix::NoClip, quix::ClipNorm, quix::ClipValue and quix::ClipAdaptive, or a "
          "quix::Choice of them");
    }
  return verdict;
}

}  // namespace quix::detail
