#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <quix/cfg/json.hpp>
#include <quix/cfg/shape.hpp>
#include <quix/cfg/suggest.hpp>

namespace quix::detail {

/// What is wrong with a document, in its order: the first of them, and how many there are.
struct Findings {
  static constexpr std::size_t most = 10;
  Verdict all[most]{};
  std::size_t size = 0;
};

/// Checks a JSON document against the shapes of a configuration type; everything happens in the compiler. Each problem
/// names file, line and column; after a syntax error nothing is read. Text with `${` is computed later, and so
/// are limits of lists and `check()`: the program checks the whole again when the configuration is used.
class DocumentCheck {
 public:
  constexpr DocumentCheck(std::span<const Shape> shapes, std::string_view file, std::string_view text)
      : shapes_(shapes), file_(file), cursor_{.text = text} {}

  /// The first problem.
  constexpr Verdict run() { return all().all[0]; }
  /// All problems, up to Findings::most.
  constexpr Findings all() {
    cursor_.skip();
    if (cursor_.peek() == 'n')
      skip_value();  // an empty file
    else
      members(-1, -1);
    cursor_.skip();
    if (verdict_.ok && (cursor_.problem || !cursor_.done()))
      fail(cursor_.problem ? cursor_.problem : "expected the end of the document");
    if (!verdict_.ok) keep();
    return findings_;
  }

 private:
  constexpr const Shape& shape(int index) const { return shapes_[static_cast<std::size_t>(index)]; }

  /// Stores the sentence and begins the next one.
  constexpr void keep() {
    if (findings_.size < Findings::most) findings_.all[findings_.size] = verdict_;
    ++findings_.size;
    verdict_ = {};
  }

  /// Begins the sentence: "base.yaml:3:7: ".
  constexpr bool begin(const json::Cursor& at) {
    if (!verdict_.ok) return false;
    verdict_.say(file_);
    verdict_.say(":");
    verdict_.say_number(std::uint64_t{at.marked_line ? at.marked_line : at.line});
    verdict_.say(":");
    verdict_.say_number(std::uint64_t{at.marked_line ? at.marked_column : at.column()});
    verdict_.say(": ");
    return true;
  }
  /// A syntax error: the rest cannot be read.
  constexpr void fail(const char* what) {
    if (begin(cursor_)) verdict_.say(what);
    broken_ = true;
  }
  constexpr void wrong(const json::Cursor& at, int index, std::string_view what) {
    if (!begin(at)) return;
    say_path(verdict_, shapes_, index);
    verdict_.say(": ");
    verdict_.say(what);
  }
  constexpr bool going() {
    if (cursor_.problem && verdict_.ok) fail(cursor_.problem);
    return verdict_.ok;
  }

  constexpr std::string_view string() {
    const auto text = cursor_.raw_string();
    return going() ? text : std::string_view{};
  }

  constexpr void skip_value() {
    cursor_.skip();
    if (!going()) return;
    const char c = cursor_.peek();
    if (c == '"') {
      string();
    } else if (c == '[' || c == '{') {
      ++cursor_.at;
      const char close = c == '[' ? ']' : '}';
      while (going() && !cursor_.take(close)) {
        if (c == '{') string(), cursor_.take(':');
        skip_value();
        if (!cursor_.take(',') && (cursor_.skip(), cursor_.peek() != close)) return fail("expected , or the end");
      }
    } else {
      cursor_.word();
      going();
    }
  }

  /// The branch that an object of a choice names, or -1.
  constexpr int named_branch(int choice) {
    const auto start = cursor_;
    int found = -1;
    cursor_.take('{');
    while (going() && !cursor_.take('}')) {
      cursor_.skip();
      if (cursor_.peek() != '"') break;
      const auto key = string();
      cursor_.take(':');
      cursor_.skip();
      if (key == "name" && cursor_.peek() == '"')
        found = branch(choice);
      else
        skip_value();
      if (!cursor_.take(',') && (cursor_.skip(), cursor_.peek() != '}')) break;
    }
    cursor_ = start;
    return found;
  }

