#pragma once

#include <algorithm>
#include <utility>

#include <quix/run/stop.hpp>
#include <quix/run/trainer.hpp>

namespace quix::detail {

QUIX_INLINE Trainer::Trainer(TaskRef task, const Plan& plan, OpenRun& run, Checkpointer& checkpointer)
    : task_(task), plan_(plan), run_(run), checkpointer_(checkpointer) {}

QUIX_INLINE Trained Trainer::fit(Position at) {
  at_ = std::move(at);
  // The data changed: what is resumed or returned to from now on is of the new ones.
  if (at_.first_step > 0 && at_.step == at_.first_step) save(at_, {});
  for (;;) {
    const auto ending = train_epochs();
    if (ending != Ending::diverged) return {ending == Ending::complete, std::move(last_)};
    return_to_older();
  }
}

QUIX_INLINE void Trainer::return_to_older() {
  const auto& divergence = task_(&TaskTable::divergence);
  const auto checkpoint = checkpointer_.rollback(divergence);
  if (checkpoint.empty()) throw divergence;
  task_(&TaskTable::restore, checkpoint);
  const auto scale = task_(&TaskTable::scale_rate, checkpointer_.rate_factor());
  auto data = std::move(at_.data);
  at_ = checkpointer_.rewind(checkpoint, scale);
  at_.data = std::move(data);
  if (last_ && last_->step > at_.step) last_.reset();
  // What is resumed after a kill from now on has the lower rate.
  interval_ = Sums::restored(at_.sums, "steps");
  save(at_, Sums::restored(at_.sums, "epoch"));
}

QUIX_INLINE Trainer::Ending Trainer::train_epochs() {
  task_(&TaskTable::begin, at_);
  epoch_sums_ = Sums::restored(at_.sums, "epoch"), interval_ = Sums::restored(at_.sums, "steps");
  for (; at_.epoch < plan_.epochs; ++at_.epoch, at_.step_in_epoch = 0, epoch_sums_ = {})
    if (const auto ending = train_epoch(); ending != Ending::complete) return ending;
  require_training();
  return Ending::complete;
}

QUIX_INLINE std::uint64_t Trainer::end_of_epoch() const {
  return std::min(plan_.steps_per_epoch * plan_.samples_of_step, plan_.samples_of_epoch);
}

QUIX_INLINE std::string Trainer::label(const char* what) const {
  return std::string(what) + " " + std::to_string(at_.epoch + 1) + "/" + std::to_string(plan_.epochs);
}

QUIX_INLINE Trainer::Ending Trainer::train_epoch() {
  const Timer timer;
  const auto first = at_.step_in_epoch * plan_.samples_of_step;
  seen_ = step_begin_ = first;
  run_.console.bar().start(label("epoch"), plan_.samples_of_epoch, first);
  task_(&TaskTable::begin_epoch, at_.epoch, first);
  for (;;) {
    const auto batch = task_(&TaskTable::train_batch);
    if (batch.samples == 0) break;
    if (const auto ending = train_batch(batch)) return *ending;
  }
  return end_epoch(timer, static_cast<double>(seen_ - first) / timer.seconds());
}

QUIX_INLINE std::optional<Trainer::Ending> Trainer::train_batch(const BatchResult& batch) {
  seen_ += batch.samples;
  auto outcome = batch.outcome;
  if (outcome == StepOutcome::pending && seen_ == end_of_epoch()) outcome = task_(&TaskTable::end_epoch);
  if (outcome == StepOutcome::diverged) {
    say_skipped();
    return Ending::diverged;
  }
  if (!std::exchange(begun_, true)) task_(&TaskTable::require_metric, task_(&TaskTable::values, batch.sums));
  epoch_sums_ += batch.sums;
  if (plan_.log_steps > 0) interval_ += batch.sums;
  std::optional<Ending> ending;
  if (outcome != StepOutcome::pending) ending = end_step(outcome);  // gradients of a step to come are in no checkpoint
  run_.console.bar().update(seen_, [&] { return bar_text(epoch_sums_); });
  return ending;
}

QUIX_INLINE std::optional<Trainer::Ending> Trainer::end_step(StepOutcome outcome) {
  if (outcome == StepOutcome::skipped) say_skipped();
  step_begin_ = seen_;
  run_.stepped = true;
  ++at_.step, ++at_.step_in_epoch, at_.taken += outcome == StepOutcome::taken;
  if (plan_.log_steps > 0 && at_.step % plan_.log_steps == 0)
    run_.recorder.write_steps(at_, task_(&TaskTable::report).rate,
                              task_(&TaskTable::values, std::exchange(interval_, {})));
  if (at_.step_in_epoch >= plan_.steps_per_epoch) return {};  // the end of an epoch saves anyway, and after validation
  const bool stops = stop_signal() != 0;                      // asked once: it may come between two looks
  if (stops || checkpointer_.after_step(at_.step)) save(at_, epoch_sums_);
  return stops ? std::optional(Ending::interrupted) : std::nullopt;
}

QUIX_INLINE void Trainer::say_skipped() {
  const auto& report = task_(&TaskTable::report);
  const auto keys = [&](std::uint64_t end) {
    std::string out;
    for (auto i = step_begin_; i < end; ++i) out += (out.empty() ? "" : ", ") + task_(&TaskTable::key, i);
    return out;
  };
  const bool many = seen_ > step_begin_ + 8;
  run_.console.say("step " + std::to_string(report.step) + " skipped: " + report.why +
                   "; samples: " + keys(many ? step_begin_ + 8 : seen_) +
                   (many ? ", … (" + std::to_string(seen_ - step_begin_) + ", all in log.txt)" : ""));
  if (many) run_.console.note("the samples of step " + std::to_string(report.step) + " are " + keys(seen_));
}

QUIX_INLINE bool Trainer::validate(EpochResult& result) {
  auto said = task_(&TaskTable::validate, run_.console.bar(), label("validate"));
  if (!said) return true;
  result.val = std::move(said->totals), result.val_arrays = std::move(said->arrays);
  return !stop_signal() || !result.val.empty();
}

QUIX_INLINE Trainer::Ending Trainer::end_epoch(const Timer& timer, double samples_per_second) {
  EpochResult result{.epoch = at_.epoch + 1,
                     .step = at_.step,
                     .train = task_(&TaskTable::values, epoch_sums_),
                     .val = {},
                     .train_arrays = task_(&TaskTable::arrays, epoch_sums_),
                     .val_arrays = {},
                     .seconds = 0,
                     .samples_per_second = samples_per_second};
  if (!validate(result)) {  // interrupted in it: the resumed run validates again
    save(at_, epoch_sums_);
    return Ending::interrupted;
  }
  task_(&TaskTable::observe, result.val.empty() ? result.train : result.val);
  result.seconds = timer.seconds();
  run_.recorder.write_epoch(result);
  run_.console.say_epoch(result);
  const bool stops = stop_signal() != 0, last = at_.epoch + 1 == plan_.epochs;
  if (checkpointer_.after_epoch(at_.epoch + 1) || last || stops) {
    auto next = at_;
    ++next.epoch, next.step_in_epoch = 0;
    save(next, {});
  }
  last_ = std::move(result);
  return stops && !last ? Ending::interrupted : Ending::complete;
}

QUIX_INLINE void Trainer::save(const Position& at, const Sums& epoch) {
  auto position = at;
  position.sums = epoch.saved("epoch");
  for (auto& entry : interval_.saved("steps")) position.sums.push_back(std::move(entry));
  task_(&TaskTable::save, checkpointer_, position);
}

QUIX_INLINE void Trainer::require_training() const {
  if (at_.taken > 0 || at_.step == 0) return;
  const auto& why = task_(&TaskTable::report).why;
  throw Error("train", "all steps were skipped" + (why.empty() ? why : " (the last one: " + why + ")") +
                           "; try a lower optim.lr, or check the data");
}

}  // namespace quix::detail
