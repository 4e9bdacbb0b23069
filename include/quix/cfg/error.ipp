#pragma once

#include <utility>

#include <quix/cfg/error.hpp>

namespace quix {

QUIX_INLINE std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    // In UTF-8, U+0080 to U+009F are control characters too: 0x9b begins a terminal's command.
    const bool wide = c == 0xc2 && i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xe0) == 0x80;
    if (wide) c = static_cast<unsigned char>(text[++i]);
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\r')
      out += "\\r";
    else if (wide || c < 0x20 || c == 0x7f)
      out.append("\\x").append(1, digits[c >> 4]).append(1, digits[c & 15]);
    else
      out += text[i];
  }
  return out;
}

QUIX_INLINE std::string Problem::text() const {
  auto line = printable(where.empty() ? what : where + ": " + what);
  if (!excerpt.empty()) line += "\n" + excerpt;
  return line;
}

QUIX_INLINE Error::Error(std::vector<Problem> problems) : problems_(std::move(problems)) {
  for (const auto& problem : problems_) text_ += (text_.empty() ? "" : "\n") + problem.text();
}

QUIX_INLINE Error::Error(std::string where, std::string what)
    : Error(std::vector{Problem{std::move(where), std::move(what), {}}}) {}

}  // namespace quix
