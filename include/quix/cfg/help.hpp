#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/table.hpp>

namespace quix {

/// How --help looks on this terminal.
struct HelpStyle {
  std::size_t width = 80;
  bool colour = false;
};

/// What the terminal behind standard output can show.
HelpStyle help_style();

/// The options, grouped, each with type, help, limits and default; `group` shows one group only.
std::string help_text(const Table& table, const HelpStyle& style, std::string_view group = {});

/// Indented and wrapped text.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/help.ipp>
#endif
