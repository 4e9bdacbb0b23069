#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <torch/nn/module.h>

#include <quix/data/augment.hpp>
#include <quix/data/loader.hpp>
#include <quix/data/order.hpp>
#include <quix/data/task.hpp>
#include <quix/detail/refused.hpp>
#include <quix/proc/graph.hpp>
#include <quix/proc/processor.hpp>
#include <quix/run/config.hpp>
#include <quix/run/device_batches.hpp>
#include <quix/run/model.hpp>
#include <quix/run/process.hpp>
#include <quix/run/session.hpp>
#include <quix/run/summary.hpp>
#include <quix/torch/device.hpp>
#include <quix/torch/pinned.hpp>

namespace quix {

/// Trains and evaluates one experiment, with its policies called directly.
template <class Exp>
class Runner {
 public:
  using C = Config<Exp>;
  using S = typename C::SampleType;
  using OpenFold = decltype(std::declval<const typename C::Data&>().open("train"));
  using Model = typename detail::ModelOf<typename C::template Policy<role::Model>>::type;
  template <class R>
  using Policy = typename C::template Policy<R>;
  using Tensors = detail::BatchTensors<S, Policy<role::Augment>>;
  using Processor = BatchProcessor<Policy<role::Optim>, Policy<role::Schedule>, Policy<role::Precision>,
                                   Policy<role::Average>, Policy<role::Step>>;

  /// Opens the data and builds the model. Throws Error. `config` must outlive the Runner. `classes`: their number in
  /// an earlier run, whose weights are to be loaded; 0: that of the data (`FoldData::classes`).
  Runner(const C& config, ThreadSplit threads, std::int64_t classes = 0)
      : config_(config),
        threads_(threads),
        device_(find_device(config[role::train].device)),
        train_(config.data("train").open("train")),
        val_(open_val()),
        task_(augment_and_describe(classes)),
        epoch_samples_(samples_in(order(0))),
        tensors_(config[role::augment], device_, task_.classes),
        copies_(device_),
        model_(build()),
        processor_(config[role::optim], config[role::schedule], *model_, config[role::precision], config[role::average],
                   config[role::step], {}, config[role::groups]) {
    if (config[role::step].cuda_graph)
      graphed_.emplace([this](const std::vector<at::Tensor>& inputs) { return forward_list(inputs); }, *model_,
                       device_);
    plan({});
  }
  Runner(const C&& config, ThreadSplit threads, std::int64_t classes = 0) : Runner(config, threads, classes) {
    static_assert(detail::refused<C>,
                  "quix: a Runner refers to its configuration; pass a variable that outlives the Runner, not a "
                  "temporary:  quix::Config<Exp> config{};  quix::Runner<Exp> runner(config, threads);");
  }

  const TaskInfo& task() const { return task_; }
  at::Device device() const { return device_; }
  std::uint64_t parameter_count() const { return quix::parameter_count(*model_); }
  /// Parameters and buffers, named as in the module.
  NamedTensors weights() const {
    Weights all(*model_);
    for (auto& buffer : all.buffers) all.parameters.push_back(std::move(buffer));
    return std::move(all.parameters);
  }

  /// Trains from a position to the last epoch, or until a signal comes. True when the run is complete.
  bool train(Session& session, Position at);
  /// What the model's parameters are to the optimizer, and what the model is, for people.
  std::string describe_groups() const { return processor_.describe_groups(); }
  std::string describe_model() const { return quix::describe(*model_); }
  /// The learning rate of the whole run.
  RateCurve rate_curve() const {
    auto out = make_curve(total_steps(), steps_per_epoch(), [&](std::uint64_t step) { return processor_.rate(step); });
    for (const auto& group : processor_.groups()) {
      out.groups.push_back({group.name, group.rate, processor_.start_of(group)});
      for (std::size_t step = 0; group.schedule != 0 && step < out.rates.size(); ++step)
        out.groups.back().rates.push_back(processor_.rate(step, group));
    }
    return out;
  }

  /// Loss and metrics over a fold of the data, and how many samples it has. Throws Error when there is no such fold.
  Evaluated evaluate(ProgressBar& bar, const std::string& label, const std::string& fold);

