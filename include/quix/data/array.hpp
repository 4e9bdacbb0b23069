#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <quix/io/dims.hpp>
#include <quix/io/dtype.hpp>

namespace quix {

/// The memory layout of one sample's field. Strides count elements.
struct Layout {
  DType dtype = DType::u8;
  Dims shape;
  Dims strides;

  std::size_t bytes() const { return static_cast<std::size_t>(shape.count()) * size_of(dtype); }
  bool operator==(const Layout&) const = default;
};

/// A handle to memory with a shape: the field of a sample or, with a leading dimension, of a batch. Does not use torch;
/// with `<quix/torch/tensor.hpp>` included `*array` is its tensor, which keeps the memory alive.
class Array {
 public:
  Array() = default;
  Array(std::shared_ptr<std::byte> owner, std::byte* data, Layout layout)
      : owner_(std::move(owner)), data_(data), layout_(layout) {}

  template <class T = std::byte>
  T* data() const {
    return reinterpret_cast<T*>(data_);
  }
  DType dtype() const { return layout_.dtype; }
  const Dims& shape() const { return layout_.shape; }
  const Dims& strides() const { return layout_.strides; }
  const std::shared_ptr<std::byte>& owner() const { return owner_; }

 private:
  std::shared_ptr<std::byte> owner_;
  std::byte* data_ = nullptr;
  Layout layout_;
};

/// An array with new, uninitialized memory.
inline Array new_array(const Layout& layout) {
  std::shared_ptr<std::byte> memory(new std::byte[std::max<std::size_t>(layout.bytes(), 1)],
                                    std::default_delete<std::byte[]>());
  auto* begin = memory.get();
  return {std::move(memory), begin, layout};
}

}  // namespace quix
