#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quix {

struct Node;

/// A name and its value. (A template, so that Node can hold a vector of them before it is complete.)
template <class Value>
struct NodeMember {
  std::string key;
  Value value;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// A value as written somewhere: in JSON, YAML, on the command line. Types give it a meaning (`leaf.hpp`).
struct Node {
  enum class Kind : std::uint8_t {
    null,    ///< JSON's and YAML's null
    plain,   ///< an unquoted scalar: `3`, `1e-3`, `true`, and in YAML and on the command line any word
    quoted,  ///< text and nothing else
    list,
    map,
    file,  ///< YAML's `!include`: `text` names the file that the value stands in
  };
  using Member = NodeMember<Node>;

  Kind kind = Kind::null;
  std::string text = {};             ///< of a plain or quoted scalar
  std::vector<Node> items = {};      ///< of a list
  std::vector<Member> members = {};  ///< of a map, in the order written
  std::uint32_t line = 0;            ///< where the value begins, from 1; 0 where there are no lines
  std::uint32_t column = 0;
  bool loose = false;  ///< YAML or command line: a plain scalar may be text

  static inline Node plain(std::string text);
  static inline Node quoted(std::string text);

  bool is_scalar() const { return kind == Kind::plain || kind == Kind::quoted; }
  /// Whether a variable or the command line wrote it, where there are no lines.
  bool typed() const { return loose && line == 0; }
  inline const Node* find(std::string_view key) const;
  inline void put(std::string key, Node value);
};

inline Node Node::plain(std::string text) { return {.kind = Kind::plain, .text = std::move(text)}; }
inline Node Node::quoted(std::string text) { return {.kind = Kind::quoted, .text = std::move(text)}; }

/// The member's value, or null when there is none (or this is no map).
inline const Node* Node::find(std::string_view key) const {
  for (const auto& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

/// Adds a member.
inline void Node::put(std::string key, Node value) {
  kind = Kind::map;
  members.push_back({.key = std::move(key), .value = std::move(value)});
}

}  // namespace quix
