#pragma once

#include <algorithm>
#include <cstdio>

#include <quix/cfg/json.hpp>
#include <quix/detail/utf8.hpp>

namespace quix {
namespace detail {

QUIX_INLINE std::string_view line_of(std::string_view text, std::uint32_t line) {
  for (std::uint32_t i = 1; i < line; ++i) {
    const auto end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

QUIX_INLINE std::string excerpt(std::string_view text, std::uint32_t line, std::uint32_t column) {
  text = line_of(text, line);
  if (!text.data()) return {};
  constexpr std::size_t width = 100;  // a long line is cut around its column
  std::size_t begin = column > width ? column - width / 2 : 0;
  std::string shown(text.substr(std::min(begin, text.size()), width));
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  std::replace(shown.begin(), shown.end(), '\r', ' ');
  return "    " + shown + "\n    " + std::string(column > begin ? column - begin - 1 : 0, ' ') + "^";
}

QUIX_INLINE std::string place(const std::string& file, std::uint32_t line, std::uint32_t column) {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

class JsonParser {
 public:
  JsonParser(std::string_view text, const std::string& file) : cursor_{.text = text}, file_(file) {}

  Node document() {
    Node node = value(0);
    cursor_.skip();
    check();
    if (!cursor_.done()) fail("expected the end of the document");
    return node;
  }

 private:
  [[noreturn]] void fail(const std::string& what) {
    throw Error({Problem{place(file_, cursor_.line, cursor_.column()), what,
                         excerpt(cursor_.text, cursor_.line, cursor_.column())}});
  }
  void check() {
    if (cursor_.problem) fail(cursor_.problem);
  }

  Node value(int depth) {
    cursor_.skip();
    check();
    if (depth > 100) fail("nested more than 100 deep");
    Node node{.line = cursor_.line, .column = cursor_.column()};
    switch (cursor_.peek()) {
      case '{': map(node, depth); break;
      case '[': list(node, depth); break;
      case '"':
        node.kind = Node::Kind::quoted;
        node.text = string();
        break;
      default:
        node.text = std::string(cursor_.word());
        check();
        node.kind = node.text == "null" ? Node::Kind::null : Node::Kind::plain;
    }
    return node;
  }

  void map(Node& node, int depth) {
    node.kind = Node::Kind::map;
    cursor_.take('{');
    while (!cursor_.take('}')) {
      check();
      if (cursor_.peek() != '"') fail("expected a name in double quotes, or }");
      Node::Member member{.key = {}, .value = {}, .line = cursor_.line, .column = cursor_.column()};
      const auto start = cursor_;
      member.key = string();
      if (node.find(member.key)) {
        cursor_ = start;
        fail("duplicate key " + member.key);
      }
      if (!cursor_.take(':')) check(), fail("expected :");
      member.value = value(depth + 1);
      node.members.push_back(std::move(member));
      if (!cursor_.take(',') && (check(), cursor_.peek() != '}')) fail("expected , or }");
    }
  }

  void list(Node& node, int depth) {
    node.kind = Node::Kind::list;
    cursor_.take('[');
    while (!cursor_.take(']')) {
      check();
      node.items.push_back(value(depth + 1));
      if (!cursor_.take(',') && (check(), cursor_.peek() != ']')) fail("expected , or ]");
    }
  }

  std::string string() {
    const auto start = cursor_;
    const auto raw = cursor_.raw_string();
    check();
    std::string out;
    const auto bad = [&](std::size_t i, const char* what) {
      cursor_ = start;
      cursor_.at += 1 + i;
      fail(what);
    };
    const auto hex = [&](std::size_t i) {
      unsigned code = 0;
      for (std::size_t k = i; k < i + 4; ++k) {
        const char c = k < raw.size() ? raw[k] : ' ';
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) bad(i, "expected four hexadecimal digits after \\u");
        code = code * 16 + static_cast<unsigned>(digit);
      }
      return code;
    };
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (static_cast<unsigned char>(raw[i]) < 0x20)
        bad(i, "a control character stands in this string; write it as an escape");
      if (raw[i] != '\\') {
        out += raw[i];
        continue;
      }
      const char c = raw[++i];
      constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
      if (const auto k = from.find(c); k != from.npos) {
        out += to[k];
      } else if (c == 'u') {
        unsigned code = hex(i + 1);
        i += 4;
        if (code >= 0xd800 && code < 0xdc00) {
          const unsigned low = raw.substr(i + 1, 2) == "\\u" ? hex(i + 3) : 0;
          if (low < 0xdc00 || low > 0xdfff) bad(i - 5, "half of a surrogate pair");
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          i += 6;
        } else if (code >= 0xdc80 && code <= 0xdcff) {
          out += static_cast<char>(code & 0xff);  // a byte that is not UTF-8, as quote() writes it
          continue;
        } else if (code >= 0xdc00 && code <= 0xdfff) {
          bad(i - 5, "half of a surrogate pair");
        }
        utf8(out, code);
      } else {
        bad(i - 1, "unknown escape");
      }
    }
    return out;
  }

  static void utf8(std::string& out, unsigned code) {
    const auto put = [&](unsigned byte) { out += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) return put(0xc0 | code >> 6), put(0x80 | (code & 63));
    if (code < 0x10000) return put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
  }

  json::Cursor cursor_;
  const std::string& file_;
};

QUIX_INLINE void write_json(const Node& node, int indent, int depth, std::string& out) {
  const auto break_line = [&](int level) {
    if (indent > 0) out += '\n' + std::string(static_cast<std::size_t>(indent * level), ' ');
  };
  const auto comma = [&](bool first) {
    if (!first) out += indent > 0 ? "," : ", ";
  };
  switch (node.kind) {
    case Node::Kind::null: out += "null"; return;
    case Node::Kind::plain: out += json::Cursor::is_literal(node.text) ? node.text : json::quote(node.text); return;
    case Node::Kind::file:
    case Node::Kind::quoted: out += json::quote(node.text); return;
    case Node::Kind::list: {
      const bool nested =
          std::any_of(node.items.begin(), node.items.end(), [](const Node& item) { return !item.is_scalar(); });
      out += '[';
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        if (i) out += nested && indent > 0 ? "," : ", ";
        if (nested) break_line(depth + 1);
        write_json(node.items[i], indent, depth + 1, out);
      }
      if (nested && !node.items.empty()) break_line(depth);
      out += ']';
      return;
    }
    case Node::Kind::map:
      out += '{';
      for (std::size_t i = 0; i < node.members.size(); ++i) {
        comma(i == 0);
        break_line(depth + 1);
        out += json::quote(node.members[i].key) + ": ";
        write_json(node.members[i].value, indent, depth + 1, out);
      }
      if (!node.members.empty()) break_line(depth);
      out += '}';
  }
}

}  // namespace detail

namespace json {

QUIX_INLINE Node parse(std::string_view text, const std::string& file) {
  return detail::JsonParser(text, file).document();
}

QUIX_INLINE std::string quote(std::string_view text, bool escape_bytes) {
  std::string out = "\"";
  std::size_t next = 0;  // where the next UTF-8 character begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == next) {
      const auto length = detail::utf8_length(text.substr(i));
      next = i + std::max<std::size_t>(length, 1);
      if (length == 0 && escape_bytes) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\udc%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        out += escape;
        continue;
      }
    }
    constexpr std::string_view from = "\"\\\b\f\n\r\t", to = "\"\\bfnrt";
    if (const auto k = from.find(c); k != from.npos) {
      out += '\\';
      out += to[k];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + '"';
}

QUIX_INLINE std::string write_marked(const Node& node) {
  const auto mark = [](std::uint32_t line, std::uint32_t column) {
    return "/*@" + std::to_string(line) + ":" + std::to_string(column) + "*/";
  };
  std::string out = mark(node.line, node.column);
  switch (node.kind) {
    case Node::Kind::list:
      out += '[';
      for (const auto& item : node.items) out += write_marked(item) + ",\n";
      return out + ']';
    case Node::Kind::map:
      out += '{';
      for (const auto& [key, value, line, column] : node.members)
        out += mark(line, column) + quote(key) + ": " + write_marked(value) + ",\n";
      return out + '}';
    case Node::Kind::plain:
      // What may be text or a number in YAML: its literal, with a mark.
      if (node.loose) out += "/*loose*/";
      return out + (node.loose && !Cursor::is_literal(node.text) ? quote(node.text) : node.text);
    case Node::Kind::file: return out + "{\"include\": " + out + quote(node.text) + "}";
    case Node::Kind::null:
    case Node::Kind::quoted: break;
  }
  return out + (node.kind == Node::Kind::null ? "null" : quote(node.text));
}

QUIX_INLINE std::string write(const Node& node, int indent) {
  std::string out;
  detail::write_json(node, indent, 0, out);
  return out;
}

}  // namespace json
}  // namespace quix
