#pragma once

#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <torch/nn/module.h>

#include <quix/cfg/choice.hpp>
#include <quix/data/task.hpp>

// What a model policy builds, whatever the policy: a module, whose forward() is called with its own type.

namespace quix::detail {

/// One of several models, whose module holders differ in type: the branches of a Choice.
template <class... Holder>
class OneOfModels {
 public:
  template <class H>
  explicit OneOfModels(H holder) : holder_(std::move(holder)) {}

  torch::nn::Module* operator->() const { return &**this; }
  torch::nn::Module& operator*() const { return visit_branch(holder_, reference_); }
  template <class F>
  decltype(auto) visit(const F& f) const {
    return visit_branch(holder_, f);
  }

 private:
  static constexpr auto reference_ = [](auto& holder) -> torch::nn::Module& { return *holder; };
  mutable std::variant<Holder...> holder_;  // constant, it gives modules to change, as a pointer does
};

/// Whether a model's forward() takes inputs, alone or with a context behind them.
template <class M, class Context, class... X>
inline constexpr bool takes_inputs = requires(M& model, const X&... x) {
  model->forward(x...);
}
|| requires(M& model, const Context& context, const X&... x) { model->forward(x..., context); };
template <class... H, class Context, class... X>
inline constexpr bool takes_inputs<OneOfModels<H...>, Context, X...> = (takes_inputs<H, Context, X...> && ...);

/// What a model's forward() returns for inputs, and for the context where it asks for that.
template <class M, class Context, class... X>
auto call_model(M& model, const Context& context, const X&... x) {
  if constexpr (requires { model->forward(x...); })
    return model->forward(x...);
  else
    return model->forward(x..., context);
}
template <class... H, class Context, class... X>
auto call_model(OneOfModels<H...>& model, const Context& context, const X&... x) {
  return model.visit([&](auto& holder) { return call_model(holder, context, x...); });
}

template <class M, class Context, class Inputs>
struct OutputsOf;
template <class M, class Context, class... X>
struct OutputsOf<M, Context, std::tuple<X...>> {
  using type = decltype(call_model(std::declval<M&>(), std::declval<const Context&>(), std::declval<const X&>()...));
};

/// Whether a model, or a branch of one, asks for the context.
template <class M, class... X>
inline constexpr bool asks_for_context = !requires(M & model, const X&... x) {
  model->forward(x...);
};
template <class... H, class... X>
inline constexpr bool asks_for_context<OneOfModels<H...>, X...> = (asks_for_context<H, X...> || ...);

/// The types without those that come again.
template <class List, class... T>
struct Distinct {
  using type = List;
};
template <class... Known, class First, class... Rest>
struct Distinct<OneOfModels<Known...>, First, Rest...>
    : Distinct<std::conditional_t<(std::is_same_v<First, Known> || ...), OneOfModels<Known...>,
                                  OneOfModels<Known..., First>>,
               Rest...> {};

template <class P>
struct ModelOf {
  using type = decltype(std::declval<const P&>().build(std::declval<const TaskInfo&>()));
};
template <class... P>
struct ModelOf<Choice<P...>> {
  using type = typename Distinct<OneOfModels<>, typename ModelOf<P>::type...>::type;
};

template <class P>
typename ModelOf<P>::type build_model(const P& policy, const TaskInfo& task) {
  return with_policy(policy, [&](const auto& one) { return typename ModelOf<P>::type(one.build(task)); });
}

}  // namespace quix::detail