  /// A choice's branch by its name.
  constexpr int branch(int choice) {
    const auto at = cursor_;
    const auto text = string();
    const auto& s = shape(choice);
    const auto same = [&](std::string_view a, std::string_view b) {
      std::size_t i = 0, j = 0;
      for (;;) {
        while (i < a.size() && (a[i] == '_' || a[i] == '-')) ++i;
        while (j < b.size() && (b[j] == '_' || b[j] == '-')) ++j;
        if (i == a.size() || j == b.size()) return i == a.size() && j == b.size();
        if (lower(a[i++]) != lower(b[j++])) return false;
      }
    };
    for (std::size_t i = 0; i < s.count; ++i)
      if (same(s.names[i], text)) return static_cast<int>(i);
    not_one_of(at, choice, text, s.names, s.count);
    return -1;
  }

  constexpr void not_one_of(const json::Cursor& at, int index, std::string_view text, const std::string_view* names,
                            std::size_t count) {
    if (!verdict_.ok) return;
    wrong(at, index, "expected one of");
    for (std::size_t i = 0; i < count && !names[i].empty(); ++i) verdict_.say(i ? ", " : " "), verdict_.say(names[i]);
    verdict_.say("; not ");
    verdict_.say(text);
  }

  constexpr void members(int group, int branch) {
    if (!cursor_.take('{')) {
      if (group < 0) return fail("expected options by name");
      return wrong(cursor_, group, "expected the options of this group by name");
    }
    while (going() && !cursor_.take('}')) {
      cursor_.skip();
      const auto at = cursor_;
      if (cursor_.peek() != '"') return fail("expected a name in double quotes");
      auto name = string();
      if (!going()) return;
      if (!cursor_.take(':')) return fail("expected :");
      const auto start = cursor_;
      member(at, group, branch, name);
      if (!verdict_.ok && !cursor_.problem && !broken_) {  // what is wrong is one value: continue after it
        keep();
        cursor_ = start;
        skip_value();
      }
      if (going() && !cursor_.take(',') && (cursor_.skip(), cursor_.peek() != '}')) return fail("expected , or }");
    }
  }

  constexpr void member(const json::Cursor& at, int group, int branch, std::string_view name) {
    bool append = false;
    if (name.ends_with("+=")) name.remove_suffix(2), append = true;
    int found = -1, candidates = 0;
    const auto find = [&](bool old) {
      for (std::size_t i = 0; i < shapes_.size(); ++i) {
        const auto known = old ? shapes_[i].note->limits.was : shapes_[i].name;
        if (shapes_[i].parent == group && !known.empty() && same_name(known, name) &&
            (branch < 0 || shapes_[i].branch == static_cast<std::size_t>(branch)))
          found = static_cast<int>(i), ++candidates;
      }
    };
    find(/*old=*/false);
    if (found < 0 && (name == "include" || (name == "name" && group >= 0 && shape(group).kind == Shape::Kind::choice)))
      return skip_value();
    if (found < 0) find(/*old=*/true);
    if (candidates > 1) return skip_value();  // another source says which branch is meant
    if (found < 0) {
      if (!begin(at)) return;
      const int elsewhere = child(shapes_, group, name);
      if (branch >= 0 && elsewhere >= 0) {
        say_path(verdict_, shapes_, elsewhere);
        verdict_.say(" is an option of ");
        verdict_.say(shape(group).names[shape(elsewhere).branch]);
        verdict_.say(", not of ");
        return verdict_.say(shape(group).names[static_cast<std::size_t>(branch)]);
      }
      return say_unknown(verdict_, shapes_, group, name);
    }
    if (append && shape(found).kind != Shape::Kind::map &&
        (shape(found).kind != Shape::Kind::list || shape(found).count))
      return wrong(at, found, "+= is for lists of any length and for values by name");
    value(found);
  }

