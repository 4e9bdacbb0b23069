#pragma once

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

#include <quix/cfg/shape.hpp>
#include <quix/cfg/table.hpp>
#include <quix/data/shards.hpp>
#include <quix/proc/average.hpp>
#include <quix/proc/groups.hpp>
#include <quix/proc/optim.hpp>
#include <quix/proc/precision.hpp>
#include <quix/proc/schedule.hpp>
#include <quix/proc/step.hpp>
#include <quix/run/names.hpp>
#include <quix/run/policies.hpp>
#include <quix/run/roles.hpp>
#include <quix/zoo/augment.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/metrics.hpp>

namespace quix {

/// The default roles that are choices, each as the one field of a group.
struct DefaultPrecision {
  Choice<Fp32, Bf16, Fp16> precision{};
  static constexpr std::array notes = {
      quix::note<&DefaultPrecision::precision>("of the forward pass; the others autocast, with weights in float32")};
};
struct DefaultAverage {
  Choice<NoAverage, Ema, Swa> average{};
  static constexpr std::array notes = {
      quix::note<&DefaultAverage::average>("of the weights over training, for evaluation to use")};
};

namespace detail {

/// What stands in for a role that the experiment declares itself.
template <class Default>
struct Declared {};

/// Whether some field of a sample is a class number.
template <class S>
consteval bool has_class() {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return (is_class_field<boost::pfr::tuple_element_t<I, S>> || ...);
  }
  (std::make_index_sequence<boost::pfr::tuple_size_v<S>>{});
}

/// Says, once and in words, what an experiment lacks.
template <class Exp>
consteval bool check_experiment() {
  static_assert(std::is_aggregate_v<Exp>,
                "quix: an experiment is a plain struct: no base classes, no constructors, no private members.");
  constexpr bool has_data = requires(Exp & e) { e.data; };
  static_assert(has_data,
                "quix: the experiment has no member 'data'. Add a dataset, for example:  quix::Shards<Sample> "
                "data{.path = \"fashion-mnist\"};");
  constexpr bool has_model = requires(Exp & e) { e.model; };
  static_assert(has_model,
                "quix: the experiment has no member 'model'. Add a model policy: a struct with options and  auto "
                "build(const quix::TaskInfo& task) const");
  if constexpr (has_data && has_model) {
    constexpr bool samples = requires { typename std::remove_cvref_t<decltype(std::declval<Exp&>().data)>::sample; };
    static_assert(samples,
                  "quix: 'data' is no data policy. It needs a member type 'sample' and  auto open(std::string_view "
                  "fold) const,  as quix::Shards has them.");
    if constexpr (samples) {
      using S = typename std::remove_cvref_t<decltype(std::declval<Exp&>().data)>::sample;
      // The sample first: what is wrong with it would be said of every role.
      if constexpr (is_sample<S>) return check_names<Exp, S>() && check_roles<Exp, S>();
    }
  }
  return false;
}

}  // namespace detail

// The tables of the library's own policies are made once per build tree (config.ipp).
#ifdef QUIX_SEPARATE
extern template void Table::add(Accuracy&, const std::string&, bool);
extern template void Table::add(AdamW&, const std::string&, bool);
extern template void Table::add(Checkpoint&, const std::string&, bool);
extern template void Table::add(Constant&, const std::string&, bool);
extern template void Table::add(Cosine&, const std::string&, bool);
extern template void Table::add(CrossEntropy&, const std::string&, bool);
extern template void Table::add(DefaultAverage&, const std::string&, bool);
extern template void Table::add(DefaultPrecision&, const std::string&, bool);
extern template void Table::add(Eager<>&, const std::string&, bool);
extern template void Table::add(Groups&, const std::string&, bool);
extern template void Table::add(Log&, const std::string&, bool);
extern template void Table::add(LossOnly&, const std::string&, bool);
extern template void Table::add(Normalize&, const std::string&, bool);
extern template void Table::add(ProgramOptions&, const std::string&, bool);
extern template void Table::add(Sgd&, const std::string&, bool);
extern template void Table::add(Train&, const std::string&, bool);
#endif

/// What is really configured: the experiment, and the roles that it left to their defaults. Each role is a member
/// function that gives the experiment's own policy, or the default one.
template <class Exp>
struct Config {
  using Data = std::remove_cvref_t<decltype(std::declval<Exp&>().data)>;
  using SampleType = typename Data::sample;

  template <bool Own, class Default>
  using Role = std::conditional_t<Own, detail::Declared<Default>, Default>;
  using DefaultMetrics = std::conditional_t<detail::has_class<SampleType>(), Accuracy, LossOnly>;

  static constexpr bool has_augment = requires(Exp & e) { e.augment; };
  static constexpr bool has_loss = requires(Exp & e) { e.loss; };
  static constexpr bool has_optim = requires(Exp & e) { e.optim; };
  static constexpr bool has_schedule = requires(Exp & e) { e.schedule; };
  static constexpr bool has_groups = requires(Exp & e) { e.groups; };
  static constexpr bool has_precision = requires(Exp & e) { e.precision; };
  static constexpr bool has_average = requires(Exp & e) { e.average; };
  static constexpr bool has_step = requires(Exp & e) { e.step; };
  static constexpr bool has_metrics = requires(Exp & e) { e.metrics; };
  static constexpr bool has_train = requires(Exp & e) { e.train; };
  static constexpr bool has_checkpoint = requires(Exp & e) { e.checkpoint; };
  static constexpr bool has_log = requires(Exp & e) { e.log; };

