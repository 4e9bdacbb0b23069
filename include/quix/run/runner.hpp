#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <quix/data/loader.hpp>
#include <quix/detail/refused.hpp>
#include <quix/plot/curve.hpp>
#include <quix/proc/graph.hpp>
#include <quix/proc/processor.hpp>
#include <quix/run/checkpointer.hpp>
#include <quix/run/evaluator.hpp>
#include <quix/run/splits.hpp>
#include <quix/run/task_table.hpp>
#include <quix/run/trainer.hpp>

namespace quix {

/// Trains and evaluates one experiment, with its policies called directly.
template <class Exp>
class Runner {
 public:
  using C = Config<Exp>;
  using S = typename C::SampleType;
  template <class R>
  using Policy = typename C::template Policy<R>;
  using Processor = BatchProcessor<Policy<role::Optim>, Policy<role::Schedule>, Policy<role::Precision>,
                                   Policy<role::Average>, Policy<role::Step>>;

  /// Opens the data and builds the model. Throws Error. `config` must outlive the Runner. `classes`: their number in
  /// an earlier run, whose weights are to be loaded; 0: that of the data (`SplitData::classes`).
  Runner(const C& config, ThreadSplit threads, std::int64_t classes = 0)
      : config_(config),
        threads_(threads),
        splits_(config, classes),
        epoch_samples_(splits_.samples_in(splits_.order(0))),
        evaluator_(config, threads, splits_.task(), splits_.shapes()),
        processor_(config[role::optim], config[role::schedule], *evaluator_.model(), config[role::precision],
                   config[role::average], config[role::step], {}, config[role::groups]) {
    if (config[role::step].cuda_graph) graph_model();
    const auto parts = static_cast<std::uint64_t>(config_[role::step].accumulate);
    if (const auto what = indivisible(evaluator_.samples_of_step(), parts); !what.empty())
      throw Error("step.accumulate", what);
    plan({});
  }
  Runner(const C&& config, ThreadSplit threads, std::int64_t classes = 0) : Runner(config, threads, classes) {
    static_assert(detail::refused<C>,
                  "quix: a Runner refers to its configuration; pass a variable that outlives the Runner, not a "
                  "temporary:  quix::Config<Exp> config{};  quix::Runner<Exp> runner(config, threads);");
  }

  const Evaluator<Exp>& evaluator() const { return evaluator_; }
  const detail::Splits<Exp>& splits() const { return splits_; }
  const TaskInfo& task() const { return splits_.task(); }
  at::Device device() const { return evaluator_.device(); }

  /// Trains from a position to the last epoch, or until a signal comes.
  Trained train(OpenRun& run, const Position& from);
  /// The parameter groups as a table.
  std::string describe_groups() const { return processor_.describe_groups(); }
  /// The learning rate of the whole run.
  RateCurve rate_curve() const {
    const auto total = static_cast<std::uint64_t>(processor_.progress().total);
    auto out = make_curve(total, steps_per_epoch(), [&](std::uint64_t step) { return processor_.lr(step); });
    for (const auto& group : processor_.groups()) {
      out.groups.push_back({group.name, group.lr_factor, processor_.start_of(group)});
      for (std::size_t i = 0; group.schedule != 0 && i < out.rates.size(); ++i)
        out.groups.back().rates.push_back(processor_.lr(out.step(i), group));
    }
    return out;
  }

  /// Puts model, optimizer and generator to where a checkpoint was.
  void restore(const std::filesystem::path& checkpoint) {
    load_checkpoint(checkpoint, state());
    plan(read_position(checkpoint));
  }
  /// Weights alone, of a checkpoint or a file; what there is to report.
  std::vector<std::string> load(const std::filesystem::path& from, bool strict) {
    return evaluator_.load(from, strict);
  }
  /// Throws Error for a position that it cannot continue from.
  void check(const Position& at) const {
    check_position(at, static_cast<std::uint64_t>(config_[role::train].epochs), steps_per_epoch());
    const auto names = evaluator_.values({});
    check_metrics(names, evaluator_.arrays({}));
    // The terms of a loss are known when it was called.
    constexpr bool may_have_terms = !std::is_same_v<typename Evaluator<Exp>::LossValue, at::Tensor>;
    if (!may_have_terms) processor_.require_metric(names);
  }

  std::uint64_t steps_per_epoch() const {
    return count_steps(epoch_samples_, evaluator_.samples_of_step(), config_[role::train].drop_last);
  }

  /// What a checkpoint holds, but for the weights that evaluation takes.
  RunState state() {
    return {.model = evaluator_.weights(), .training = processor_.state(), .averaged = {}, .device = device()};
  }

 private:
  using Augment = Policy<role::Augment>;

