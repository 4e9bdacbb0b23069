#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include <quix/io/dtype.hpp>

namespace quix {

/// Up to eight sizes or strides.
class Dims {
 public:
  constexpr Dims() = default;
  constexpr Dims(std::initializer_list<std::int64_t> list) {
    for (auto d : list) push_back(d);
  }

  constexpr void push_back(std::int64_t d) { values_[size_++] = d; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::int64_t operator[](std::size_t i) const { return values_[i]; }
  constexpr const std::int64_t* begin() const { return values_.data(); }
  constexpr const std::int64_t* end() const { return values_.data() + size_; }
  constexpr const std::int64_t* data() const { return values_.data(); }
  constexpr bool operator==(const Dims&) const = default;

  /// The product: 1 for a scalar.
  constexpr std::int64_t count() const {
    std::int64_t n = 1;
    for (auto d : *this) n *= d;
    return n;
  }

  /// "[1, 28, 28]"
  std::string text() const {
    std::string out = "[";
    for (std::size_t i = 0; i < size_; ++i) out += (i ? ", " : "") + std::to_string(values_[i]);
    return out + "]";
  }

 private:
  std::array<std::int64_t, 8> values_{};
  std::size_t size_ = 0;
};

/// What the memory of one sample's field looks like. Strides count elements.
struct Layout {
  DType dtype = DType::u8;
  Dims shape;
  Dims strides;

  std::size_t bytes() const { return static_cast<std::size_t>(shape.count()) * size_of(dtype); }
  bool operator==(const Layout&) const = default;
};

/// A handle on memory with a shape: the field of a sample or, with a leading dimension, of a batch. Knows no torch;
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

}  // namespace quix
