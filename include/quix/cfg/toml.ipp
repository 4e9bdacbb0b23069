#pragma once

#include <cmath>
#include <set>

#include <toml++/toml.h>

#include <quix/cfg/json.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/cfg/toml.hpp>

namespace quix {
namespace detail {

/// Turns toml++'s tree into ours.
class TomlReader {
 public:
  TomlReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Node read(const ::toml::node& from) {
    Node node = at(from.source().begin);
    if (const auto* table = from.as_table()) {
      node.kind = Node::Kind::map;
      for (const auto& [key, value] : *table) {
        const auto begin = key.source().begin;
        node.members.push_back(
            {.key = std::string(key.str()), .value = read(value), .line = begin.line, .column = begin.column});
      }
    } else if (const auto* list = from.as_array()) {
      node.kind = Node::Kind::list;
      for (const auto& item : *list) node.items.push_back(read(item));
    } else if (const auto* text = from.as_string()) {
      node.text = text->get();
      node.kind = node.text == "none" && quote_at(from.source().begin) == '"' ? Node::Kind::null : Node::Kind::quoted;
    } else if (const auto* flag = from.as_boolean()) {
      node.text = flag->get() ? "true" : "false";
    } else if (const auto* whole = from.as_integer()) {
      node.text = std::to_string(whole->get());
    } else if (const auto* real = from.as_floating_point()) {
      node.text = write_number(real->get(), false);
      // A float stays one: 3.0 is no integer.
      if (node.text.find_first_of(".einf") == std::string::npos) node.text += ".0";
    } else {
      throw Error({Problem{place(file_, node.line, node.column), "dates and times are no options; write text in quotes",
                           excerpt(text_, node.line, node.column)}});
    }
    return node;
  }

 private:
  Node at(const ::toml::source_position& begin) const {
    return {.kind = Node::Kind::plain, .line = begin.line, .column = begin.column};
  }
  char quote_at(const ::toml::source_position& begin) const {
    auto text = text_;
    for (std::uint32_t line = 1; line < begin.line; ++line)
      text.remove_prefix(std::min(text.find('\n') + 1, text.size()));
    // Columns count characters, not bytes.
    for (std::uint32_t column = 1; column < begin.column && !text.empty(); ++column) {
      text.remove_prefix(1);
      while (!text.empty() && (static_cast<unsigned char>(text[0]) & 0xc0) == 0x80) text.remove_prefix(1);
    }
    return text.empty() ? '\0' : text[0];
  }

  std::string_view text_;
  const std::string& file_;
};

inline std::string toml_key(const std::string& key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? key : toml::write_value(Node::quoted(key));
}

/// Refuses what TOML does not have: control characters, letters outside strings and comments that are not ASCII, tables
/// without a name. On some of it toml++ 3.3 asserts, or lets clang assume, what is not so.
inline void refuse_strangers(std::string_view text, const std::string& file) {
  std::size_t line = 1, begin = 0;
  std::string_view until;  // what ends the string or comment that we are in
  int depth = 0;           // of brackets in a value
  bool fresh = true;       // nothing but blanks on this line so far
  bool header = false;     // in a line like [table]
  const auto names = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '"' || c == '\'';
  };
  const auto refuse = [&](std::size_t at, const char* why) {
    const auto column = at - begin + 1;
    throw Error({Problem{place(file, line, column), why, excerpt(text, line, column)}});
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
      refuse(i, "TOML has no control characters; in a string write \\u and four digits");
    if (c == '\n') {
      ++line;
      begin = i + 1;
      if (until == "\"" || until == "'") return;  // a string without an end: toml++ reports it
      if (until.size() == 1) until = {};
      fresh |= until.empty(), header = false;
    } else if (until.empty()) {
      if (c == '[' && fresh && depth == 0) {
        header = true;
        auto next = i + 1 + (text.substr(i + 1, 1) == "[");
        while (next < text.size() && (text[next] == ' ' || text[next] == '\t')) ++next;
        if (next < text.size() && (text[next] > ' ' || text[next] == '\n' || text[next] == '\r') && text[next] != ']' &&
            !names(text[next]))
          refuse(next, "here the name of a table is missing");
      } else if (!header) {
        depth += (c == '[' || c == '{') - (c == ']' || c == '}');
      }
      fresh &= c == ' ' || c == '\t' || c == '\r';

      if (c >= 0x80 && !(i == 0 && text.starts_with("\xef\xbb\xbf"))) refuse(i, "a key that is not ASCII needs quotes");
      if (c >= 0x80) i += 2;
      if (c == '#') until = "\n";
      if (c == '"' || c == '\'') {
        const auto three = c == '"' ? std::string_view("\"\"\"") : std::string_view("'''");
        until = text.substr(i).starts_with(three) ? three : three.substr(2);
        i += until.size() - 1;
      }
    } else if (c == '\\' && until[0] == '"') {
      if (i + 1 < text.size() && text[i + 1] != '\n') ++i;
    } else if (text.substr(i).starts_with(until)) {
      i += until.size() - 1;
      for (int more = 0; until.size() == 3 && more < 2 && text.substr(i + 1, 1) == until.substr(2); ++more) ++i;
      until = {};
    }
  }
}

}  // namespace detail