  constexpr void value(int index) {
    cursor_.skip();
    if (!going()) return;
    const auto& s = shape(index);
    const auto at = cursor_;
    const char c = cursor_.peek();
    if (c == '"') {
      auto ahead = cursor_;
      const auto raw = ahead.raw_string();
      for (auto dollar = find_char(raw, '$'); dollar < raw.size(); dollar = find_char(raw, '$', dollar + 1))
        if (dollar + 1 < raw.size() && raw[dollar + 1] == '{') return skip_value();
    }
    if (c == 'n' || c == '"') {
      auto ahead = cursor_;
      const auto text = c == '"' ? ahead.raw_string() : ahead.word();
      if (s.nullable && is_none(text)) return skip_value();
      if (text == "null" && c == 'n' && (s.kind == Shape::Kind::group)) return skip_value();
    }
    switch (s.kind) {
      case Shape::Kind::any: return skip_value();
      case Shape::Kind::group: return members(index, -1);
      case Shape::Kind::choice:
        if (c == '"') return void(branch(index));
        return members(index, named_branch(index));
      case Shape::Kind::list: return list(index);
      case Shape::Kind::map: return map(index);
      case Shape::Kind::text: return text(at, index);
      case Shape::Kind::names: {
        if (c != '"') return wrong(at, index, "expected a name in quotes");
        const auto name = string();
        for (std::size_t i = 0; i < s.count; ++i)
          if (same_name(s.names[i], name)) return;
        return not_one_of(at, index, name, s.names, s.count);
      }
      case Shape::Kind::boolean:
        if (c == 't' || c == 'f') return skip_value();
        if (c == '"' && is_loose(at)) {
          const auto word = string();
          if (is_true(word) || is_false(word)) return;
        }
        return wrong(at, index, "expected true or false");
      case Shape::Kind::integer:
      case Shape::Kind::real: return number(at, index);
    }
  }

  /// Whether the value at the cursor is YAML's unquoted word, which is text, whatever it looks like.
  static constexpr bool is_loose(const json::Cursor& at) { return at.text.substr(0, at.at).ends_with("/*loose*/"); }

  /// A number without its sign that YAML writes and JSON does not: .5, 1., 007.
  static constexpr bool is_yaml_number(std::string_view word) {
    std::size_t i = 0, digits = 0;
    const auto skip_digits = [&] {
      for (; i < word.size() && word[i] >= '0' && word[i] <= '9'; ++i) ++digits;
    };
    skip_digits();
    if (i < word.size() && word[i] == '.') ++i, skip_digits();
    if (digits == 0) return false;
    if (i == word.size()) return true;
    if ((word[i] | 32) != 'e') return false;
    if (++i < word.size() && (word[i] == '-' || word[i] == '+')) ++i;
    digits = 0;
    skip_digits();
    return i == word.size() && digits > 0;
  }

  constexpr void text(const json::Cursor& at, int index) {
    if (cursor_.peek() != '"') {
      if (is_loose(at)) return skip_value();
      return wrong(at, index, "expected text in quotes");
    }
    const auto word = string();
    const Note* note = shape(index).note;
    if (note->limits.choices[0].empty()) return;
    for (const auto choice : note->limits.choices)
      if (choice == word) return;
    not_one_of(at, index, word, note->limits.choices.data(), note->limits.choices.size());
  }

  constexpr void list(int index) {
    if (!cursor_.take('[')) return wrong(cursor_, index, "expected a list");
    const auto at = cursor_;
    std::size_t n = 0;
    while (going() && !cursor_.take(']')) {
      value(index + 1);
      ++n;
      if (going() && !cursor_.take(',') && (cursor_.skip(), cursor_.peek() != ']')) return fail("expected , or ]");
    }
    if (going() && shape(index).count && n != shape(index).count) {
      wrong(at, index, "expected ");
      verdict_.say_number(std::uint64_t{shape(index).count});
      verdict_.say(" values, got ");
      verdict_.say_number(std::uint64_t{n});
    }
  }

