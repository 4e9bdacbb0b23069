#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include <boost/hana/tuple.hpp>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/text.hpp>
#include <quix/detail/refused.hpp>
#include <quix/proc/average.hpp>
#include <quix/proc/optim.hpp>
#include <quix/proc/precision.hpp>
#include <quix/proc/schedule.hpp>
#include <quix/run/fits.hpp>
#include <quix/run/policies.hpp>
#include <quix/zoo/augment.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/metrics.hpp>

// The roles of an experiment, each described here and nowhere else. A role is found by the name of a member:
//
//     struct Referee {
//       static constexpr Literal name = "referee";                               // the member
//       static constexpr std::array<std::string_view, 1> others = {"judge"};     // what it is called elsewhere
//       template <class S> using Default = Fair;                                 // without it; void: there is none
//       template <class P, class S> static constexpr bool fits = Judges<P>;      // P: the policy, S: the sample
//       template <class P, class S> static consteval bool check() {              // the sentence when it does not
//         static_assert(fits<P, S>, "quix: 'referee' is no referee. It needs  bool decide() const.");
//         return fits<P, S>;
//       }
//     };
//
// Config<Exp>[Referee{}] is then the policy. Optional: `missing<Exp>()` says that an experiment needs the role;
// `known<P>` which types alone show the role under another name, where `fits` would take too much for it; `in_group`
// that Default is a group whose one field is the policy (a Choice, which has its note there); `choosable` that a Choice
// can play it; `takes_outputs` that it is called with what the model returns; `other` is the policy that a sentence
// names besides the program's own, where somebody wants to choose and there is no Choice.

namespace quix {

/// The default roles that are choices, each as the one field of a group.
struct DefaultPrecision {
  Choice<Fp32, Bf16, Fp16> precision{};
  static constexpr std::array notes = {
      quix::note<&DefaultPrecision::precision>("forward-pass precision; bf16, fp16: autocast, float32 weights")};
};
struct DefaultAverage {
  Choice<NoAverage, Ema, Swa> average{};
  static constexpr std::array notes = {
      quix::note<&DefaultAverage::average>("weight averaging; evaluation uses the average")};
};

namespace detail {

/// Whether some field of a sample is a class number.
template <class S>
consteval bool has_class() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return (is_class_field<boost::pfr::tuple_element_t<I, S>> || ...);
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<S>>{});
}

/// Stops the compiler with a verdict's sentence.
template <Verdict verdict>
consteval bool stop_unless_ok() {
  if constexpr (!verdict.ok) (void)sizeof(Report<verdict>);
  return verdict.ok;
}

}  // namespace detail

