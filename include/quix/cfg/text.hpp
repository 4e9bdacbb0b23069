#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace quix {

/// Text as a template argument: `Image<"png">`, `set<"optim.lr">(0.1f)`.
template <std::size_t N>
struct Text {
  char chars[N]{};

  constexpr Text() = default;
  consteval Text(const char (&literal)[N]) { std::copy_n(literal, N, chars); }

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
};

template <Verdict V>
consteval auto sentence() {
  Text<V.size + 1> text;
  std::copy_n(V.chars, V.size, text.chars);
  return text;
}

/// Never defined: naming it makes g++ 12 print the sentence in its first error line.
template <Text Sentence>
struct Wrong;

/// `(void)sizeof(Report<verdict>)` stops the compiler with the verdict's sentence, if it has one.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 14
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
