#pragma once

#include <algorithm>
#include <charconv>

#include <quix/cfg/error.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/data/fingerprint.hpp>

namespace quix {
namespace detail {

/// The hashes and their names in files.
struct FingerprintPart {
  const char* name;
  std::uint64_t SplitFingerprint::*hash;
};
inline constexpr FingerprintPart fingerprint_parts[] = {{"keys", &SplitFingerprint::keys},
                                                        {"sizes", &SplitFingerprint::sizes},
                                                        {"labels", &SplitFingerprint::labels},
                                                        {"values", &SplitFingerprint::values}};

inline const SplitFingerprint* find_split(const DataFingerprint& data, const std::string& split) {
  const auto found = std::find_if(data.begin(), data.end(), [&](const auto& one) { return one.split == split; });
  return found == data.end() ? nullptr : &*found;
}

}  // namespace detail

QUIX_INLINE std::string describe_change(const DataFingerprint& before, const DataFingerprint& now) {
  std::string out;
  const auto add = [&](const std::string& split, const std::string& what) {
    out += (out.empty() ? "" : "; ") + split + ": " + what;
  };
  for (const auto& one : now) {
    const auto* old = detail::find_split(before, one.split);
    std::string parts;
    if (!old)
      add(one.split, "a new split");
    else if (one.samples != old->samples)
      add(one.split, std::to_string(one.samples) + " samples, " + std::to_string(old->samples) + " before");
    else
      for (const auto& [name, hash] : detail::fingerprint_parts)
        if (one.*hash != old->*hash) parts += (parts.empty() ? "other " : ", ") + std::string(name);
    if (!parts.empty()) add(one.split, parts);
  }
  for (const auto& old : before)
    if (!detail::find_split(now, old.split)) add(old.split, "no longer there");
  return out;
}

QUIX_INLINE Node to_node(const DataFingerprint& data) {
  Node out{.kind = Node::Kind::map};
  for (const auto& one : data) {
    Node split{.kind = Node::Kind::map};
    split.members.push_back({.key = "samples", .value = Node::plain(std::to_string(one.samples))});
    for (const auto& [name, hash] : detail::fingerprint_parts) {
      if (one.*hash == 0) continue;
      char digits[16];
      char* end = std::to_chars(digits, digits + sizeof digits, one.*hash, 16).ptr;
      split.members.push_back({.key = name, .value = Node::quoted(std::string(digits, end))});
    }
    out.members.push_back({.key = one.split, .value = std::move(split)});
  }
  return out;
}

QUIX_INLINE DataFingerprint read_fingerprint(const Node& node, const std::string& file) {
  DataFingerprint out;
  for (const auto& split : node.members) {
    SplitFingerprint one{.split = split.key};
    const Node* samples = split.value.find("samples");
    if (!samples) throw Error(file, "the fingerprint of the split " + split.key + " lacks the entry samples");
    one.samples = detail::read_unsigned(*samples, ~std::uint64_t{0});
    for (const auto& [name, hash] : detail::fingerprint_parts)
      if (const Node* digits = split.value.find(name)) {
        const auto& text = digits->text;
        const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), one.*hash, 16);
        if (code != std::errc{} || end != text.data() + text.size())
          throw Error(file, "the fingerprint of the split " + split.key + " has " + text + " for its " + name);
      }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace quix