  /// Puts model, optimizer and generator to where a checkpoint was.
  void restore(const std::filesystem::path& checkpoint) { load_checkpoint(checkpoint, saved()); }
  /// Weights alone, of a checkpoint or a file; what there is to report.
  std::vector<std::string> load(const std::filesystem::path& from, bool strict) {
    return load_weights(from, weights(), strict);
  }
  bool has_val() const { return val_.has_value(); }
  /// What the folds leave out, each sentence with its fold.
  std::vector<std::string> data_remarks() const {
    std::vector<std::string> out;
    const auto add = [&](const std::string& name, const auto& fold) {
      if constexpr (requires { fold.remarks(); })
        for (const auto& remark : fold.remarks()) out.push_back(name + ": " + remark);
    };
    add("train", train_);
    if (val_) add("val", *val_);
    return out;
  }
  /// Throws Error for a position that it cannot continue from.
  void check(const Position& at) const {
    check_position(at, static_cast<std::uint64_t>(config_[role::train].epochs), steps_per_epoch());
  }
  /// What the samples are that it trains and validates on.
  DataFingerprint fingerprint() const {
    DataFingerprint out{train_.fingerprint("train")};
    if (val_) out.push_back(val_->fingerprint("val"));
    return out;
  }

 private:
  /// Tells schedules how long training is, seen from a position.
  void plan(const Position& at) {
    const auto epochs = static_cast<std::uint64_t>(config_[role::train].epochs);
    const auto left = epochs - std::min(epochs, at.first_epoch);
    processor_.plan(at.first_step + left * steps_per_epoch(), steps_per_epoch(),
                    static_cast<double>(samples_of_step()));
  }
  /// What sums come to: the loss, its parts, the metrics.
  Totals values(const detail::Sums& sums) const {
    Totals out{{"loss", sums.loss}};
    out.insert(out.end(), sums.parts.begin(), sums.parts.end());
    std::span<const Counts> counts(sums.metrics);
    detail::metric_values(config_[role::metrics], counts, out);
    return out;
  }

  /// What has more than one number.
  ScoreArrays arrays(const detail::Sums& sums) const {
    ScoreArrays out;
    std::span<const Counts> counts(sums.metrics);
    detail::metric_arrays(config_[role::metrics], counts, out);
    return out;
  }

  std::optional<OpenFold> open_val() const {
    if (!config_.data("val").has("val")) return std::nullopt;
    std::optional<OpenFold> fold(config_.data("val").open("val"));
    if (fold->size() == 0) fold.reset();
    return fold;
  }

  TaskInfo augment_and_describe(std::int64_t classes) {
    train_.augment(sample_transform(config_[role::augment]));
    if (val_) val_->augment(sample_transform(config_[role::augment]));
    return describe(classes);
  }

  TaskInfo describe(std::int64_t classes) const {
    if (train_.size() == 0) throw Error("data.path", "no samples in the split train");
    TaskInfo task{.shape = {}, .train_samples = train_.size(), .val_samples = val_ ? val_->size() : 0};
    OpenFold::for_each_field([&]<std::size_t I>() {
      using F = typename OpenFold::template Field<I>;
      const auto& layout = train_.layout(I);
      if (F::use == Use::input && task.inputs == 0) {
        task.shape.assign(layout.shape.begin(), layout.shape.end());
        task.inputs = layout.shape.count();
      }
      if constexpr (detail::is_class_field<F>)
        if (task.classes == 0) describe_classes(task, train_, val_ ? &*val_ : nullptr, I, classes);
    });
    if (val_) check_layouts(*val_, "validation");
    return task;
  }

  /// Throws Error unless a fold's samples look like those of training.
  void check_layouts(const OpenFold& fold, const std::string& name) const;

  Model build() const {
    seed_generator(config_[role::train].seed);
    auto model = detail::build_model(config_[role::model], task_);
    model->to(device_);
    return model;
  }

  /// Samples of one optimizer step, and of each batch into which it is divided. Throws Error.
  std::uint64_t samples_of_step() const { return static_cast<std::uint64_t>(config_[role::train].batch_size); }
  std::uint64_t samples_of_batch() const {
    const auto n = samples_of_step(), parts = static_cast<std::uint64_t>(config_[role::step].accumulate);
    if (n % parts != 0)
      throw Error("step.accumulate", "divides train.batch_size, and " + std::to_string(n) + " is no multiple of " +
                                         std::to_string(parts) + "; write train.batch_size " +
                                         std::to_string((n + parts - 1) / parts * parts));
    return n / parts;
  }
  /// The order of an epoch of training, and its number of samples: the data policy may leave some out, or repeat them.
  Order order(std::uint64_t epoch) const {
    return config_.data("train").order(train_, static_cast<std::uint64_t>(config_[role::train].seed), epoch);
  }
  std::size_t samples_in(const Order& order) const { return order.empty() ? train_.size() : order.size(); }
  std::uint64_t steps_per_epoch() const {
    const auto n = epoch_samples_, b = static_cast<std::size_t>(samples_of_step());
    if (config_[role::train].drop_last && n < b)
      throw Error("train.batch_size",
                  "is larger than the " + std::to_string(n) + " samples of an epoch, and drop_last leaves no step");
    return config_[role::train].drop_last ? n / b : (n + b - 1) / b;
  }
  std::uint64_t total_steps() const {
    return static_cast<std::uint64_t>(config_[role::train].epochs) * steps_per_epoch();
  }

