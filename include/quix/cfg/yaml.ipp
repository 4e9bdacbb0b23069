#pragma once

#include <algorithm>
#include <map>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <quix/cfg/json.hpp>
#include <quix/cfg/text.hpp>
#include <quix/cfg/yaml.hpp>

namespace quix {
namespace detail {

inline constexpr const char* no_merge_keys =
    "merge keys (<<) are not supported; use an alias for a whole group (model: *base), or move the shared options to a "
    "file and write  include: FILE";

/// Builds a Node from yaml-cpp's events, which have lines and columns.
class YamlBuilder final : public YAML::EventHandler {
 public:
  YamlBuilder(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { put(at(mark, Node::Kind::null), anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) fail(mark, "this alias stands inside the value that it names");
    nodes_ += count(known->second);
    check_size();
    put(Node(known->second), 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = at(mark, tag == "!" || tag == "tag:yaml.org,2002:str" ? Node::Kind::quoted
                         : tag == "!include"                          ? Node::Kind::file
                                                                      : Node::Kind::plain);
    if (!tag.empty() && tag != "!" && tag != "?" && tag != "!include" && !tag.starts_with("tag:yaml.org,2002:"))
      fail(mark, "unknown tag " + tag + "; there is !include FILE");
    if (node.kind == Node::Kind::plain && (value.empty() || value == "~" || is_word(value, "null")))
      node.kind = Node::Kind::null;
    node.text = value;
    node.loose = true;
    put(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::list, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::map, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor;
    bool has_key = false;
    Node::Member member{};
  };

  static Node at(const YAML::Mark& mark, Node::Kind kind) {
    return {.kind = kind,
            .line = static_cast<std::uint32_t>(mark.line + 1),
            .column = static_cast<std::uint32_t>(mark.column + 1)};
  }
  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) {
    const auto line = static_cast<std::uint32_t>(mark.line + 1), column = static_cast<std::uint32_t>(mark.column + 1);
    throw Error({Problem{place(file_, line, column), what, excerpt(text_, line, column)}});
  }

  /// An alias is as large as what it names: a few lines of aliases of aliases would take all memory.
  static std::size_t count(const Node& node) {
    std::size_t out = node.items.size() + node.members.size();
    for (const auto& item : node.items) out += count(item);
    for (const auto& member : node.members) out += count(member.value);
    return out;
  }
  void check_size() const {
    if (nodes_ > 1'000'000) throw Error(file_, "too large: more than a million values (aliases count each time)");
  }

  void open(const YAML::Mark& mark, Node::Kind kind, YAML::anchor_t anchor) {
    if (stack_.size() > 100) fail(mark, "nested more than 100 deep");
    stack_.push_back({at(mark, kind), anchor});
  }
  void close() {
    auto frame = std::move(stack_.back());
    stack_.pop_back();
    put(std::move(frame.node), frame.anchor);
  }
  void put(Node node, YAML::anchor_t anchor) {
    ++nodes_;
    check_size();
    if (anchor) anchors_[anchor] = node;
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    auto& frame = stack_.back();
    if (frame.node.kind == Node::Kind::list) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      const YAML::Mark mark = [&] {
        YAML::Mark m;
        m.line = static_cast<int>(node.line) - 1, m.column = static_cast<int>(node.column) - 1;
        return m;
      }();
      if (!node.is_scalar()) fail(mark, "expected a name");
      if (node.kind == Node::Kind::plain && node.text == "<<") fail(mark, no_merge_keys);
      if (frame.node.find(node.text)) fail(mark, "duplicate key " + node.text);
      frame.member = {.key = node.text, .value = {}, .line = node.line, .column = node.column};
      frame.has_key = true;
    } else {
      frame.member.value = std::move(node);
      frame.node.members.push_back(std::move(frame.member));
      frame.has_key = false;
    }
  }

  std::string_view text_;
  const std::string& file_;
  Node root_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, Node> anchors_;
  std::size_t nodes_ = 0;
};

}  // namespace detail

namespace yaml {

QUIX_INLINE Node parse(std::string_view text, const std::string& file) {
  std::istringstream stream{std::string(text)};
  detail::YamlBuilder builder(text, file);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    detail::YamlBuilder rest(text, file);
    if (parser.HandleNextDocument(rest))
      throw Error(file, "holds more than one YAML document; one configuration is one document");
  } catch (const YAML::Exception& error) {
    if (error.mark.is_null()) throw Error(file, error.msg);
    const auto line = static_cast<std::uint32_t>(error.mark.line + 1),
               column = static_cast<std::uint32_t>(error.mark.column + 1);
    const auto fail = [&](std::size_t at, const std::string& what) {
      const auto place = static_cast<std::uint32_t>(at);
      throw Error({Problem{detail::place(file, line, place), what, detail::excerpt(text, line, place)}});
    };
    // The beginning of the line often says more than the parser does.
    const auto begin = detail::line_of(text, line);
    const auto indentation = begin.substr(0, begin.find_first_not_of(" \t"));
    if (const auto tab = indentation.find('\t'); tab != begin.npos)
      fail(tab + 1, "a tab is used as indentation; YAML takes only spaces");
    if (begin.substr(std::min(indentation.size(), begin.size())).starts_with("<<:"))
      fail(indentation.size() + 1, detail::no_merge_keys);
    fail(column, error.msg);
  }
  return builder.take();
}

QUIX_INLINE std::string write_value(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "null";
    case Node::Kind::plain:
      return node.text == "inf" || node.text == "-inf" || node.text == "nan"
                 ? (node.text[0] == '-' ? "-." + node.text.substr(1) : "." + node.text)
                 : node.text;
    case Node::Kind::file: return "!include " + write_value(Node::quoted(node.text));
    case Node::Kind::quoted: {
      // Plain only where no reader of YAML could take it for something else.
      const auto& t = node.text;
      const auto simple = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '/' ||
               c == '.' || c == '-';
      };
      bool plain = !t.empty() && ((t[0] >= 'a' && t[0] <= 'z') || (t[0] >= 'A' && t[0] <= 'Z') || t[0] == '/');
      for (char c : t) plain = plain && simple(c);
      for (std::string_view word :
           {"true", "false", "null", "none", "yes", "no", "on", "off", "y", "n", "inf", "nan", "infinity"})
        plain = plain && !(t.size() == word.size() &&
                           std::equal(t.begin(), t.end(), word.begin(), [](char a, char b) { return (a | 32) == b; }));
      return plain ? t : json::quote(t, /*escape_bytes=*/false);
    }
    case Node::Kind::list: {
      std::string out;
      for (const auto& item : node.items) out += (out.empty() ? "" : ", ") + write_value(item);
      return "[" + out + "]";
    }
    case Node::Kind::map: {
      std::string out;
      for (const auto& member : node.members)
        out += (out.empty() ? "" : ", ") + write_value(Node::quoted(member.key)) + ": " + write_value(member.value);
      return "{" + out + "}";
    }
  }
  return {};
}

QUIX_INLINE std::string write(const Table& table, bool comments) {
  std::string out;
  const auto print = [&](const auto& self, const Node& group, const std::string& prefix, std::size_t level) -> void {
    for (const auto& [key, value, l, c] : group.members) {
      const auto path = prefix + key;
      std::string line(2 * level, ' ');
      line += key;
      const Option* row = table.find(path);
      if ((!row || row->type->kind == ValueType::Kind::presence) && !value.members.empty()) {
        out += line + ":\n";
        self(self, value, path + ".", level + 1);
        continue;
      }
      line += ": " + write_value(value);
      if (comments && row && !row->help().empty())
        line += std::string(line.size() < 34 ? 34 - line.size() : 2, ' ') + "# " + std::string(row->help());
      out += line + "\n";
    }
  };
  print(print, table.tree(), "", 0);
  return out;
}

}  // namespace yaml
}  // namespace quix
