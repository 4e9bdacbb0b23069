#pragma once

#include <algorithm>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include <quix/cfg/help.hpp>
#include <quix/cfg/terminal.hpp>

namespace quix {
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
    if (column > indent && column + 1 + text_width(word) > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += text_width(word);
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
  std::string refined;
  for (const auto& row : table.options()) {
    if (row.hidden()) continue;
    const auto dot = row.path.find('.');
    const bool selects = row.type->kind == ValueType::Kind::choice || row.type->kind == ValueType::Kind::presence;
    auto path = row.path;
    if (row.type->kind == ValueType::Kind::choice) path.resize(path.size() - 5);  // .name
    Line line{.group = row.command                ? "program"
                       : dot == std::string::npos ? (selects ? row.path : "options")
                                                  : row.path.substr(0, dot),
              .flag = row.positional() ? detail::word_of(path) : "--" + path,
              .type = row.boolean() ? "" : row.type_text(),
              .help = std::string(row.help())};
    if (!group.empty() && line.group != group && path != group && !path.starts_with(std::string(group) + ".")) continue;
    if (row.base >= 0) {
      const auto& base = table.options()[static_cast<std::size_t>(row.base)].path;
      std::size_t same = 0;
      while (same < base.size() && base[same] == row.path[same]) ++same;
      const auto split = row.path.substr(0, row.path.find('.', same));
      if (refined.find(split) == std::string::npos) refined += (refined.empty() ? "--" : ", --") + split + ".…";
      continue;
    }
    if (const auto branch = table.branch_of(row); !branch.empty())
      line.group = table.forks()[static_cast<std::size_t>(row.fork)].path + " = " + std::string(branch);
    if (row.note) {
      const auto& limits = row.note->limits;
      const auto add = [&](const std::string& text) { line.help += (line.help.empty() ? "" : "; ") + text; };
      if (limits.flag) line.flag += std::string(", -") + limits.flag;
      if (const auto text = detail::limits_text(limits); !text.empty()) add(text);
      if (!limits.env.empty()) add("from $" + std::string(limits.env));
      if (!limits.deprecated.empty()) add("deprecated: " + std::string(limits.deprecated));
      if (limits.required) add("required");
    }
    const auto initial = detail::one_line(row.standard());
    const bool required = row.note && row.note->limits.required;
    if (!required && (!row.command || (!initial.empty() && initial != "false" && initial != "none")))
      line.help += (line.help.empty() ? "[" : " [") + (initial.empty() ? "empty" : initial) + "]";
    lines.push_back(std::move(line));
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return (a.group == "program") < (b.group == "program"); });
  std::size_t left = 0;
  for (const auto& line : lines)
    left = std::max(left, std::min<std::size_t>(text_width(line.flag) + text_width(line.type) + 5, 34));
  std::string out, current;
  for (const auto& line : lines) {
    if (line.group != current) out += (out.empty() ? "" : "\n") + bold(line.group) + "\n", current = line.group;
    const auto head = "  " + line.flag + (line.type.empty() ? "" : " " + dim(line.type));
    const auto used = 2 + text_width(line.flag) + (line.type.empty() ? 0 : 1 + text_width(line.type));
    out += head + (used + 2 <= left ? std::string(left - used, ' ') : "\n" + std::string(left, ' ')) +
           wrapped(line.help, left, style.width) + "\n";
  }
  if (!refined.empty()) out += "\n" + wrapped(refined + " override an option for one split.", 2, style.width) + "\n";
  return out;
}

}  // namespace quix
