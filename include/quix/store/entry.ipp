#pragma once

#include <limits>

#include <quix/cfg/error.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/store/entry.hpp>

namespace quix::detail {

QUIX_INLINE Entry Entry::operator[](std::string_view key) const {
  const auto* node = node_->kind == Node::Kind::map ? node_->find(key) : nullptr;
  if (!node) refuse("a group with the entry " + std::string(key));
  return {file_, name_ + "." + std::string(key), *node};
}

QUIX_INLINE std::vector<Entry> Entry::items() const {
  if (node_->kind != Node::Kind::list) refuse("a list");
  std::vector<Entry> out;
  for (std::size_t i = 0; i < node_->items.size(); ++i) out.emplace_back(file_, name_ + index_step(i), node_->items[i]);
  return out;
}

QUIX_INLINE std::int64_t Entry::number() const {
  try {
    return read_integer(*node_, 0, std::numeric_limits<std::int64_t>::max());
  } catch (const Error&) {
    refuse("a non-negative integer");
  }
}

QUIX_INLINE std::string Entry::text() const {
  if (node_->kind != Node::Kind::quoted) refuse("text in quotes");
  return node_->text;
}

QUIX_INLINE void Entry::refuse(std::string_view expected) const {
  throw Error({Problem{file_.string() + (node_->line ? ":" + std::to_string(node_->line) : ""),
                       name_ + ": expected " + std::string(expected) + "; restore the file, or remove this entry",
                       {}}});
}

}  // namespace quix::detail
