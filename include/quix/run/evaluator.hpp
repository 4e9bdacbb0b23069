#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <c10/core/InferenceMode.h>
#include <torch/nn/module.h>

#include <quix/data/augment.hpp>
#include <quix/data/loader.hpp>
#include <quix/data/task.hpp>
#include <quix/proc/processor.hpp>
#include <quix/run/checks.hpp>
#include <quix/run/config.hpp>
#include <quix/run/context.hpp>
#include <quix/run/device_batches.hpp>
#include <quix/run/evaluation.hpp>
#include <quix/run/model.hpp>
#include <quix/run/process.hpp>
#include <quix/run/state.hpp>
#include <quix/run/summary.hpp>
#include <quix/run/sums.hpp>
#include <quix/run/task_table.hpp>
#include <quix/torch/device.hpp>
#include <quix/torch/pinned.hpp>

namespace quix {

/// The model of an experiment, and what is computed with it: outputs, loss, metrics. Needs no training data, and no
/// optimizer.
template <class Exp>
class Evaluator {
 public:
  using C = Config<Exp>;
  using S = typename C::SampleType;
  using OpenSplit = decltype(std::declval<const typename C::Data&>().open("train"));
  using Model = typename detail::ModelOf<typename C::template Policy<role::Model>>::type;
  using Tensors = detail::BatchTensors<S, typename C::template Policy<role::Augment>>;
  /// What the model returns: any type that the loss and the metrics take.
  using Outputs = typename detail::OutputsOf<Model, StepContext<S>, typename Tensors::Inputs>::type;

  /// Builds the model. Throws Error. `config` must outlive this. `shapes`: of each field of a sample.
  Evaluator(const C& config, ThreadSplit threads, TaskInfo task, std::vector<Dims> shapes)
      : config_(config),
        threads_(threads),
        task_(std::move(task)),
        shapes_(std::move(shapes)),
        device_(find_device(config[role::train].device)),
        tensors_(config[role::augment], device_, task_.classes),
        copies_(device_),
        model_(build()) {}
  Evaluator(const Evaluator&) = delete;

  const TaskInfo& task() const { return task_; }
  at::Device device() const { return device_; }
  const Tensors& tensors() const { return tensors_; }
  const CopyStream& copies() const { return copies_; }
  Model& model() { return model_; }
  std::uint64_t parameter_count() const { return quix::parameter_count(*model_); }
  /// Parameters and buffers, named as in the module.
  NamedTensors weights() const {
    Weights all(*model_);
    for (auto& buffer : all.buffers) all.parameters.push_back(std::move(buffer));
    return std::move(all.parameters);
  }
  std::string describe_model() const { return quix::describe(*model_); }
  /// Weights alone, of a checkpoint or a file; what there is to report.
  std::vector<std::string> load(const std::filesystem::path& from, bool strict) {
    return load_weights(from, weights(), strict);
  }

  /// Samples of one optimizer step, and of each batch into which it is divided.
  std::uint64_t samples_of_step() const { return static_cast<std::uint64_t>(config_[role::train].batch_size); }
  std::uint64_t samples_of_batch() const {
    const auto parts = static_cast<std::uint64_t>(config_[role::step].accumulate);
    return (samples_of_step() + parts - 1) / parts;
  }
  LoaderOptions loader_options(std::string_view split) const {
    return {.batch_size = static_cast<std::size_t>(samples_of_batch()),
            .threads = split == "val" && config_.data(split).threads
                           ? static_cast<unsigned>(*config_.data(split).threads)
                           : threads_.decode,
            .prefetch = static_cast<unsigned>(config_.data(split).prefetch),
            .on_error = config_.data(split).on_error,
            .allocate = device_.is_cuda() ? allocate_pinned : allocate_host};
  }

  /// What policies may ask for, besides a batch.
  void set_info(StepInfo info) { info_ = std::move(info); }
  StepContext<S> context(const Batch<S>& batch, std::span<const at::Tensor> inputs) const {
    return {info_, batch, inputs, detail::AnyExperiment(config_.exp)};
  }

  /// What the model returns. Throws Error, with the inputs' shapes, where it does not take them.
  Outputs forward(const typename Tensors::Inputs& inputs, const StepContext<S>& context) {
    return std::apply(
        [&](const auto&... x) {
          return detail::described([&] { return detail::call_model(model_, context, x...); }, x...);
        },
        inputs);
  }
  using LossValue = detail::LossResultOf<typename C::template Policy<role::Loss>, S, Outputs>;
  template <class Targets>
  auto loss(const Outputs& outputs, const Targets& targets, const StepContext<S>& context) const {
    constexpr bool fits =
        detail::fit_of_loss<typename C::template Policy<role::Loss>, S, Outputs> == detail::LossFit::fits;
    static_assert(fits, "quix: 'loss' cannot be called with what the model's forward() returns and the targets.");
    return detail::with_policy(config_[role::loss], [&](const auto& policy) {
      return std::apply([&](const auto&... y) { return detail::call_with(policy, context, outputs, y...); }, targets);
    });
  }
  template <class Targets>
  std::vector<Counts> metrics(const Outputs& outputs, const Targets& targets, const StepContext<S>& context) const {
    static_assert(detail::scores_metrics<typename C::template Policy<role::Metrics>, S, Outputs>(),
                  "quix: 'metrics' cannot be called with what the model's forward() returns and the targets.");
    std::vector<Counts> out;
    const NoAutocast precise(device_.type());
    std::apply([&](const auto&... y) { detail::count_metrics(config_[role::metrics], out, context, outputs, y...); },
               targets);
    return out;
  }

