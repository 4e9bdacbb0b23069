#pragma once

#include <algorithm>
#include <cctype>
#include <set>

#include <quix/cfg/json.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/cfg/table.hpp>

namespace quix {
namespace detail {

/// The rows that hold a choice itself: at `optim.name`, or at the path of an optional group.
inline constexpr ValueType choice_type{.name = [] { return std::string("choice"); },
                                       .write =
                                           [](const void* value) {
                                             const auto& selector = *static_cast<const Fork::Selector*>(value);
                                             return Node::quoted(std::string(selector.names[selector.chosen]));
                                           },
                                       .read =
                                           [](const Node& node, void* value, const Note*) {
                                             auto& selector = *static_cast<Fork::Selector*>(value);
                                             // "AdamW", "adam-w" and "adamw" are one name.
                                             const auto bare = [](std::string_view text) {
                                               std::string out;
                                               for (char c : text)
                                                 if (c != '_' && c != '-')
                                                   out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
                                               return out;
                                             };
                                             for (std::size_t i = 0; i < selector.names.size(); ++i)
                                               if (node.is_scalar() && bare(node.text) == bare(selector.names[i]))
                                                 return void(selector.chosen = i);
                                             selector.chosen =
                                                 read_choice(node, selector.names.data(), selector.names.size());
                                           },
                                       .copy = [](const void*, void*) {},
                                       .in_limits = [](const void*, const Limits&) { return true; },
                                       .schema = [] { return Node{.kind = Node::Kind::map}; },
                                       .kind = ValueType::Kind::choice};

inline constexpr ValueType presence_type{
    .name = [] { return std::string("none, or its options"); },
    .write =
        [](const void* value) {
          return static_cast<const Fork::Selector*>(value)->chosen == 0 ? Node{} : Node{.kind = Node::Kind::map};
        },
    .read =
        [](const Node& node, void* value, const Note*) {
          const bool none = node.kind == Node::Kind::null || (node.kind == Node::Kind::plain && is_none(node.text));
          if (!none && node.kind != Node::Kind::map) expected("none, or the options of this group by name", node);
          static_cast<Fork::Selector*>(value)->chosen = none ? 0 : 1;
        },
    .copy = [](const void*, void*) {},
    .in_limits = [](const void*, const Limits&) { return true; },
    .schema = [] { return type_schema("null"); },
    .kind = ValueType::Kind::presence};

QUIX_INLINE Node escaped(Node node) {
  if (node.is_scalar())
    for (auto at = node.text.find("${"); at != std::string::npos; at = node.text.find("${", at + 3))
      node.text.insert(at, 1, '$');
  for (auto& item : node.items) item = escaped(std::move(item));
  for (auto& member : node.members) member.value = escaped(std::move(member.value));
  return node;
}

QUIX_INLINE bool has_expression(const Node& node) {
  return (node.is_scalar() && node.text.find("${") != std::string::npos) ||
         std::any_of(node.items.begin(), node.items.end(), has_expression) ||
         std::any_of(node.members.begin(), node.members.end(),
                     [](const Node::Member& member) { return has_expression(member.value); });
}

}  // namespace detail

QUIX_INLINE std::string Setting::location() const {
  if (value.line == 0) return source->name;
  return detail::place(source->name, value.line, value.column);
}

QUIX_INLINE Problem Setting::problem(std::string what, std::uint32_t at_line, std::uint32_t at_column) const {
  const auto at = at_line ? std::pair(at_line, at_column) : std::pair(value.line, value.column);
  if (at.first == 0) return {source->name, std::move(what), {}};
  return {detail::place(source->name, at.first, at.second), std::move(what),
          source->text.empty() ? "" : detail::excerpt(source->text, at.first, at.second), at.first, at.second};
}

QUIX_INLINE std::string Option::type_text() const {
  if (type->kind == ValueType::Kind::choice) {
    std::string out;
    for (const auto name : static_cast<const Fork::Selector*>(value)->names)
      out += (out.empty() ? "" : "|") + std::string(name);
    return out;
  }
  auto text = type->name();
  if (!note) return text;
  if (!note->limits.choices[0].empty()) {
    text.clear();
    for (const auto choice : note->limits.choices)
      if (!choice.empty()) text += (text.empty() ? "" : "|") + std::string(choice);
  }
  if (!note->limits.unit.empty()) text += " " + std::string(note->limits.unit);
  return text;
}

QUIX_INLINE Node Option::now() const { return detail::escaped(type->write(value)); }
QUIX_INLINE Node Option::standard() const { return initial ? *initial : now(); }

QUIX_INLINE const Note* Table::Fields::next(std::string& path) {
  const auto field = *name++;
  path = prefix;
  if (!prefix.empty()) path += '.';
  path += field;
  for (std::size_t i = 0; i < note_count; ++i)
    if (notes[i].field == field) return &notes[i];
  return nullptr;
}

QUIX_INLINE void Table::push(std::string path, const ValueType* type, const Note* note, void* value) {
  Option row;
  row.path = std::move(path), row.type = type, row.note = note, row.value = value;
  row.command = command_, row.fork = fork_, row.branch = branch_;
  options_.push_back(std::move(row));
}

QUIX_INLINE int Table::push_fork(std::string path, const Note* note, std::vector<std::string_view> names,
                                 std::size_t chosen, bool optional) {
  Fork fork;
  fork.parent = fork_, fork.branch = branch_, fork.optional = optional;
  fork.choice = std::make_unique<Fork::Selector>(Fork::Selector{std::move(names), chosen});
  fork.selector = options_.size();
  push(optional ? path : path + ".name", optional ? &detail::presence_type : &detail::choice_type, note,
       fork.choice.get());
  fork.path = std::move(path);
  forks_.push_back(std::move(fork));
  return static_cast<int>(forks_.size()) - 1;
}

QUIX_INLINE void Table::push_check(std::string prefix, const void* group,
                                   std::optional<Conflict> (*check)(const void*)) {
  checks_.push_back({std::move(prefix), command_, fork_, branch_, group, check});
}

QUIX_INLINE void Table::refine_rows(std::size_t first, const std::string& prefix, const std::string& name) {
  for (std::size_t i = first; i < options_.size(); ++i) {
    const auto base = prefix + options_[i].path.substr(prefix.size() + 1 + name.size());
    for (const auto found : find_all(base))
      if (found < first) options_[i].base = static_cast<int>(found);
  }
}

QUIX_INLINE std::vector<std::size_t> Table::find_all(std::string_view path) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < options_.size(); ++i)
    if (options_[i].path == path) found.push_back(i);
  return found;
}

