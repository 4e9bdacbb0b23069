#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quix {

namespace detail {

/// Where a character stands; npos when nowhere. string_view::find compares an address with null, which is no constant
/// under g++ 12's -fsanitize=undefined.
constexpr std::size_t find_char(std::string_view text, char c, std::size_t from = 0) {
  for (auto i = from; i < text.size(); ++i)
    if (text[i] == c) return i;
  return std::string_view::npos;
}

/// Whether text is a lower-case word in one of the spellings of YAML 1.2 and Python: true, True, TRUE. Signs and digits
/// of the word stay as they are: .inf, .Inf, .INF.
constexpr bool is_word(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  bool same = true, title = true, upper = true, first = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool letter = word[i] >= 'a' && word[i] <= 'z';
    const char capital = letter ? static_cast<char>(word[i] - 'a' + 'A') : word[i];
    same = same && text[i] == word[i];
    upper = upper && text[i] == capital;
    title = title && text[i] == (first ? capital : word[i]);
    first = first && !letter;
  }
  return same || title || upper;
}
constexpr bool is_true(std::string_view text) { return is_word(text, "true"); }
constexpr bool is_false(std::string_view text) { return is_word(text, "false"); }
/// Whether text stands for no value: null, none, None.
constexpr bool is_none(std::string_view text) { return is_word(text, "null") || is_word(text, "none"); }
constexpr bool is_infinity(std::string_view text) {
  return is_word(text, "inf") || is_word(text, ".inf") || is_word(text, "infinity");
}
constexpr bool is_nan(std::string_view text) {
  return is_word(text, "nan") || is_word(text, ".nan") || text == "NaN" || text == ".NaN";
}

}  // namespace detail

/// Letters as a template argument: `Image<"png">`, `set<"optim.lr">(0.1f)`.
template <std::size_t N>
struct Literal {
  char chars[N]{};

  constexpr Literal() = default;
  consteval Literal(const char (&literal)[N]) { std::copy_n(literal, N, chars); }

  constexpr const char* data() const { return chars; }
  constexpr std::size_t size() const { return N - 1; }
  constexpr std::string_view view() const { return {chars, size()}; }
};

namespace detail {

/// What a check at compile time found: nothing, or a sentence. Structural, so that it can be a template argument.
struct Verdict {
  bool ok = true;
  std::size_t size = 0;
  char chars[1024]{};

  constexpr void say(std::string_view words) {
    ok = false;
    for (char c : words)
      if (size + 1 < sizeof chars) chars[size++] = c;
  }
  /// Begins a sentence about a member: "quix: Adam::lr".
  constexpr void say_member(std::string_view type, std::string_view member) {
    say("quix: ");
    say(type);
    say("::");
    say(member);
  }
  constexpr void say_number(std::uint64_t value) {
    char digits[20]{};
    std::size_t n = sizeof digits;
    do digits[--n] = static_cast<char>('0' + value % 10);
    while ((value /= 10) != 0);
    say({digits + n, sizeof digits - n});
  }
  /// A number that a person wrote: up to nine digits after the point.
  constexpr void say_number(double value) {
    if (value < 0) say("-"), value = -value;
    if (value >= 1e18) return say("a large number");
    int places = 0;
    double scaled = value;
    const auto whole = [](double x) { return static_cast<double>(static_cast<std::uint64_t>(x + 0.5)); };
    const auto off = [&] { return scaled > whole(scaled) ? scaled - whole(scaled) : whole(scaled) - scaled; };
    while (places < 9 && scaled < 1e9 && off() > 1e-9 * scaled) scaled *= 10, ++places;
    auto digits = static_cast<std::uint64_t>(scaled + 0.5);
    std::uint64_t unit = 1;
    for (int i = 0; i < places; ++i) unit *= 10;
    say_number(digits / unit);
    if (places == 0) return;
    say(".");
    for (digits %= unit, unit /= 10; unit > 0; digits %= unit, unit /= 10) {
      const char digit = static_cast<char>('0' + digits / unit);
      say({&digit, 1});
    }
  }
};

template <Verdict V>
consteval auto sentence() {
  Literal<V.size + 1> text;
  std::copy_n(V.chars, V.size, text.chars);
  return text;
}

/// Never defined: naming it makes g++ 12 print the sentence in its first error line.
template <Literal Sentence>
struct Wrong;

/// `(void)sizeof(Report<verdict>)` stops the compiler with the verdict's sentence, if it has one. g++ 14 takes it as a
/// static_assert's message in C++20 too, clang only from C++26 on.
#if !defined(__clang__) && __GNUC__ >= 14
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wc++26-extensions"
template <Verdict V>
struct Report {
  static constexpr auto message = sentence<V>();
  static_assert(V.ok, message);
};
#pragma GCC diagnostic pop
#else
template <Verdict V, bool = V.ok>
struct Report {};
template <Verdict V>
struct Report<V, false> {
  static_assert(sizeof(Wrong<sentence<V>()>) > 0);
};
#endif

}  // namespace detail
}  // namespace quix
