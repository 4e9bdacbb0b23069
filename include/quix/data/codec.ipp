#pragma once

#include <charconv>

#include <quix/data/codec.hpp>

namespace quix::detail {

QUIX_INLINE std::int64_t parse_class(Bytes bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  const auto trimmed =
      begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), value);
  if (trimmed.empty() || code != std::errc{} || end != trimmed.data() + trimmed.size())
    throw Error(
        "", "expected a class number, got " + (text.empty() ? "nothing" : '"' + std::string(text.substr(0, 20)) + '"'));
  return value;
}

}  // namespace quix::detail
