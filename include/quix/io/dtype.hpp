#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace quix {

/// The type of a tensor's elements, named as safetensors names them.
enum class DType : std::uint8_t { b8, u8, i8, i16, i32, i64, f16, bf16, f32, f64, u16, u32, u64, c64, c128 };
inline constexpr int dtype_count = 15;

constexpr std::size_t size_of(DType type) {
  constexpr std::size_t sizes[] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 2, 4, 8, 8, 16};
  return sizes[static_cast<std::size_t>(type)];
}

/// "F32", "BOOL", …
constexpr std::string_view name_of(DType type) {
  constexpr std::string_view names[] = {"BOOL", "U8",  "I8",  "I16", "I32", "I64", "F16", "BF16",
                                        "F32",  "F64", "U16", "U32", "U64", "C64", "C128"};
  return names[static_cast<std::size_t>(type)];
}

/// The DType of a C++ number. f16, bf16 and the complex ones have no C++ type here.
template <class T>
requires(std::is_arithmetic_v<T>) constexpr DType dtype_for() {
  if constexpr (std::same_as<T, bool>)
    return DType::b8;
  else if constexpr (std::is_floating_point_v<T>) {
    static_assert(sizeof(T) <= 8, "quix: no tensor holds long double; write float or double");
    return sizeof(T) == 4 ? DType::f32 : DType::f64;
  } else if constexpr (std::is_signed_v<T>) {
    constexpr DType types[] = {DType::i8, DType::i16, DType::i32, DType::i64};
    return types[sizeof(T) == 8 ? 3 : sizeof(T) / 2];
  } else {
    constexpr DType types[] = {DType::u8, DType::u16, DType::u32, DType::u64};
    return types[sizeof(T) == 8 ? 3 : sizeof(T) / 2];
  }
}

}  // namespace quix
