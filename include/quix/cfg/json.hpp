#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <quix/cfg/error.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/text.hpp>
#include <quix/detail/separate.hpp>

namespace quix::json {

/// Walks over JSON text (with comments and trailing commas). Knows where it is, allocates nothing, and runs at
/// compile time too: a failure sets `problem` and stays at the place.
struct Cursor {
  std::string_view text;
  std::size_t at = 0;
  std::uint32_t line = 1;
  std::size_t line_start = 0;
  const char* problem = nullptr;
  /// What a comment of the form `/*@3:7*/` said last: text that was made from another file carries the places of that.
  std::uint32_t marked_line = 0, marked_column = 0;

  constexpr std::uint32_t column() const { return static_cast<std::uint32_t>(at - line_start + 1); }
  constexpr bool done() const { return at >= text.size(); }
  constexpr char peek() const { return done() ? '\0' : text[at]; }

  /// Skips blanks, line ends and comments.
  constexpr void skip() {
    if (at == 0 && text.starts_with("\xef\xbb\xbf")) at = line_start = 3;  // a byte order mark
    while (!done() && !problem) {
      const char c = text[at];
      if (c == '\n') {
        ++at, ++line, line_start = at;
      } else if (c == ' ' || c == '\t' || c == '\r') {
        ++at;
      } else if (text.substr(at, 2) == "//") {
        while (!done() && text[at] != '\n') ++at;
      } else if (text.substr(at, 2) == "/*") {
        const auto end = text.find("*/", at + 2);
        if (end == text.npos) {
          problem = "this comment has no end";
          return;
        }
        if (text.substr(at + 2, 1) == "@") mark(text.substr(at + 3, end - at - 3));
        for (; at < end + 2; ++at)
          if (text[at] == '\n') ++line, line_start = at + 1;
      } else {
        return;
      }
    }
  }

  constexpr void mark(std::string_view place) {
    std::uint32_t numbers[2]{};
    std::size_t n = 0;
    for (char c : place)
      if (c == ':' && n == 0)
        n = 1;
      else if (c >= '0' && c <= '9')
        numbers[n] = numbers[n] * 10 + static_cast<std::uint32_t>(c - '0');
    marked_line = numbers[0], marked_column = numbers[1];
  }

  /// Takes the character if it is next (after blanks).
  constexpr bool take(char c) {
    skip();
    if (problem || peek() != c) return false;
    ++at;
    return true;
  }

  /// The inside of a string, escapes as written; the cursor is on its first quote.
  constexpr std::string_view raw_string() {
    const auto begin = ++at;
    while (!done() && text[at] != '"' && text[at] != '\n') at += text[at] == '\\' ? 2 : 1;
    if (peek() != '"') {
      at = begin - 1;
      problem = "this string has no end on its line";
      return {};
    }
    return text.substr(begin, at++ - begin);
  }

  /// A number, `true`, `false` or `null`.
  constexpr std::string_view word() {
    const auto begin = at;
    const auto part = [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
             c == '.' || c == '_';
    };
    while (!done() && part(text[at])) ++at;
    const auto word = text.substr(begin, at - begin);
    if (!is_literal(word)) {
      at = begin;
      problem = word.empty() ? "expected a value"
                : word == "NaN" || word == "Infinity" || word == "-Infinity"
                    ? "JSON has no such number: write the string \"nan\", \"inf\" or \"-inf\""
                : detail::is_true(word) || detail::is_false(word) || detail::is_none(word)
                    ? "expected a value; JSON writes true, false and null in lower case"
                    : "expected a value; put strings in double quotes";
    }
    return word;
  }

  /// true, false, null or a number by JSON's grammar.
  static constexpr bool is_literal(std::string_view word) {
    if (word == "true" || word == "false" || word == "null") return true;
    std::size_t i = 0;
    const auto digits = [&] {
      const auto begin = i;
      while (i < word.size() && word[i] >= '0' && word[i] <= '9') ++i;
      return i - begin;
    };
    if (i < word.size() && word[i] == '-') ++i;
    const auto first = i;
    const auto whole = digits();
    if (whole == 0 || (whole > 1 && word[first] == '0')) return false;
    if (i < word.size() && word[i] == '.' && (++i, digits() == 0)) return false;
    if (i < word.size() && (word[i] == 'e' || word[i] == 'E')) {
      ++i;
      if (i < word.size() && (word[i] == '-' || word[i] == '+')) ++i;
      if (digits() == 0) return false;
    }
    return i == word.size();
  }
};

/// Reads a whole document. Throws Error at `file:line:column`, with the line and a caret.
Node parse(std::string_view text, const std::string& file);

/// Writes a value with the places of its parts as comments, for the checks at compile time.
std::string write_marked(const Node& node);

/// Writes a value; `indent` spaces a level, 0 for one line (`", "` and `": "` between, as Python's json.dumps).
std::string write(const Node& node, int indent = 2);

/// Text with JSON's quotes and escapes. A byte that is not UTF-8 becomes half of a surrogate pair, \udc80 to \udcff, as
/// Python has such names of files; parse() reads it back.
/// `escape_bytes` false leaves such a byte as it is: YAML and TOML have no escape for it.
std::string quote(std::string_view text, bool escape_bytes = true);

}  // namespace quix::json

namespace quix::detail {

/// A line of a text, without its end; its data() is null where there are fewer lines. Lines count from 1.
std::string_view line_of(std::string_view text, std::uint32_t line);
/// The line, and below it a caret under the column.
std::string excerpt(std::string_view text, std::uint32_t line, std::uint32_t column);
std::string place(const std::string& file, std::uint32_t line, std::uint32_t column);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/cfg/json.ipp>
#endif