  /// Computes loss, loss terms and metrics from the accumulated sums.
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

  /// Opens a split of the data whose samples look like those that the model is for. Throws Error.
  OpenSplit open(const std::string& split) const {
    if (!config_.data(split).has(split)) refuse_split(split);
    OpenSplit data(config_.data(split).open(split));
    data.augment(sample_transform(config_[role::augment]));
    if (data.size() == 0) refuse_empty(split);
    bool first_class = true;  // that of the task
    OpenSplit::for_each_field([&]<std::size_t I>() {
      using F = typename OpenSplit::template Field<I>;
      if (I < shapes_.size() && data.layout(I).shape != shapes_[I])
        refuse_layout(split, data.layout(I).shape, shapes_[I], F::use == Use::input);
      if constexpr (detail::is_class_field<F>)
        if (std::exchange(first_class, false) && task_.classes > 0) (void)data.classes(I, task_.classes);
    });
    return data;
  }

  /// Loss and metrics over a split, with the weights that the model has. No totals where a signal ended it.
  Evaluated evaluate(const OpenSplit& data, ProgressBar& bar, const std::string& label, const std::string& split) {
    auto loading = loader_options(split);
    if (loading.on_error == OnError::replace) loading.on_error = OnError::skip;  // every sample counts once
    pass_.emplace(*this, data, loading);
    model_->eval();
    const detail::AtEnd back([&] {
      pass_.reset();
      model_->train();
    });
    static constexpr detail::EvaluationTable table{.eval_batch = detail::table_entry<&Evaluator::eval_batch>,
                                                   .values = detail::table_entry<&Evaluator::values>,
                                                   .arrays = detail::table_entry<&Evaluator::arrays>};
    return detail::evaluate(detail::EvaluationRef(this, table), data.size(), bar, label);
  }
  /// The same of a split that is opened for it, in inference mode and under the experiment's autocast.
  Evaluated evaluate(const OpenSplit& data, ProgressBar& bar, const std::string& split) {
    const c10::InferenceMode inference;
    std::optional<Autocast> autocast;
    const auto type =
        detail::with_policy(config_[role::precision], [](const auto& policy) { return policy.autocast(); });
    if (type) autocast.emplace(device_.type(), *type);
    return evaluate(data, bar, "evaluate", split);
  }

 private:
  /// Of a split that is evaluated.
  struct Pass {
    Pass(const Evaluator& of, const OpenSplit& data, const LoaderOptions& options)
        : loader(data, options), samples(loader.epoch()), batches(samples, of.tensors_, of.copies_, {}) {}
    Loader<S> loader;
    typename Loader<S>::Epoch samples;
    detail::DeviceBatches<S, typename C::template Policy<role::Augment>> batches;
  };
  /// The next batch of it: the only code of a batch that is the experiment's own.
  detail::BatchResult eval_batch();

  Model build() const {
    seed_generator(config_[role::train].seed);
    auto model = detail::build_model(config_[role::model], task_);
    model->to(device_);
    return model;
  }

  const C& config_;
  ThreadSplit threads_;
  TaskInfo task_;
  std::vector<Dims> shapes_;
  at::Device device_;
  Tensors tensors_;
  CopyStream copies_;
  Model model_;
  StepInfo info_{};
  std::optional<Pass> pass_{};
};

template <class Exp>
detail::BatchResult Evaluator<Exp>::eval_batch() {
  auto& batches = pass_->batches;
  if (!batches.next()) return {};
  const auto& batch = batches.batch();
  detail::BatchResult out{.samples = batch.size, .bad = batch.bad};
  const auto good = batch.good_size();
  if (good == 0) return out;
  const auto [inputs, targets] = [&] {
    const NoAutocast precise(device_.type());
    return batches.tensors();
  }();
  const auto list = detail::array_of_tensors(inputs);
  const auto context = this->context(batch, list);
  const auto outputs = forward(inputs, context);
  batches.prefetch();
  const auto value = loss(outputs, targets, context);
  out.sums = {.loss = measure_of(value, good), .parts = parts_of(value), .metrics = metrics(outputs, targets, context)};
  return out;
}

}  // namespace quix