  // What the trainer calls.
  void begin(const Position& at);
  /// Tells schedules how long training is, seen from a position.
  void plan(const Position& at);
  void begin_epoch(std::uint64_t epoch, std::uint64_t first);
  /// The next batch: forward pass, loss, step, metrics. The only code of a batch that is the experiment's own.
  detail::BatchResult train_batch();
  std::optional<Evaluated> validate(ProgressBar& bar, const std::string& label);
  void save(Checkpointer& checkpointer, const Position& at);
  double scale_rate(double factor);
  StepOutcome end_epoch() { return processor_.end_epoch(); }
  void observe(const Totals& metrics) { processor_.observe(metrics); }
  void require_metric(const Totals& metrics) { processor_.require_metric(metrics); }
  Totals values(const detail::Sums& sums) { return evaluator_.values(sums); }
  ScoreArrays arrays(const detail::Sums& sums) { return evaluator_.arrays(sums); }
  const StepReport& report() const { return processor_.report(); }
  const Diverged& divergence() const { return processor_.divergence(); }
  std::string key(std::uint64_t position) const {
    return splits_.train().key(static_cast<std::size_t>(pass_->samples.sample(position)));
  }

  /// An epoch that is trained.
  struct Pass {
    Pass(Runner& runner, Order order, std::uint64_t first, std::uint64_t end, const RngKey& moment)
        : samples(runner.loader_->epoch(std::move(order), first, end, moment)),
          batches(samples, runner.evaluator_.tensors(), runner.evaluator_.copies(), moment) {}
    typename Loader<S>::Epoch samples;
    detail::DeviceBatches<S, Augment> batches;
  };

  using Outputs = typename Evaluator<Exp>::Outputs;
  /// The model's outputs: of whole batches by a CUDA graph, where that is wanted; the first one says what is recorded.
  Outputs forward(const typename Evaluator<Exp>::Tensors::Inputs& inputs, const StepContext<S>& context,
                  std::size_t good) {
    if constexpr (std::is_same_v<Outputs, at::Tensor>)
      if (graphed_ && good == evaluator_.samples_of_batch())
        return (*graphed_)(std::apply([](const auto&... x) { return std::vector{x...}; }, inputs));
    return evaluator_.forward(inputs, context);
  }
  void graph_model();
  StepInfo info(bool training) const {
    return {.progress = processor_.progress(),
            .epoch = epoch_,
            .training = training,
            .log = RunLog(run_, processor_.steps() + 1)};
  }

