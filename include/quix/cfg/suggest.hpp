#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace quix::detail {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Whether two names differ at most in `-` for `_`.
constexpr bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i] && !((a[i] == '-' || a[i] == '_') && (b[i] == '-' || b[i] == '_'))) return false;
  return true;
}

/// Edit distance with `-` and `_`, and small and capital letters alike; a swap of neighbours counts as one edit. Names
/// are short: longer than 63 never match.
constexpr std::size_t edit_distance(std::string_view a, std::string_view b) {
  constexpr std::size_t limit = 64;
  if (a.size() >= limit || b.size() >= limit) return limit;
  const auto same = [](char x, char y) {
    return lower(x) == lower(y) || ((x == '-' || x == '_') && (y == '-' || y == '_'));
  };
  std::size_t before[limit]{}, last[limit]{}, row[limit]{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same(a[i - 1], b[j - 1]) ? 0u : 1u)});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    for (std::size_t j = 0; j <= b.size(); ++j) before[j] = last[j], last[j] = row[j];
  }
  return last[b.size()];
}

/// The name nearest to `word`, if it is near enough to be what somebody meant; else an empty view.
template <class Names>
constexpr std::string_view nearest(std::string_view word, const Names& names) {
  std::string_view best;
  std::size_t distance = word.size() / 3 + 2;  // a third of the letters, at least one typo
  for (std::string_view name : names)
    if (const auto d = edit_distance(word, name); d < distance && d < std::max(word.size(), name.size()))
      distance = d, best = name;
  return best;
}

}  // namespace quix::detail
