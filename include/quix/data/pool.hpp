#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace quix {

/// Allocates memory, 64-byte aligned, which is freed with its last handle.
using Allocate = std::shared_ptr<std::byte> (*)(std::size_t bytes);

inline std::shared_ptr<std::byte> allocate_host(std::size_t bytes) {
  constexpr std::align_val_t line{64};
  return {static_cast<std::byte*>(::operator new(bytes, line)), [](std::byte* p) { ::operator delete(p, line); }};
}

/// Memory for batches, all of one size, 64-byte aligned. A buffer returns to the pool when its last handle (including
/// tensors) is destroyed; so a steady state does not allocate.
class Pool {
 public:
  using Hook = std::function<void(std::byte*)>;

  /// `construct` and `destroy` are called once for each buffer: for the objects that live in it.
  explicit Pool(std::size_t bytes, Allocate allocate = allocate_host, Hook construct = {}, Hook destroy = {})
      : state_(std::make_shared<State>(bytes, allocate, std::move(construct), std::move(destroy))) {}

  std::shared_ptr<std::byte> get() {
    std::byte* memory = nullptr;
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->free.empty()) {
        auto buffer = state_->allocate(state_->bytes);
        if (state_->construct) state_->construct(buffer.get());
        state_->free.push_back(buffer.get());
        state_->all.push_back(std::move(buffer));
      }
      memory = state_->free.back(), state_->free.pop_back();
    }
    return {memory, [state = state_](std::byte* p) {
              const std::lock_guard lock(state->mutex);
              state->free.push_back(p);
            }};
  }

 private:
  struct State {
    State(std::size_t n, Allocate a, Hook c, Hook d)
        : bytes(n), allocate(a), construct(std::move(c)), destroy(std::move(d)) {}
    ~State() {
      for (auto& buffer : all)
        if (destroy) destroy(buffer.get());
    }
    std::size_t bytes;
    Allocate allocate;
    Hook construct, destroy;
    std::mutex mutex;
    std::vector<std::byte*> free;
    std::vector<std::shared_ptr<std::byte>> all;
  };
  std::shared_ptr<State> state_;
};

}  // namespace quix
