#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quix {

/// The type of a tensor's elements, named as safetensors names them.
enum class DType : std::uint8_t { b8, u8, i8, i16, i32, i64, f16, bf16, f32, f64 };

constexpr std::size_t size_of(DType type) {
  constexpr std::size_t sizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8};
  return sizes[static_cast<std::size_t>(type)];
}

/// "F32", "BOOL", …
constexpr std::string_view name_of(DType type) {
  constexpr std::string_view names[] = {"BOOL", "U8", "I8", "I16", "I32", "I64", "F16", "BF16", "F32", "F64"};
  return names[static_cast<std::size_t>(type)];
}

}  // namespace quix
