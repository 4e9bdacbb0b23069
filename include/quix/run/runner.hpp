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
#include <quix/proc/graph.hpp>
#include <quix/proc/processor.hpp>
#include <quix/run/evaluator.hpp>
#include <quix/run/splits.hpp>

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
  /// an earlier run, whose weights are to be loaded; 0: that of the data (`FoldData::classes`).
  Runner(const C& config, ThreadSplit threads, std::int64_t classes = 0)
      : config_(config),
        threads_(threads),
        splits_(config, classes),
        epoch_samples_(splits_.samples_in(splits_.order(0))),
        evaluator_(config, threads, splits_.task(), splits_.shapes()),
        processor_(config[role::optim], config[role::schedule], *evaluator_.model(), config[role::precision],
                   config[role::average], config[role::step], {}, config[role::groups]) {
    if (config[role::step].cuda_graph)
      graphed_.emplace([this](const std::vector<at::Tensor>& inputs) { return evaluator_.forward_list(inputs); },
                       *evaluator_.model(), device());
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

  /// Trains from a position to the last epoch, or until a signal comes. True when the run is complete.
  bool train(Session& session, Position at);
  /// The parameter groups as a table.
  std::string describe_groups() const { return processor_.describe_groups(); }
  /// The learning rate of the whole run.
  RateCurve rate_curve() const {
    auto out = make_curve(total_steps(), steps_per_epoch(), [&](std::uint64_t step) { return processor_.rate(step); });
    for (const auto& group : processor_.groups()) {
      out.groups.push_back({group.name, group.rate, processor_.start_of(group)});
      for (std::size_t i = 0; group.schedule != 0 && i < out.rates.size(); ++i)
        out.groups.back().rates.push_back(processor_.rate(out.step(i), group));
    }
    return out;
  }

  /// Loss and metrics over the validation data, with the weights that evaluation takes.
  Evaluated validate(ProgressBar& bar, const std::string& label) {
    const auto evaluating = processor_.evaluation();
    return evaluator_.evaluate(*splits_.val(), bar, label, "val");
  }

  /// Puts model, optimizer and generator to where a checkpoint was.
  void restore(const std::filesystem::path& checkpoint) { load_checkpoint(checkpoint, saved()); }
  /// Weights alone, of a checkpoint or a file; what there is to report.
  std::vector<std::string> load(const std::filesystem::path& from, bool strict) {
    return evaluator_.load(from, strict);
  }
  /// Throws Error for a position that it cannot continue from.
  void check(const Position& at) const {
    check_position(at, static_cast<std::uint64_t>(config_[role::train].epochs), steps_per_epoch());
  }

 private:
  /// Tells schedules how long training is, seen from a position.
  void plan(const Position& at) {
    const auto epochs = static_cast<std::uint64_t>(config_[role::train].epochs);
    const auto left = epochs - std::min(epochs, at.first_epoch);
    processor_.plan(at.first_step + left * steps_per_epoch(), steps_per_epoch(),
                    static_cast<double>(evaluator_.samples_of_step()));
  }

  std::uint64_t steps_per_epoch() const {
    return count_steps(epoch_samples_, evaluator_.samples_of_step(), config_[role::train].drop_last);
  }
  std::uint64_t total_steps() const {
    return static_cast<std::uint64_t>(config_[role::train].epochs) * steps_per_epoch();
  }

  /// How many samples of a batch count; says which do not.
  std::size_t good_samples(const Batch<S>& batch, Session& session) {
    if (!batch.bad.empty()) session.say_bad(batch.bad);
    const auto good = batch.good_size();
    if (good == 0) refuse_batch(batch.bad);
    return good;
  }

  Saved saved() {
    return {.model = evaluator_.weights(), .optim = processor_.state(), .averaged = {}, .device = device()};
  }

  void save(Session& session, Position at, const detail::Sums& epoch, const detail::Sums& interval) {
    session.complete(at);
    at.compute_threads = threads_.compute;
    at.sums = epoch.saved("epoch");
    for (auto& entry : interval.saved("steps")) at.sums.push_back(std::move(entry));
    auto what = saved();
    if (processor_.has_evaluation_weights()) {
      // Nothing is copied: the checkpoint is written before the weights are swapped back.
      const auto swapped = processor_.evaluation_weights();
      what.averaged.emplace();
      for (const auto& [name, tensor] : evaluator_.weights()) what.averaged->emplace_back(name, tensor.detach());
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
  detail::Splits<Exp> splits_;
  std::size_t epoch_samples_;
  Evaluator<Exp> evaluator_;
  Processor processor_;
  std::optional<GraphedModel> graphed_;
};

}  // namespace quix

#include <quix/run/training.hpp>