  /// Throws Error, with the inputs' shapes, where the model does not take them.
  template <class Inputs>
  at::Tensor forward(const Inputs& inputs) {
    return std::apply(
        [&](const auto&... x) { return detail::described([&] { return detail::call_model(model_, x...); }, x...); },
        inputs);
  }
  /// The same with inputs in a list.
  at::Tensor forward_list(const std::vector<at::Tensor>& inputs) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return detail::described([&] { return detail::call_model(model_, inputs[I]...); }, inputs[I]...);
    }
    (std::make_index_sequence<Tensors::inputs>{});
  }
  template <class Targets>
  auto loss(const at::Tensor& outputs, const Targets& targets) const {
    return std::apply([&](const auto&... y) { return config_[role::loss](outputs, y...); }, targets);
  }
  template <class Targets>
  std::vector<Counts> metrics(const at::Tensor& outputs, const Targets& targets) const {
    std::vector<Counts> out;
    const NoAutocast precise(device_.type());
    std::apply([&](const auto&... y) { detail::count_metrics(config_[role::metrics], out, outputs, y...); }, targets);
    return out;
  }

  /// How many samples of a batch count; says which do not.
  std::size_t good_samples(const Batch<S>& batch, Session& session) {
    if (!batch.bad.empty()) session.say_bad(batch.bad);
    const auto good = batch.good_size();
    if (good == 0)
      throw Error("data.on_error",
                  "no sample of a whole batch could be decoded; the last one: " + batch.bad.back().what);
    return good;
  }

  LoaderOptions loader_options(std::string_view fold) const {
    return {.batch_size = static_cast<std::size_t>(samples_of_batch()),
            .threads = fold == "val" && config_.data(fold).threads ? static_cast<unsigned>(*config_.data(fold).threads)
                                                                   : threads_.decode,
            .prefetch = static_cast<unsigned>(config_.data(fold).prefetch),
            .on_error = config_.data(fold).on_error,
            .allocate = device_.is_cuda() ? allocate_pinned : allocate_host};
  }

  Saved saved() { return {.model = weights(), .optim = processor_.state(), .averaged = {}, .device = device_}; }

  void save(Session& session, Position at, const detail::Sums& epoch, const detail::Sums& interval) {
    session.complete(at);
    at.compute_threads = threads_.compute;
    at.sums = epoch.saved("epoch");
    for (auto& entry : interval.saved("steps")) at.sums.push_back(std::move(entry));
    auto what = saved();
    if (processor_.has_evaluation_weights()) {
      // Copies are made of none: the tensors keep what they are now.
      const auto swapped = processor_.evaluation_weights();
      what.averaged.emplace();
      for (const auto& [name, tensor] : weights()) what.averaged->emplace_back(name, tensor.detach());
    }
    save_checkpoint(
        session.folder().checkpoints(), at, what,
        session.retention(config_[role::checkpoint].keep, config_[role::step].non_finite, processor_.last_good()));
  }

  /// How a pass of training ends.
  enum class Ending { complete, interrupted, diverged };
  Ending train_from(Session& session, Position at);
  /// One batch: forward pass, loss, step, metrics.
  template <class Batches>
  StepOutcome train_batch(Batches& batches, std::size_t good, detail::Sums& sums);

  const C& config_;
  ThreadSplit threads_;
  at::Device device_;
  OpenFold train_;
  std::optional<OpenFold> val_;
  TaskInfo task_;
  std::size_t epoch_samples_;
  Tensors tensors_;
  CopyStream copies_;
  Model model_;
  Processor processor_;
  std::optional<GraphedModel> graphed_;
};

}  // namespace quix

#include <quix/run/evaluator.hpp>
#include <quix/run/training.hpp>
