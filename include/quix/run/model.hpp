#pragma once

#include <memory>
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
  template <class... X>
  auto forward(const X&... x) const {
    const auto call = [&](auto& holder) { return holder->forward(x...); };
    return visit_branch(holder_, call);
  }

 private:
  static constexpr auto reference_ = [](auto& holder) -> torch::nn::Module& { return *holder; };
  mutable std::variant<Holder...> holder_;  // constant, it gives modules to change, as a pointer does
};

template <class M, class... X>
auto call_model(M& model, const X&... x) {
  return model->forward(x...);
}
template <class... H, class... X>
auto call_model(OneOfModels<H...>& model, const X&... x) {
  return model.forward(x...);
}

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
