#pragma once

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include <quix/cfg/help.hpp>

namespace quix {
namespace detail {

/// Columns that UTF-8 text takes (no wide characters in our texts).
inline std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace detail

QUIX_INLINE HelpStyle help_style() {
  HelpStyle style;
  winsize size{};
  if (isatty(STDOUT_FILENO)) {
    style.colour = !std::getenv("NO_COLOR");
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
      style.width = std::min<std::size_t>(size.ws_col, 120);
  }
  return style;
}

QUIX_INLINE std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (column > indent && column + 1 + detail::columns(word) > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += detail::columns(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

QUIX_INLINE std::string help_text(const Table& table, const HelpStyle& style, std::string_view group) {
  const auto bold = [&](const std::string& text) { return style.colour ? "\033[1m" + text + "\033[0m" : text; };
  const auto dim = [&](const std::string& text) { return style.colour ? "\033[2m" + text + "\033[0m" : text; };
  struct Line {
    std::string group, flag, type, help;
  };
  std::vector<Line> lines;
  for (const auto& row : table.rows()) {
    if (row.note && row.note->limits.hidden) continue;
    const auto dot = row.path.find('.');
    Line line{.group = row.command                ? "program"
                       : dot == std::string::npos ? "experiment"
                                                  : row.path.substr(0, dot),
              .flag = "--" + row.path,
              .type = row.boolean ? "" : row.type,
              .help = std::string(row.help())};
    if (!group.empty() && line.group != group && !row.path.starts_with(std::string(group) + ".")) continue;
    if (row.note && row.note->limits.flag) line.flag += std::string(", -") + row.note->limits.flag;
    if (row.note)
      if (const auto limits = detail::limits_text(row.note->limits); !limits.empty())
        line.help += (line.help.empty() ? "" : "; ") + limits;
    if (!row.command || (!row.initial.empty() && row.initial != "false" && row.initial != "none"))
      line.help += (line.help.empty() ? "[" : " [") + (row.initial.empty() ? "empty" : row.initial) + "]";
    lines.push_back(std::move(line));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return (a.group == "program") < (b.group == "program"); });
  std::size_t left = 0;
  for (const auto& line : lines)
    left = std::max(left, std::min<std::size_t>(detail::columns(line.flag) + detail::columns(line.type) + 5, 34));
  std::string out, current;
  for (const auto& line : lines) {
    if (line.group != current) out += (out.empty() ? "" : "\n") + bold(line.group) + "\n", current = line.group;
    const auto head = "  " + line.flag + (line.type.empty() ? "" : " " + dim(line.type));
    const auto used = 2 + detail::columns(line.flag) + (line.type.empty() ? 0 : 1 + detail::columns(line.type));
    out += head + (used + 2 <= left ? std::string(left - used, ' ') : "\n" + std::string(left, ' ')) +
           wrapped(line.help, left, style.width) + "\n";
  }
  return out;
}

}  // namespace quix
