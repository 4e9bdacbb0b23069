#pragma once

#include <cstddef>
#include <memory>
#include <utility>

namespace quix {

/// A field whose samples have no common shape: one value per sample. The values are in the batch's memory, which later
/// batches reuse; a copy of the list keeps them alive.
template <class T>
class List {
 public:
  using value_type = T;

  List() = default;
  /// The field of a single sample to be written.
  List(T value) : List() {  // NOLINT: {.text = "a cat"}
    auto one = std::make_shared<T>(std::move(value));
    data_ = one.get(), size_ = 1, owner_ = std::move(one);
  }
  List(std::shared_ptr<void> owner, T* data, std::size_t size) : owner_(std::move(owner)), data_(data), size_(size) {}

  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }

 private:
  std::shared_ptr<void> owner_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace quix