  constexpr void map(int index) {
    if (!cursor_.take('{')) return wrong(cursor_, index, "expected values by name");
    while (going() && !cursor_.take('}')) {
      cursor_.skip();
      if (cursor_.peek() != '"') return fail("expected a name in double quotes");
      string();
      if (!cursor_.take(':')) return fail("expected :");
      value(index + 1);
      if (going() && !cursor_.take(',') && (cursor_.skip(), cursor_.peek() != '}')) return fail("expected , or }");
    }
  }

  constexpr void number(const json::Cursor& at, int index) {
    const auto& s = shape(index);
    const bool integer = s.kind == Shape::Kind::integer;
    const char* expected = integer ? "expected an integer" : "expected a number";
    std::string_view word;
    if (cursor_.peek() == '"') {
      word = string();
      const auto bare = word.starts_with('-') || word.starts_with('+') ? word.substr(1) : word;
      if (!integer && (is_infinity(bare) || is_nan(bare))) return;
      if (!is_loose(at) || !is_yaml_number(bare)) return wrong(at, index, expected);
    } else {
      if (cursor_.peek() == '{' || cursor_.peek() == '[') return wrong(at, index, expected);
      word = cursor_.word();
      if (!going()) return;
      if (word == "true" || word == "false" || word == "null") return wrong(at, index, expected);
    }
    const bool negative = word.starts_with('-');
    if (negative || word.starts_with('+')) word.remove_prefix(1);
    // A mantissa and a power of ten; more than 19 digits are cut, which moves no limit that a person writes.
    std::uint64_t mantissa = 0;
    int exponent = 0, written = 0;
    bool point = false, whole = true, huge = false;
    std::size_t i = 0;
    for (; i < word.size() && (word[i] | 32) != 'e'; ++i) {
      if (word[i] == '.') {
        point = true, whole = false;
      } else {
        if (mantissa > (~std::uint64_t{0} - 9) / 10)
          huge = true, exponent += !point;
        else
          mantissa = mantissa * 10 + static_cast<std::uint64_t>(word[i] - '0'), exponent -= point;
      }
    }
    if (i < word.size()) {
      whole = false;
      const bool down = word[i + 1] == '-';
      for (i += word[i + 1] == '-' || word[i + 1] == '+' ? 2 : 1; i < word.size() && written < 10000; ++i)
        written = written * 10 + (word[i] - '0');
      exponent += down ? -written : written;
    }
    if (integer) {
      const std::uint64_t most = negative ? static_cast<std::uint64_t>(-(s.min + 1)) + 1 : s.max;
      if (!whole) return wrong(at, index, expected);
      if (huge || mantissa > (negative && s.min == 0 ? 0 : most))
        return wrong(at, index, "does not fit its integer type");
    }
    double value = static_cast<double>(mantissa);
    for (; exponent > 0 && value < 1e308; --exponent) value *= 10;
    for (; exponent < 0 && value > 0; ++exponent) value /= 10;
    if (breaks(negative ? -value : value, s.note->limits) && verdict_.ok) {
      wrong(at, index, "expected ");
      say_limits(verdict_, s.note->limits);
    }
  }

  std::span<const Shape> shapes_;
  std::string_view file_;
  json::Cursor cursor_;
  Verdict verdict_;
  Findings findings_;
  bool broken_ = false;
};

/// Stops the compiler with a sentence for each problem.
template <const Findings& Found>
consteval void report_findings() {
  []<std::size_t... I>(std::index_sequence<I...>) {
    (
        [] {
          constexpr Verdict verdict = Found.all[I];
          (void)sizeof(Report<verdict>);
        }(),
        ...);
  }
  (std::make_index_sequence<(Found.size < Findings::most ? Found.size : Findings::most)>{});
}

}  // namespace quix::detail