QUIX_INLINE const Option* Table::find(std::string_view path) const {
  const Option* found = nullptr;
  for (const auto& row : options_)
    if (row.path == path && (!found || active(row))) found = &row;
  return found;
}

QUIX_INLINE bool Table::is_group(std::string_view path) const {
  for (const auto& row : options_)
    if (row.path.size() > path.size() && row.path.starts_with(path) && row.path[path.size()] == '.') return true;
  return find_fork(path) != nullptr;
}

QUIX_INLINE const Fork* Table::find_fork(std::string_view path) const {
  const Fork* found = nullptr;
  for (const auto& fork : forks_)
    if (fork.path == path && (!found || active(fork.parent, fork.branch))) found = &fork;
  return found;
}

QUIX_INLINE std::string_view Table::elsewhere(std::string_view flag) const {
  for (const auto& [where, sentence] : elsewhere_)
    if (where == flag) return sentence;
  return {};
}

QUIX_INLINE std::string detail::word_of(std::string_view path) {
  std::string out(path);
  for (auto& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

QUIX_INLINE std::string_view Table::fixed(std::string_view path) const {
  if (path.ends_with(".name")) path.remove_suffix(5);
  for (const auto& [where, sentence] : fixed_)
    if (where == path) return sentence;
  return {};
}

QUIX_INLINE std::string Table::renamed(std::string_view path, bool in_full) const {
  const auto dot = path.rfind('.') + 1;
  const auto prefix = path.substr(0, dot);
  std::string found;
  bool several = false;
  for (const auto& row : options_) {
    if (!row.note || row.note->limits.was.empty() || row.note->limits.was != path.substr(dot)) continue;
    const auto group = std::string_view(row.path).substr(0, row.path.rfind('.') + 1);
    if (group == prefix) return row.path;
    if (in_full || row.base >= 0 || !group.ends_with(prefix) ||
        (!prefix.empty() && group[group.size() - prefix.size() - 1] != '.'))
      continue;
    several |= !found.empty() && found != row.path;
    found = row.path;
  }
  return several ? std::string() : found;
}

QUIX_INLINE bool Table::active(int fork, std::size_t branch) const {
  while (fork >= 0) {
    const auto& f = forks_[static_cast<std::size_t>(fork)];
    if (f.choice->chosen != branch) return false;
    fork = f.parent, branch = f.branch;
  }
  return true;
}

QUIX_INLINE std::string_view Table::branch_of(const Option& row) const {
  if (row.fork < 0) return {};
  const auto& fork = forks_[static_cast<std::size_t>(row.fork)];
  return fork.optional ? std::string_view{} : fork.choice->names[row.branch];
}

QUIX_INLINE bool Table::shown(const Option& row) const {
  if (row.command || !active(row)) return false;
  if (row.base >= 0 && row.winner < 0) return false;
  // That an optional group is there is said by its options.
  return row.type->kind != ValueType::Kind::presence || static_cast<const Fork::Selector*>(row.value)->chosen == 0 ||
         std::none_of(options_.begin(), options_.end(), [&](const Option& other) {
           return &other != &row && other.path.starts_with(row.path + ".") && active(other);
         });
}

QUIX_INLINE void Table::check_defaults() const {
  std::vector<Problem> problems;
  for (const auto& row : options_) {
    if (!row.note) continue;
    if (const char flag = row.note->limits.flag)
      for (const auto& other : options_) {
        if (&other == &row) break;
        if (other.note && other.note->limits.flag == flag && other.note != row.note && active(row) && active(other))
          problems.push_back({"", std::string("-") + flag + " stands for both " + other.path + " and " + row.path, {}});
      }
    if (row.type->in_limits(row.value, row.note->limits)) continue;
    try {
      detail::outside_limits(row.type->write(row.value), row.note->limits);
    } catch (const Error& error) {
      problems.push_back(
          {"", "the default of " + row.path + " breaks its own limits: " + error.problems().front().what, {}});
    }
  }
  if (!problems.empty()) throw Error(problems);
}

QUIX_INLINE Node Table::tree() const {
  Node root{.kind = Node::Kind::map};
  for (const auto& row : options_) {
    if (!shown(row)) continue;
    Node* at = &root;
    std::string_view rest = row.path;
    for (auto dot = rest.find('.'); dot != rest.npos; dot = rest.find('.')) {
      const auto group = rest.substr(0, dot);
      auto found = std::find_if(at->members.begin(), at->members.end(),
                                [&](const Node::Member& member) { return member.key == group; });
      if (found == at->members.end()) {
        at->put(std::string(group), Node{.kind = Node::Kind::map});
        found = at->members.end() - 1;
      }
      at = &found->value;
      rest.remove_prefix(dot + 1);
    }
    at->put(std::string(rest), row.now());
  }
  return root;
}

}  // namespace quix
