#pragma once

#include <cstddef>
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
  explicit Pool(std::size_t bytes) : state_(std::make_shared<State>(bytes)) {}

  std::shared_ptr<std::byte> get() {
    std::byte* memory = nullptr;
    {
      const std::lock_guard lock(state_->mutex);
      if (!state_->free.empty()) memory = state_->free.back(), state_->free.pop_back();
    }
    if (!memory) memory = static_cast<std::byte*>(::operator new (state_->bytes, std::align_val_t{64}));
    return {memory, [state = state_](std::byte* p) {
              const std::lock_guard lock(state->mutex);
              state->free.push_back(p);
            }};
  }

 private:
  struct State {
    explicit State(std::size_t n) : bytes(n) {}
    ~State() {
      for (auto* p : free) ::operator delete (p, std::align_val_t{64});
    }
    std::size_t bytes;
    std::mutex mutex;
    std::vector<std::byte*> free;
  };
  std::shared_ptr<State> state_;
};

}  // namespace quix
