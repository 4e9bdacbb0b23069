#pragma once

#include <cstddef>
#include <string_view>

namespace quix::detail {

/// Bytes of the UTF-8 character at the text's begin; 0 when it is not one.
inline std::size_t utf8_length(std::string_view text) {
  const auto c = static_cast<unsigned char>(text[0]);
  const std::size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
  if (n > text.size()) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  // Longer than needed, halves of surrogate pairs, beyond U+10FFFF.
  const auto second = n > 2 ? static_cast<unsigned char>(text[1]) : 0;
  if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) || (c == 0xf0 && second < 0x90) ||
      (c == 0xf4 && second > 0x8f))
    return 0;
  return n;
}

inline bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto n = utf8_length(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

}  // namespace quix::detail
