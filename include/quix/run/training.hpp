#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <quix/run/runner.hpp>

// How a Runner trains, with returns to older checkpoints.

namespace quix {

template <class Exp>
bool Runner<Exp>::train(Session& session, Position at) {
  if (at.first_step > 0) {
    plan(at);
    // The data changed: what is resumed or returned to from now on is of the new ones.
    if (at.step == at.first_step) save(session, at, {}, {});
  }
  const auto data = at.data;
  for (;;) {
    const auto ending = train_from(session, at);
    if (ending != Ending::diverged) return ending == Ending::complete;
    const auto checkpoint = session.rollback(processor_.divergence(), config_[role::step].non_finite);
    if (checkpoint.empty()) throw processor_.divergence();
    restore(checkpoint);
    processor_.scale_rate(processor_.rate_scale() *
                          config_[role::step].non_finite.rollback_factor(session.rollbacks()));
    at = session.rewind(checkpoint, processor_.rate_scale());
    at.data = data;
    // What is resumed after a kill from now on has the lower rate.
    save(session, at, detail::Sums::restored(at.sums, "epoch"), detail::Sums::restored(at.sums, "steps"));
  }
}

template <class Exp>
template <class Batches>
StepOutcome Runner<Exp>::train_batch(Batches& batches, std::size_t good, detail::Sums& sums) {
  const auto [inputs, targets] = batches.tensors();  // before the step's autocast
  auto step = processor_.step(good);
  // Whole batches alone: the first one says what is recorded.
  step.outputs = graphed_ && good == evaluator_.samples_of_batch()
                     ? (*graphed_)(std::apply([](const auto&... x) { return std::vector{x...}; }, inputs))
                     : evaluator_.forward(inputs);
  batches.look_ahead();
  auto value = evaluator_.loss(step.outputs, targets);
  auto parts = parts_of(value);
  step.loss = std::move(value);
  const auto outcome = step.end();
  // Outputs of a batch that is skipped say nothing. On a GPU what the metrics read back comes after the step.
  if (processor_.last_loss().weight == 0) return outcome;
  sums = {.loss = processor_.last_loss(),
          .parts = std::move(parts),
          .metrics = evaluator_.metrics(step.outputs, batches.scored(targets))};
  return outcome;
}

template <class Exp>
typename Runner<Exp>::Ending Runner<Exp>::train_from(Session& session, Position at) {
  const auto& options = config_[role::train];
  const auto step_size = evaluator_.samples_of_step();
  const auto per_epoch = steps_per_epoch();
  const auto epochs = static_cast<std::uint64_t>(options.epochs);
  const auto every = [](int n, std::uint64_t i) { return n > 0 && i % static_cast<std::uint64_t>(n) == 0; };
  Loader<S> loader(splits_.train(), evaluator_.loader_options("train"));
  processor_.seek(at.step);
  session.begin_step(at.step);
  auto epoch_sums = detail::Sums::restored(at.sums, "epoch"), interval = detail::Sums::restored(at.sums, "steps");
  evaluator_.model()->train();

  for (; at.epoch < epochs; ++at.epoch, at.step_in_epoch = 0, epoch_sums = {}) {
    const Timer timer;
    const auto first = at.step_in_epoch * step_size;
    const Moment moment{
        .seed = static_cast<std::uint64_t>(options.seed), .epoch = at.epoch, .position = 0, .train = true};
    auto& bar = session.bar();
    bar.start("epoch " + std::to_string(at.epoch + 1) + "/" + std::to_string(epochs), epoch_samples_, first);
    std::uint64_t seen = first, step_begin = first;
    const auto order = splits_.order(at.epoch);
    require_length(at.epoch, splits_.samples_in(order), epoch_samples_);
    const auto end = std::min<std::uint64_t>(per_epoch * step_size, epoch_samples_);
    auto samples = loader.epoch(order, first, end, moment);
    detail::DeviceBatches batches(samples, evaluator_.tensors(), evaluator_.copies(), moment);
    while (batches.next()) {
      const auto& batch = batches.batch();
      detail::Sums sums;
      session.begin_step(at.step + 1);
      seen += batch.size;
      auto outcome = train_batch(batches, good_samples(batch, session), sums);
      if (outcome == StepOutcome::pending && seen == end) outcome = processor_.end_epoch();
      if (outcome == StepOutcome::diverged) {
        session.say_skipped(processor_.report(), splits_.train(), order, step_begin, seen);
        return Ending::diverged;
      }
      epoch_sums += sums;
      if (config_[role::log].every_steps > 0) interval += sums;
      if (outcome == StepOutcome::pending) {  // the gradients of a step to come are in no checkpoint
        bar.update(seen, [&] { return detail::bar_text(epoch_sums); });
        continue;
      }
      if (outcome == StepOutcome::skipped)
        session.say_skipped(processor_.report(), splits_.train(), order, step_begin, seen);
      step_begin = seen;
      ++at.step, ++at.step_in_epoch, at.taken += outcome == StepOutcome::taken;
      if (every(config_[role::log].every_steps, at.step))
        session.log_steps(at, processor_.report().rate, evaluator_.values(std::exchange(interval, {})));
      bar.update(seen, [&] { return detail::bar_text(epoch_sums); });
      // The end of an epoch saves anyway, and after validation.
      const bool stops = stop_signal() && at.step_in_epoch < per_epoch;  // asked once: it may come between two looks
      if (stops || (at.step_in_epoch < per_epoch && every(config_[role::checkpoint].every_steps, at.step)))
        save(session, at, epoch_sums, interval);
      if (stops) return Ending::interrupted;
    }
    const double training = timer.seconds();

    EpochResult result{.epoch = at.epoch + 1,
                       .step = at.step,
                       .train = evaluator_.values(epoch_sums),
                       .val = {},
                       .train_arrays = evaluator_.arrays(epoch_sums),
                       .val_arrays = {},
                       .seconds = 0,
                       .samples_per_second = static_cast<double>(seen - first) / training};
    if (splits_.val()) {
      auto said = validate(bar, "validate " + std::to_string(at.epoch + 1) + "/" + std::to_string(epochs));
      result.val = std::move(said.totals), result.val_arrays = std::move(said.arrays);
      if (stop_signal() && result.val.empty()) {  // interrupted in it: the resumed run validates again
        save(session, at, epoch_sums, interval);
        return Ending::interrupted;
      }
    }
    processor_.observe(result.val.empty() ? result.train : result.val);
    result.seconds = timer.seconds();
    session.log_epoch(result);
    const bool stops = stop_signal() != 0;
    if (every(config_[role::checkpoint].every_epochs, at.epoch + 1) || at.epoch + 1 == epochs || stops) {
      auto next = at;
      ++next.epoch, next.step_in_epoch = 0;
      save(session, next, {}, interval);
    }
    if (stops && at.epoch + 1 < epochs) return Ending::interrupted;
  }
  if (at.taken == 0 && at.step > 0) {
    const auto& why = processor_.report().why;
    throw Error("train", "every step of the run was skipped" + (why.empty() ? why : " (the last one: " + why + ")") +
                             ", so that nothing was trained; try a lower optim.lr, and check the data");
  }
  return Ending::complete;
}

}  // namespace quix
