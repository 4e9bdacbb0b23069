#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include <quix/cfg/error.hpp>
#include <quix/cfg/expression.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/cfg/value.hpp>

namespace quix::detail {

/// Computes one `${…}`: a reference to anything, or arithmetic on numbers.
class Expression {
 public:
  Expression(std::string_view text, const Lookup& lookup) : text_(text), lookup_(lookup) {}

  Node value() {
    skip();
    if (text_.starts_with("env:")) return variable(text_.substr(4));
    // A name alone may be of any type.
    const auto whole = text_;
    const auto path = name();
    skip();
    if (!path.empty() && text_.empty()) return lookup_(path);
    text_ = whole;
    const auto result = sum();
    skip();
    if (!text_.empty()) fail("expected an operator (+ - * / %) before " + std::string(text_));
    return result.node();
  }

 private:
  struct Number {
    bool integer = true;
    std::int64_t i = 0;
    double d = 0;

    double real() const { return integer ? static_cast<double>(i) : d; }
    Node node() const { return Node::plain(integer ? std::to_string(i) : write_number(d, false)); }
  };

  [[noreturn]] static void fail(const std::string& what) { throw Error("", what); }
  void skip() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\t')) text_.remove_prefix(1);
  }
  bool take(char c) {
    skip();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string name() {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    std::size_t n = 0;
    if (text_.empty() || !letter(text_[0])) return {};
    while (n < text_.size() && (letter(text_[n]) || text_[n] == '.' || (text_[n] >= '0' && text_[n] <= '9'))) ++n;
    std::string out(text_.substr(0, n));
    text_.remove_prefix(n);
    return out;
  }

  static Node variable(std::string_view text) {
    const auto colon = text.find(':');
    const std::string key(text.substr(0, colon));
    const char* found = std::getenv(key.c_str());
    if (!found && colon == text.npos)
      fail("the environment has no variable " + key + "; a default is written ${env:" + key + ":default}");
    auto node = Node::plain(found ? std::string(found) : std::string(text.substr(colon + 1)));
    node.loose = true;
    return node;
  }

  Number number(const Node& node, const std::string& what) {
    if (node.kind != Node::Kind::plain) fail(what + " is " + one_line(node) + ", not a number");
    Number out;
    const char* end = node.text.data() + node.text.size();
    if (const auto [stop, failed] = std::from_chars(node.text.data(), end, out.i); failed == std::errc{} && stop == end)
      return out;
    out.integer = false;
    try {
      out.d = read_number(node, false);
    } catch (const Error&) {
      fail(what + " is " + node.text + ", not a number");
    }
    return out;
  }

  Number atom() {
    if (++depth_ > 100) fail("nested more than 100 deep");
    struct Leave {
      int& depth;
      ~Leave() { --depth; }
    } leave{depth_};
    skip();
    if (take('(')) {
      const auto out = sum();
      if (!take(')')) fail("expected )");
      return out;
    }
    if (take('-')) return apply('-', {}, atom());
    if (take('+')) return atom();
    if (const auto path = name(); !path.empty()) return number(lookup_(path), path);
    std::size_t n = 0;
    while (n < text_.size() &&
           ((text_[n] >= '0' && text_[n] <= '9') || text_[n] == '.' || text_[n] == 'e' || text_[n] == 'E' ||
            (n > 0 && (text_[n] == '-' || text_[n] == '+') && (text_[n - 1] | 32) == 'e')))
      ++n;
    if (n == 0)
      fail(text_.empty() ? "expected a number or an option's name at the end"
                         : "expected a number or an option's name before " + std::string(text_));
    const std::string digits(text_.substr(0, n));
    text_.remove_prefix(n);
    return number(Node::plain(digits), digits);
  }

  Number product() {
    auto out = atom();
    for (;;) {
      if (take('*'))
        out = apply('*', out, atom());
      else if (take('/'))
        out = apply('/', out, atom());
      else if (take('%'))
        out = apply('%', out, atom());
      else
        return out;
    }
  }
  Number sum() {
    auto out = product();
    for (;;) {
      if (take('+'))
        out = apply('+', out, product());
      else if (take('-'))
        out = apply('-', out, product());
      else
        return out;
    }
  }

  static Number apply(char op, Number a, Number b) {
    if ((op == '/' || op == '%') && b.real() == 0) fail("divides by zero");
    if (a.integer && b.integer) {
      Number out;
      bool overflow = false;
      switch (op) {
        case '+': overflow = __builtin_add_overflow(a.i, b.i, &out.i); break;
        case '-': overflow = __builtin_sub_overflow(a.i, b.i, &out.i); break;
        case '*': overflow = __builtin_mul_overflow(a.i, b.i, &out.i); break;
        default:
          if (b.i == -1) return op == '/' ? apply('-', {}, a) : out;
          if (op == '%')
            out.i = a.i % b.i;
          else if (a.i % b.i == 0)
            out.i = a.i / b.i;
          else
            return {false, 0, a.real() / b.real()};
      }
      if (overflow) fail("is too large for an integer");
      return out;
    }
    const double x = a.real(), y = b.real();
    return {false, 0, op == '+' ? x + y : op == '-' ? x - y : op == '*' ? x * y : op == '/' ? x / y : std::fmod(x, y)};
  }

  std::string_view text_;
  const Lookup& lookup_;
  int depth_ = 0;
};

inline Node computed_text(const Node& node, const Lookup& lookup) {
  const std::string_view text = node.text;
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto dollar = text.find("${", at);
    if (dollar == text.npos) {
      out += text.substr(at);
      break;
    }
    if (dollar > at && text[dollar - 1] == '$') {  // $${ is ${
      out += text.substr(at, dollar - 1 - at);
      out += "${";
      at = dollar + 2;
      continue;
    }
    out += text.substr(at, dollar - at);
    const auto end = text.find('}', dollar);
    if (end == text.npos) throw Error("", "this ${ has no }; the text ${ itself is written $${");
    auto value = Expression(text.substr(dollar + 2, end - dollar - 2), lookup).value();
    if (dollar == 0 && end + 1 == text.size()) {  // the whole value: of any type
      value.loose = true;                         // a number may become text where text is wanted
      value.line = node.line, value.column = node.column;
      return value;
    }
    if (!value.is_scalar()) throw Error("", one_line(value) + " cannot stand inside text");
    out += value.text;
    at = end + 1;
  }
  Node result = node;
  result.text = std::move(out);
  return result;
}

QUIX_INLINE Node computed(const Node& node, const Lookup& lookup) {
  if (node.is_scalar()) {
    if (node.text.find("${") == std::string::npos) return node;
    try {
      return computed_text(node, lookup);
    } catch (const Error& error) {
      auto problems = error.problems();
      for (auto& problem : problems)
        if (problem.line == 0) problem.line = node.line, problem.column = node.column;
      throw Error(std::move(problems));
    }
  }
  Node out = node;
  for (auto& item : out.items) item = computed(item, lookup);
  for (auto& member : out.members) member.value = computed(member.value, lookup);
  return out;
}

}  // namespace quix::detail
