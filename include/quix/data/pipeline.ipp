#pragma once

#include <algorithm>

#include <quix/data/parallel.hpp>
#include <quix/data/pipeline.hpp>

namespace quix {

QUIX_INLINE Pipeline::Pipeline(const Plan& plan, Pool& pool)
    : plan_(plan),
      pool_(pool),
      batches_((plan.end - plan.begin + plan.batch - 1) / plan.batch),
      slots_(std::max<std::uint64_t>(
          1, std::min<std::uint64_t>(std::max(plan.prefetch, 1u), std::max<std::uint64_t>(batches_, 1)))) {
  if (plan_.threads == 0 || batches_ == 0) return;
  run_ = std::clamp<std::size_t>(plan_.batch / (4 * plan_.threads), 1, plan_.run);
  runs_per_batch_ = (plan_.batch + run_ - 1) / run_;
  for (auto& slot : slots_) slot.memory = pool_.get();
  detail::start_threads(
      threads_, plan_.threads, [this] { work(); }, [this] { stop(); });
}

QUIX_INLINE void Pipeline::stop() {
  stop_ = true;
  released_.fetch_add(1u << 31);
  released_.notify_all();
}

QUIX_INLINE Pipeline::~Pipeline() {
  stop();
  for (auto& thread : threads_) thread.join();
}

QUIX_INLINE std::size_t Pipeline::size_of_batch(std::uint64_t batch) const {
  const auto begin = plan_.begin + batch * plan_.batch;
  return static_cast<std::size_t>(std::min<std::uint64_t>(plan_.batch, plan_.end - begin));
}

QUIX_INLINE void Pipeline::decode_run(Slot& slot, std::uint64_t batch, std::size_t from, std::size_t to,
                                      Scratch& scratch) {
  plan_.decode(plan_.context, plan_.begin + batch * plan_.batch + from, from, to - from, slot.memory.get(), scratch,
               slot.failures);
}

QUIX_INLINE void Pipeline::work() {
  Scratch scratch;
  for (;;) {
    const auto claim = claims_.fetch_add(1, std::memory_order_relaxed);
    const auto batch = claim / runs_per_batch_;
    if (batch >= batches_) return;
    const auto size = size_of_batch(batch);
    const auto from = static_cast<std::size_t>(claim % runs_per_batch_) * run_;
    if (from >= size) continue;
    const auto to = std::min(from + run_, size);
    for (auto released = released_.load(std::memory_order_acquire); batch >= released + slots_.size();
         released = released_.load(std::memory_order_acquire)) {
      if (stop_) return;
      released_.wait(released);
    }
    if (stop_) return;
    auto& slot = slots_[batch % slots_.size()];
    decode_run(slot, batch, from, to, scratch);
    if (slot.done.fetch_add(static_cast<std::uint32_t>(to - from), std::memory_order_acq_rel) + (to - from) == size)
      slot.done.notify_one();
  }
}

QUIX_INLINE Pipeline::Filled Pipeline::next() {
  if (taken_ == batches_) return {};
  const auto batch = taken_++;
  auto& slot = slots_[batch % slots_.size()];
  const auto size = size_of_batch(batch);
  if (plan_.threads == 0) {
    slot.memory = pool_.get();
    decode_run(slot, batch, 0, size, scratch_);
  } else {
    for (auto done = slot.done.load(std::memory_order_acquire); done != size;
         done = slot.done.load(std::memory_order_acquire))
      slot.done.wait(done);
  }
  Filled filled{.memory = std::move(slot.memory), .size = size, .first = plan_.begin + batch * plan_.batch, .bad = {}};
  std::swap(filled.bad, slot.failures.bad_);
  std::sort(filled.bad.begin(), filled.bad.end(), [](const Bad& a, const Bad& b) { return a.row < b.row; });
  const auto failure = std::exchange(slot.failures.what_, nullptr);
  slot.failures.at_ = ~std::uint64_t{0};
  if (plan_.threads > 0) {
    slot.memory = pool_.get();
    slot.done.store(0, std::memory_order_relaxed);
    released_.fetch_add(1, std::memory_order_release);
    released_.notify_all();
  }
  if (failure) std::rethrow_exception(failure);
  return filled;
}

}  // namespace quix
