#pragma once

#include <algorithm>
#include <string>

#include <quix/cfg/terminal.hpp>
#include <quix/run/checkpointer.hpp>

namespace quix {

QUIX_INLINE Checkpointer::Checkpointer(OpenRun& run, const Checkpoint& when, const NonFinite& policy,
                                       const Position& at)
    : run_(run),
      when_(when),
      policy_(policy),
      rollbacks_(at.rollbacks),
      oldest_return_(at.oldest_return),
      first_step_(at.first_step) {}

QUIX_INLINE void Checkpointer::complete(Position& at) {
  run_.folder.require_here();
  run_.recorder.sync(at);
  at.rollbacks = rollbacks_, at.oldest_return = oldest_return_;
}

QUIX_INLINE void Checkpointer::save(Position at, const RunState& state, std::uint64_t last_good) {
  complete(at);
  save_checkpoint(run_.folder.checkpoints(), view(std::move(at), state), retention(last_good));
}

QUIX_INLINE std::filesystem::path Checkpointer::rollback(const Diverged& error) {
  if (policy_.action != NonFinite::Action::rollback || rollbacks_ >= most_rollbacks_) return {};
  auto steps = checkpoint_steps(run_.folder.checkpoints());
  std::reverse(steps.begin(), steps.end());
  for (const auto step : steps) {
    const auto checkpoint = checkpoint_folder(run_.folder.checkpoints(), step);
    if (step > error.last_good() || step >= oldest_return_ || step < first_step_ || !damage(checkpoint).empty())
      continue;
    oldest_return_ = step, ++rollbacks_;
    run_.console.say(error.what());
    return checkpoint;
  }
  return {};
}

QUIX_INLINE Retention Checkpointer::retention(std::uint64_t last_good) const {
  Retention out{.keep = static_cast<std::size_t>(when_.keep)};
  if (policy_.action == NonFinite::Action::rollback && rollbacks_ < most_rollbacks_)
    out.good = static_cast<std::size_t>(most_rollbacks_ - rollbacks_), out.last_good = last_good,
    out.before = oldest_return_;
  return out;
}

QUIX_INLINE Position Checkpointer::rewind(const std::filesystem::path& checkpoint, double rate_scale) {
  auto position = read_position(checkpoint);
  drop_checkpoints_after(run_.folder.checkpoints(), position.step);
  run_.recorder.cut(position);
  run_.console.say("rolled back to step " + std::to_string(position.step) + "; learning rate × " +
                   detail::short_number(rate_scale));
  return position;
}

}  // namespace quix