  const C& config_;
  ThreadSplit threads_;
  detail::Splits<Exp> splits_;
  std::size_t epoch_samples_;
  Evaluator<Exp> evaluator_;
  Processor processor_;
  std::optional<GraphedModel> graphed_;
  std::optional<Loader<S>> loader_;
  std::optional<Pass> pass_;
  std::uint64_t epoch_ = 0;
  OpenRun* run_ = nullptr;  // while it trains
};

template <class Exp>
void Runner<Exp>::graph_model() {
  using Tensors = typename Evaluator<Exp>::Tensors;
  constexpr bool asks = []<class... X>(std::tuple<X...>*) {
    return detail::asks_for_context<typename Evaluator<Exp>::Model, X...>;
  }(static_cast<typename Tensors::Inputs*>(nullptr));
  if constexpr (std::is_same_v<Outputs, at::Tensor> && !asks)
    graphed_.emplace(
        [this](const std::vector<at::Tensor>& inputs) {
          return [&]<std::size_t... I>(std::index_sequence<I...>) {
            const auto call = [&] { return detail::call_model(evaluator_.model(), 0, inputs[I]...); };
            return detail::described(call, inputs[I]...);
          }
          (std::make_index_sequence<Tensors::inputs>{});
        },
        *evaluator_.model(), device());
  else
    throw Error("step.cuda_graph",
                asks ? "models that take a StepContext cannot be graphed; disable this option"
                     : "models that return more than one tensor cannot be graphed; disable this option");
}

template <class Exp>
Trained Runner<Exp>::train(OpenRun& run, const Position& from) {
  static constexpr detail::TaskTable table{.begin = detail::table_entry<&Runner::begin>,
                                           .begin_epoch = detail::table_entry<&Runner::begin_epoch>,
                                           .train_batch = detail::table_entry<&Runner::train_batch>,
                                           .end_epoch = detail::table_entry<&Runner::end_epoch>,
                                           .validate = detail::table_entry<&Runner::validate>,
                                           .observe = detail::table_entry<&Runner::observe>,
                                           .require_metric = detail::table_entry<&Runner::require_metric>,
                                           .values = detail::table_entry<&Runner::values>,
                                           .arrays = detail::table_entry<&Runner::arrays>,
                                           .report = detail::table_entry<&Runner::report>,
                                           .divergence = detail::table_entry<&Runner::divergence>,
                                           .key = detail::table_entry<&Runner::key>,
                                           .save = detail::table_entry<&Runner::save>,
                                           .restore = detail::table_entry<&Runner::restore>,
                                           .scale_rate = detail::table_entry<&Runner::scale_rate>};
  const auto& when = config_[role::checkpoint];
  Checkpointer checkpointer(run,
                            {.every_epochs = when.every_epochs, .every_steps = when.every_steps, .keep = when.keep},
                            config_[role::step].non_finite, from);
  const detail::Plan plan{.epochs = static_cast<std::uint64_t>(config_[role::train].epochs),
                          .steps_per_epoch = steps_per_epoch(),
                          .samples_of_step = evaluator_.samples_of_step(),
                          .samples_of_epoch = epoch_samples_,
                          .log_steps = static_cast<std::uint64_t>(std::max(0, int{config_[role::log].every_steps}))};
  run_ = &run;
  const detail::AtEnd stop_loading([&] { pass_.reset(), loader_.reset(), run_ = nullptr; });
  return detail::Trainer(detail::TaskRef(this, table), plan, run, checkpointer).fit(from);
}

template <class Exp>
void Runner<Exp>::plan(const Position& at) {
  const auto epochs = static_cast<std::uint64_t>(config_[role::train].epochs);
  const auto left = epochs - std::min(epochs, at.first_epoch);
  processor_.plan(at.first_step + left * steps_per_epoch(), steps_per_epoch(),
                  static_cast<double>(evaluator_.samples_of_step()));
}

template <class Exp>
void Runner<Exp>::begin(const Position& at) {
  plan(at);
  processor_.seek(at.step);
  evaluator_.model()->train();
  pass_.reset();
  if (!loader_) loader_.emplace(splits_.train(), evaluator_.loader_options("train"));
}

template <class Exp>
void Runner<Exp>::begin_epoch(std::uint64_t epoch, std::uint64_t first) {
  const auto seed = static_cast<std::uint64_t>(config_[role::train].seed);
  auto order = splits_.order(epoch);
  epoch_ = epoch;
  require_length(epoch, splits_.samples_in(order), epoch_samples_);
  const auto end = std::min<std::uint64_t>(steps_per_epoch() * evaluator_.samples_of_step(), epoch_samples_);
  pass_.emplace(*this, std::move(order), first, end,
                RngKey{.seed = seed, .epoch = epoch, .position = 0, .train = true});
}

template <class Exp>
detail::BatchResult Runner<Exp>::train_batch() {
  auto& batches = pass_->batches;
  if (!batches.next()) {
    pass_.reset();
    return {};
  }
  const auto& batch = batches.batch();
  if (!batch.bad.empty()) run_->console.say_bad(batch.bad);
  const auto good = batch.good_size();
  if (good == 0) refuse_batch(batch.bad);

  detail::BatchResult out{.samples = batch.size};
  const auto [inputs, targets] = batches.tensors();  // before the step's autocast
  const auto list = detail::array_of_tensors(inputs);
  evaluator_.set_info(info(/*training=*/true));
  const auto context = evaluator_.context(batch, list);
  auto step = processor_.template step<Outputs>(good);
  step.outputs = forward(inputs, context, good);
  batches.prefetch();
  auto value = evaluator_.loss(step.outputs, targets, context);
  auto parts = parts_of(value);
  step.loss = std::move(value);
  out.outcome = step.end();
  // Outputs of a batch that is skipped say nothing. On a GPU what the metrics read back comes after the step.
  if (processor_.last_loss().weight > 0)
    out.sums = {.loss = processor_.last_loss(),
                .parts = std::move(parts),
                .metrics = evaluator_.metrics(step.outputs, batches.scored(targets), context)};
  return out;
}

/// Loss and metrics over the validation data, with the weights that evaluation takes.
template <class Exp>
std::optional<Evaluated> Runner<Exp>::validate(ProgressBar& bar, const std::string& label) {
  if (!splits_.val()) return std::nullopt;
  const auto evaluating = processor_.evaluation();
  evaluator_.set_info(info(/*training=*/false));
  return evaluator_.evaluate(*splits_.val(), bar, label, "val");
}

template <class Exp>
void Runner<Exp>::save(Checkpointer& checkpointer, const Position& at) {
  auto position = at;
  position.compute_threads = threads_.compute;
  auto what = state();
  if (processor_.has_evaluation_weights()) {
    const auto swapped = processor_.evaluation_weights();  // detached, they stay what they are when it ends
    what.averaged.emplace();
    for (const auto& [name, tensor] : evaluator_.weights()) what.averaged->emplace_back(name, tensor.detach());
  }
  checkpointer.save(std::move(position), what, processor_.last_good());
}

template <class Exp>
double Runner<Exp>::scale_rate(double factor) {
  processor_.scale_rate(processor_.rate_scale() * factor);
  return processor_.rate_scale();
}

}  // namespace quix
