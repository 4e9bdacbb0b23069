#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace quix {

/// Up to eight sizes or strides.
class Dims {
 public:
  static constexpr std::size_t max = 8;  ///< dimensions

  constexpr Dims() = default;
  constexpr Dims(std::initializer_list<std::int64_t> list) {
    for (auto d : list) push_back(d);
  }

  constexpr void push_back(std::int64_t d) { values_[size_++] = d; }
  constexpr void set(std::size_t i, std::int64_t d) { values_[i] = d; }
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
  std::array<std::int64_t, max> values_{};
  std::size_t size_ = 0;
};

}  // namespace quix
