#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace quix {

/// Memory for batches, all of one size, 64-byte aligned. A buffer comes back when the last handle (a tensor's too) on
/// it dies, and is handed out again; so a steady state allocates nothing.
class Pool {
 public:
  using Hook = std::function<void(std::byte*)>;

  /// `construct` and `destroy` are called once for each buffer: for the objects that live in it.
  explicit Pool(std::size_t bytes, Hook construct = {}, Hook destroy = {})
      : state_(std::make_shared<State>(bytes, std::move(construct), std::move(destroy))) {}

  std::shared_ptr<std::byte> get() {
    std::byte* memory = nullptr;
    {
      const std::lock_guard lock(state_->mutex);
      if (!state_->free.empty()) memory = state_->free.back(), state_->free.pop_back();
    }
    if (!memory) {
      memory = static_cast<std::byte*>(::operator new (state_->bytes, std::align_val_t{64}));
      if (state_->construct) state_->construct(memory);
    }
    return {memory, [state = state_](std::byte* p) {
              const std::lock_guard lock(state->mutex);
              state->free.push_back(p);
            }};
  }

 private:
  struct State {
    State(std::size_t n, Hook c, Hook d) : bytes(n), construct(std::move(c)), destroy(std::move(d)) {}
    ~State() {
      for (auto* p : free) {
        if (destroy) destroy(p);
        ::operator delete (p, std::align_val_t{64});
      }
    }
    std::size_t bytes;
    Hook construct, destroy;
    std::mutex mutex;
    std::vector<std::byte*> free;
  };
  std::shared_ptr<State> state_;
};

}  // namespace quix
