#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <quix/data/dataset.hpp>

namespace quix {

namespace detail {

inline constexpr std::size_t most_shards = 10'000'000;

/// "08..11" as its numbers, as wide as the first; empty when it is not a range.
inline std::vector<std::string> numbers_of_range(std::string_view text, const std::string& pattern) {
  const auto dots = text.find("..");
  if (dots == text.npos) return {};
  std::uint64_t first = 0, last = 0;
  const auto number = [](std::string_view digits, std::uint64_t& value) {
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return code == std::errc{} && end == digits.data() + digits.size();
  };
  if (!number(text.substr(0, dots), first) || !number(text.substr(dots + 2), last)) return {};
  if (last < first) throw Error(pattern, "counts down from " + std::to_string(first) + " to " + std::to_string(last));
  if (last - first >= most_shards) throw Error(pattern, "names more than ten million shards");
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i <= last - first; ++i) {
    auto digits = std::to_string(first + i);
    if (digits.size() < dots) digits.insert(0, dots - digits.size(), '0');
    out.push_back(std::move(digits));
  }
  return out;
}

inline std::vector<std::string> expand(std::string_view text, const std::string& pattern) {
  const auto open = text.find('{');
  if (open == text.npos) return {std::string(text)};
  // The closing brace, and the commas of this level.
  std::vector<std::size_t> cuts{open};
  std::size_t close = open, depth = 0;
  for (; close < text.size(); ++close) {
    if (text[close] == '{') ++depth;
    if (text[close] == ',' && depth == 1) cuts.push_back(close);
    if (text[close] == '}' && --depth == 0) break;
  }
  if (close == text.size()) {  // a literal brace; others may follow
    auto out = expand(text.substr(open + 1), pattern);
    for (auto& one : out) one.insert(0, text.substr(0, open + 1));
    return out;
  }
  cuts.push_back(close);
  std::vector<std::string> middles;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
    for (auto& one : expand(text.substr(cuts[i] + 1, cuts[i + 1] - cuts[i] - 1), pattern))
      middles.push_back(std::move(one));
  if (cuts.size() == 2) {  // no comma: a range, or literal braces
    auto numbers = numbers_of_range(text.substr(open + 1, close - open - 1), pattern);
    if (numbers.empty())
      for (auto& one : middles) one = '{' + one + '}';
    else
      middles = std::move(numbers);
  }
  const auto ends = expand(text.substr(close + 1), pattern);
  if (middles.size() > most_shards / ends.size()) throw Error(pattern, "names more than ten million shards");
  std::vector<std::string> out;
  for (const auto& middle : middles)
    for (const auto& end : ends) out.push_back(std::string(text.substr(0, open)) + middle + end);
  return out;
}

}  // namespace detail

QUIX_INLINE std::vector<std::string> expand_braces(const std::string& pattern) {
  return detail::expand(pattern, pattern);
}

}  // namespace quix