  static_assert(has_loss || detail::has_class<SampleType>(),
                "quix: the samples have no class, so there is no default loss. Add one, for example:  MyLoss loss{};  "
                "with  quix::Loss operator()(outputs, targets…) const");

  Exp exp{};
  /// `data` as each fold refines it: `data.train.*`, `data.val.*`.
  Data train_data = exp.data, val_data = exp.data;
  [[no_unique_address]] Role<has_augment, Normalize> default_augment{};
  [[no_unique_address]] Role<has_loss, CrossEntropy> default_loss{};
  [[no_unique_address]] Role<has_optim, AdamW> default_optim{};
  [[no_unique_address]] Role<has_schedule, Constant> default_schedule{};
  [[no_unique_address]] Role<has_groups, Groups> default_groups{};
  [[no_unique_address]] Role<has_precision, DefaultPrecision> default_precision{};
  [[no_unique_address]] Role<has_average, DefaultAverage> default_average{};
  [[no_unique_address]] Role<has_step, Eager<>> default_step{};
  [[no_unique_address]] Role<has_metrics, DefaultMetrics> default_metrics{};
  [[no_unique_address]] Role<has_train, Train> default_train{};
  [[no_unique_address]] Role<has_checkpoint, Checkpoint> default_checkpoint{};
  [[no_unique_address]] Role<has_log, Log> default_log{};

  const Data& data() const { return exp.data; }
  const Data& data(std::string_view fold) const {
    return fold == "train" ? train_data : fold == "val" ? val_data : exp.data;
  }
  const auto& model() const { return exp.model; }
  const auto& augment() const {
    if constexpr (has_augment)
      return exp.augment;
    else
      return default_augment;
  }
  const auto& loss() const {
    if constexpr (has_loss)
      return exp.loss;
    else
      return default_loss;
  }
  const auto& optim() const {
    if constexpr (has_optim)
      return exp.optim;
    else
      return default_optim;
  }
  const auto& schedule() const {
    if constexpr (has_schedule)
      return exp.schedule;
    else
      return default_schedule;
  }
  const auto& groups() const {
    if constexpr (has_groups)
      return exp.groups;
    else
      return default_groups;
  }
  const auto& precision() const {
    if constexpr (has_precision)
      return exp.precision;
    else
      return default_precision.precision;
  }
  const auto& average() const {
    if constexpr (has_average)
      return exp.average;
    else
      return default_average.average;
  }
  const auto& step() const {
    if constexpr (has_step)
      return exp.step;
    else
      return default_step;
  }
  const auto& metrics() const {
    if constexpr (has_metrics)
      return exp.metrics;
    else
      return default_metrics;
  }
  const auto& train() const {
    if constexpr (has_train)
      return exp.train;
    else
      return default_train;
  }
  const auto& checkpoint() const {
    if constexpr (has_checkpoint)
      return exp.checkpoint;
    else
      return default_checkpoint;
  }
  const auto& log() const {
    if constexpr (has_log)
      return exp.log;
    else
      return default_log;
  }

  /// The same as the compiler sees it, for checks of built-in configurations.
  using Shapes = detail::Shapes<
      detail::Piece<"", Exp>, detail::Piece<"data.train", Data>, detail::Piece<"data.val", Data>,
      detail::Piece<"augment", Role<has_augment, Normalize>>, detail::Piece<"loss", Role<has_loss, CrossEntropy>>,
      detail::Piece<"optim", Role<has_optim, AdamW>>, detail::Piece<"schedule", Role<has_schedule, Constant>>,
      detail::Piece<"groups", Role<has_groups, Groups>>, detail::Piece<"", Role<has_precision, DefaultPrecision>>,
      detail::Piece<"", Role<has_average, DefaultAverage>>, detail::Piece<"step", Role<has_step, Eager<>>>,
      detail::Piece<"metrics", Role<has_metrics, DefaultMetrics>>, detail::Piece<"train", Role<has_train, Train>>,
      detail::Piece<"checkpoint", Role<has_checkpoint, Checkpoint>>, detail::Piece<"log", Role<has_log, Log>>>;

  /// Every option: the experiment's fields in their order, then the default roles.
  void add_to(Table& table) {
    table.add(exp);
    table.refine(train_data, "data", "train");
    table.refine(val_data, "data", "val");
    if constexpr (!has_augment) table.add(default_augment, "augment");
    if constexpr (!has_loss) table.add(default_loss, "loss");
    if constexpr (!has_optim) table.add(default_optim, "optim");
    if constexpr (!has_schedule) table.add(default_schedule, "schedule");
    if constexpr (!has_groups) table.add(default_groups, "groups");
    if constexpr (!has_precision) table.add(default_precision);
    if constexpr (!has_average) table.add(default_average);
    if constexpr (!has_step) table.add(default_step, "step");
    if constexpr (!has_metrics) table.add(default_metrics, "metrics");
    if constexpr (!has_train) table.add(default_train, "train");
    if constexpr (!has_checkpoint) table.add(default_checkpoint, "checkpoint");
    if constexpr (!has_log) table.add(default_log, "log");
  }
};

}  // namespace quix
