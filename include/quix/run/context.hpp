#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <ATen/ops/index_select.h>
#include <ATen/ops/tensor.h>
#include <torch/types.h>

#include <quix/cfg/reflect.hpp>
#include <quix/data/loader.hpp>
#include <quix/proc/progress.hpp>
#include <quix/run/run_log.hpp>
#include <quix/torch/tensor.hpp>

// What a model's forward(), a loss and a metric may ask for besides their tensors: as a last parameter. One that asks
// for nothing is called without.
//
//     quix::Loss operator()(const at::Tensor& outputs, const at::Tensor& target,
//                           const quix::StepContext<Photo>& context) const {
//       const double fraction = context.progress.fraction();
//       const auto weights = context.tensor(context.batch.weight);   // another field of the sample
//       if (context.training) context.log.log_image("inputs/first", context.inputs[0][0]);
//       …

namespace quix {

/// Where training stands, for code that does not depend on the samples.
struct StepInfo {
  Progress progress{};      ///< steps before this one, of how many; as schedules see it. Zero where nothing is trained
  std::uint64_t epoch = 0;  ///< from 0
  bool training = false;    ///< else an evaluation
  RunLog log{};
};

namespace detail {

template <class T>
inline constexpr char type_tag = 0;

/// An experiment, whose type is asked for later.
struct AnyExperiment {
  template <class Exp>
  explicit AnyExperiment(const Exp& exp) : value(&exp), tag(&type_tag<Exp>), name(type_name<Exp>()) {}
  const void* value;
  const void* tag;
  std::string_view name;
};

/// Throws Error: the experiment is of another type.
[[noreturn]] inline void refuse_experiment(std::string_view asked, std::string_view is) {
  throw Error("context.experiment", "asks for " + std::string(asked) + ", and the experiment is " + std::string(is));
}

}  // namespace detail

/// The step that a policy is called in, on samples S.
template <class S>
struct StepContext : StepInfo {
  const Batch<S>& batch;               ///< the samples as they were decoded, with all of their fields
  std::span<const at::Tensor> inputs;  ///< what the model is given: on the device, augmented
  detail::AnyExperiment any;

  StepContext(StepInfo info, const Batch<S>& samples, std::span<const at::Tensor> given, detail::AnyExperiment exp)
      : StepInfo(std::move(info)), batch(samples), inputs(given), any(exp) {}

  /// Another field of the samples as a tensor: on the inputs' device, without the samples that could not be decoded. Of
  /// the fields themselves, `batch` has a row for each.
  at::Tensor tensor(const Array& field) const {
    auto out = *field;
    if (!batch.all_good()) out = out.index_select(0, at::tensor(batch.good_rows(), at::kLong));
    return inputs.empty() ? out : out.to(inputs[0].device());
  }

  /// The experiment with all of its options. Throws Error where it is of another type.
  template <class Exp>
  const Exp& experiment() const {
    if (any.tag != &detail::type_tag<Exp>) detail::refuse_experiment(detail::type_name<Exp>(), any.name);
    return *static_cast<const Exp*>(any.value);
  }
};

namespace detail {

/// Calls a function, with the context behind its arguments where it asks for that.
template <class F, class Context, class... A>
decltype(auto) call_with(F&& f, const Context& context, const A&... arguments) {
  if constexpr (std::is_invocable_v<F, const A&...>)
    return f(arguments...);
  else
    return f(arguments..., context);
}

}  // namespace detail
}  // namespace quix