namespace toml {

QUIX_INLINE Node parse(std::string_view text, const std::string& file) {
  detail::refuse_strangers(text, file);
  try {
    const auto table = ::toml::parse(text, std::string_view(file));
    return detail::TomlReader(text, file).read(table);
  } catch (const ::toml::parse_error& error) {
    const auto begin = error.source().begin;
    throw Error({Problem{detail::place(file, begin.line, begin.column), std::string(error.description()),
                         detail::excerpt(text, begin.line, begin.column)}});
  }
}

QUIX_INLINE std::string write_value(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Node::Kind::null: return "\"none\"";
    case Node::Kind::plain:
      // TOML's floats need digits on both sides of the point or an exponent; 1e-4 and 0.5 are as we write them.
      // Its integers have 64 bits with a sign; larger ones go into quotes.
      return detail::beyond_int64(node.text) ? '"' + node.text + '"' : node.text;
    case Node::Kind::file:
    case Node::Kind::quoted:
      if (node.text == "none") return "'none'";
      for (const char c : json::quote(node.text, /*escape_bytes=*/false))
        out += c == '\x7f' ? std::string("\\u007f") : std::string(1, c);
      return out;
    case Node::Kind::list:
      for (const auto& item : node.items) out += (out.empty() ? "" : ", ") + write_value(item);
      return "[" + out + "]";
    case Node::Kind::map:
      for (const auto& member : node.members)
        out += (out.empty() ? " " : ", ") + detail::toml_key(member.key) + " = " + write_value(member.value);
      return out.empty() ? "{}" : "{" + out + " }";
  }
  return out;
}

QUIX_INLINE std::string write(const Table& table, bool comments) {
  const auto group_of = [](const Option& row) {
    return row.path.substr(0, std::min(row.path.rfind('.'), row.path.size()));
  };
  std::vector<std::string> groups{""};  // top-level options stand before every group
  for (const auto& row : table.options())
    if (table.shown(row) && row.path.find('.') != std::string::npos &&
        std::find(groups.begin(), groups.end(), group_of(row)) == groups.end())
      groups.push_back(group_of(row));
  std::string out;
  for (const auto& group : groups) {
    if (!group.empty()) out += (out.empty() ? "[" : "\n[") + group + "]\n";
    for (const auto& row : table.options()) {
      const bool top = row.path.find('.') == std::string::npos;
      if (!table.shown(row) || (group.empty() ? !top : top || group_of(row) != group)) continue;
      auto line = std::string(row.leaf()) + " = " + write_value(row.now());
      if (comments && !row.help().empty())
        line += std::string(line.size() < 34 ? 34 - line.size() : 2, ' ') + "# " + std::string(row.help());
      out += line + "\n";
    }
  }
  return out;
}

}  // namespace toml
}  // namespace quix