namespace role {

struct Data {
  static constexpr Literal name = "data";
  static constexpr std::array<std::string_view, 3> others = {"dataset", "datasets", "dataloader"};
  template <class S>
  using Default = void;
  template <class P, class S>
  static constexpr bool fits = detail::missing_of_data<P>().empty();
  template <class P, class S>
  static consteval bool check() {
    return detail::stop_unless_ok<detail::lacks<P>("data", detail::missing_of_data<P>(),
                                                   "For example:  quix::Shards<Sample> data{}")>();
  }
  template <class Exp>
  static consteval bool missing() {
    static_assert(detail::refused<Exp>,
                  "quix: the experiment has no member 'data'. Add a dataset, for example:  quix::Shards<Sample> "
                  "data{.path = \"fashion-mnist\"};");
    return false;
  }
};

struct Augment {
  static constexpr Literal name = "augment";
  static constexpr std::array<std::string_view, 4> others = {"augmentation", "augmentations", "transform",
                                                             "transforms"};
  template <class S>
  using Default = Normalize;
  template <class P, class S>
  static constexpr bool fits = detail::is_augmentation<P>;
  template <class P, class S>
  static consteval bool check() {
    return detail::stop_unless_ok<detail::augment_verdict<P>()>();
  }
};

struct Model {
  static constexpr Literal name = "model";
  static constexpr bool choosable = true;
  static constexpr std::array<std::string_view, 2> others = {"net", "network"};
  template <class S>
  using Default = void;
  template <class P, class S>
  static constexpr bool fits = detail::is_model<P>;
  template <class P, class S>
  static consteval bool check() {
    static_assert(fits<P, S>,
                  "quix: 'model' is no model policy. It needs  auto build(const quix::TaskInfo& task) const,  which "
                  "returns a module: torch::nn::Sequential, or a holder of your own.");
    if constexpr (fits<P, S>) {
      constexpr bool forwards = detail::forwards<P, S>;
      static_assert(forwards,
                    "quix: the forward() of 'model' does not take the inputs of the sample: an at::Tensor for each of "
                    "its input fields and, where it asks for it, a  const quix::StepContext<Sample>&  behind them.");
      return forwards;
    }
    return false;
  }
  template <class Exp>
  static consteval bool missing() {
    static_assert(detail::refused<Exp>,
                  "quix: the experiment has no member 'model'. Add a model policy: a struct with options and  auto "
                  "build(const quix::TaskInfo& task) const");
    return false;
  }
};

struct Loss {
  static constexpr Literal name = "loss";
  static constexpr bool takes_outputs = true;
  static constexpr bool choosable = true;
  static constexpr std::array<std::string_view, 3> others = {"criterion", "loss_fn", "losses"};
  template <class S>
  using Default = std::conditional_t<detail::has_class<S>(), CrossEntropy, void>;
  template <class P, class S>
  static constexpr bool fits = detail::fit_of_loss<P, S> == detail::LossFit::fits;
  template <class P, class S>
  static consteval bool check() {
    using enum detail::LossFit;
    constexpr auto fit = detail::fit_of_loss<P, S>;
    static_assert(
        fit != returns_another_type,
        "quix: 'loss' returns another type than  quix::Loss,  a sum and a weight, or  at::Tensor,  the mean over "
        "the batch.");
    static_assert(fit != branches_differ,
                  "quix: some branches of the Choice 'loss' return quix::Loss, others at::Tensor. Make them one type.");
    static_assert(fit != cannot_be_called,
                  "quix: 'loss' is no loss policy. It needs  quix::Loss operator()(const at::Tensor& outputs, const "
                  "at::Tensor& target) const,  with one target for each target field of the sample.");
    return fit == detail::LossFit::fits;
  }
  template <class Exp>
  static consteval bool missing() {
    static_assert(detail::refused<Exp>,
                  "quix: the samples have no class, so there is no default loss. Add one, for example:  MyLoss loss{}; "
                  " with  quix::Loss operator()(outputs, targets…) const");
    return false;
  }
};

struct Optim {
  static constexpr Literal name = "optim";
  static constexpr bool choosable = true;
  static constexpr std::array<std::string_view, 4> others = {"optimizer", "optimiser", "optimizers", "opt"};
  template <class S>
  using Default = AdamW;
  template <class P, class S>
  static constexpr bool fits = Optimizer<P>;
  template <class P, class S>
  static consteval bool check() {
    static_assert(fits<P, S>,
                  "quix: 'optim' is no optimizer policy. It needs a field 'lr' and  auto build(const "
                  "quix::ParameterGroups& groups) const,  whose result has step(double rate) and state(). For "
                  "example:  quix::AdamW optim{.lr = 1e-3f};");
    return fits<P, S>;
  }
};

struct Schedule {
  static constexpr Literal name = "schedule";
  static constexpr bool choosable = true;
  static constexpr std::array<std::string_view, 3> others = {"scheduler", "lr_schedule", "lr_scheduler"};
  template <class S>
  using Default = Constant;
  template <class P, class S>
  static constexpr bool fits = quix::Schedule<P>;
  template <class P, class S>
  static consteval bool check() {
    static_assert(fits<P, S>,
                  "quix: 'schedule' is no schedule policy. It needs  double factor(const quix::Progress& progress) "
                  "const.  For example:  quix::Cosine schedule{};");
    return fits<P, S>;
  }
};

struct Groups {
  static constexpr Literal name = "groups";
  static constexpr std::array<std::string_view, 3> others = {"group", "param_groups", "parameter_groups"};
  template <class S>
  using Default = quix::Groups;
  template <class P, class S>
  static constexpr bool fits = detail::missing_of_groups<P>().empty();
  template <class P, class S>
  static consteval bool check() {
    return detail::stop_unless_ok<detail::lacks<P>("groups", detail::missing_of_groups<P>(),
                                                   "For example:  quix::Groups groups{}")>();
  }
};

struct Precision {
  static constexpr Literal name = "precision";
  static constexpr bool choosable = true;
  static constexpr std::array<std::string_view, 2> others = {"amp", "autocast"};
  template <class S>
  using Default = DefaultPrecision;
  static constexpr bool in_group = true;
  static constexpr const char* other = "Fp32";
  template <class P, class S>
  static constexpr bool fits = detail::is_precision<P>;
  template <class P, class S>
  static consteval bool check() {
    static_assert(fits<P, S>,
                  "quix: 'precision' is no precision policy. For example:  quix::Bf16 precision{};  or  "
                  "quix::Choice<quix::Fp32, quix::Bf16> precision{};");
    return fits<P, S>;
  }
};

struct Average {
  static constexpr Literal name = "average";
  static constexpr bool choosable = true;
  static constexpr std::array<std::string_view, 3> others = {"ema", "swa", "averaging"};
  template <class S>
  using Default = DefaultAverage;
  static constexpr bool in_group = true;
  static constexpr const char* other = "NoAverage";
  template <class P, class S>
  static constexpr bool fits = detail::is_average<P>;
  template <class P, class S>
  static consteval bool check() {
    static_assert(fits<P, S>,
                  "quix: 'average' is no averaging policy. For example:  quix::Ema average{.decay = 0.999f};");
    return fits<P, S>;
  }
};

struct Step {
  static constexpr Literal name = "step";
  static constexpr std::array<std::string_view, 1> others = {"training_step"};
  template <class S>
  using Default = TrainStep<>;
  template <class P, class S>
  static constexpr bool fits = detail::step_verdict<P>().ok;
  template <class P, class S>
  static consteval bool check() {
    return detail::stop_unless_ok<detail::step_verdict<P>()>();
  }
};

struct Metrics {
  static constexpr Literal name = "metrics";
  static constexpr bool takes_outputs = true;
  static constexpr std::array<std::string_view, 1> others = {"metric"};
  template <class S>
  using Default = std::conditional_t<detail::has_class<S>(), Accuracy, LossOnly>;
  template <class P, class S>
  static constexpr bool fits = detail::scores_metrics<P, S>();
  template <class P, class S>
  static consteval bool check() {
    static_assert(
        fits<P, S>,
        "quix: 'metrics' is no metric, and no struct of metrics. A metric needs  static constexpr const char* name,  "
        "and  quix::Measure operator()(const at::Tensor& outputs, const at::Tensor& target) const.");
    return fits<P, S>;
  }
};

struct Train {
  static constexpr Literal name = "train";
  static constexpr std::array<std::string_view, 2> others = {"training", "trainer"};
  template <class S>
  using Default = quix::Train;
  template <class P>
  static constexpr bool known = std::is_same_v<P, quix::Train>;
  template <class P, class S>
  static constexpr bool fits = detail::missing_of_train<P>().empty();
  template <class P, class S>
  static consteval bool check() {
    return detail::stop_unless_ok<detail::lacks<P>("train", detail::missing_of_train<P>(),
                                                   "For example:  quix::Train train{.epochs = 5}")>();
  }
};

struct Checkpoint {
  static constexpr Literal name = "checkpoint";
  static constexpr std::array<std::string_view, 2> others = {"checkpoints", "checkpointing"};
  template <class S>
  using Default = quix::Checkpoint;
  template <class P>
  static constexpr bool known = std::is_same_v<P, quix::Checkpoint>;
  template <class P, class S>
  static constexpr bool fits = detail::missing_of_checkpoint<P>().empty();
  template <class P, class S>
  static consteval bool check() {
    return detail::stop_unless_ok<detail::lacks<P>("checkpoint", detail::missing_of_checkpoint<P>(),
                                                   "For example:  quix::Checkpoint checkpoint{.keep = 5}")>();
  }
};

struct Log {
  static constexpr Literal name = "log";
  static constexpr std::array<std::string_view, 3> others = {"logger", "logging", "logs"};
  template <class S>
  using Default = quix::Log;
  template <class P>
  static constexpr bool known = std::is_same_v<P, quix::Log>;
  template <class P, class S>
  static constexpr bool fits = detail::missing_of_log<P>().empty();
  template <class P, class S>
  static consteval bool check() {
    return detail::stop_unless_ok<detail::lacks<P>("log", detail::missing_of_log<P>(),
                                                   "For example:  quix::Log log{.every_steps = 100}")>();
  }
};

inline constexpr Data data{};
inline constexpr Augment augment{};
inline constexpr Model model{};
inline constexpr Loss loss{};
inline constexpr Optim optim{};
inline constexpr Schedule schedule{};
inline constexpr Groups groups{};
inline constexpr Precision precision{};
inline constexpr Average average{};
inline constexpr Step step{};
inline constexpr Metrics metrics{};
inline constexpr Train train{};
inline constexpr Checkpoint checkpoint{};
inline constexpr Log log{};

}  // namespace role

/// All of them, in the order in which help lists the options of those that an experiment leaves out.
inline constexpr boost::hana::tuple roles{role::data,     role::augment, role::model,      role::loss,    role::optim,
                                          role::schedule, role::groups,  role::precision,  role::average, role::step,
                                          role::metrics,  role::train,   role::checkpoint, role::log};
using Roles = std::remove_const_t<decltype(roles)>;

}  // namespace quix
