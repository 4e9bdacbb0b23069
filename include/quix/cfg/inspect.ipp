#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include <quix/cfg/inspect.hpp>
#include <quix/cfg/json.hpp>
#include <quix/cfg/sources.hpp>

namespace quix {
namespace detail {

inline std::string shown_text(const Node& node) {
  const auto text = one_line(node);
  return text.empty() ? "empty" : text;
}

/// The one option that a name means: its path, or the end of it.
inline const Option& named_option(const Table& table, std::string_view name) {
  auto path = underscored(name);
  while (path.starts_with("__")) path.erase(0, 2);
  if (const Fork* fork = table.find_fork(path)) return table.options()[fork->selector];
  if (const Option* row = table.find(path)) return *row;
  std::vector<std::string> found;
  for (const auto& row : table.options())
    if (row.base < 0 && row.path.ends_with("." + path) &&
        std::find(found.begin(), found.end(), row.path) == found.end())
      found.push_back(row.path);
  if (found.empty())
    if (auto now = table.renamed(path, /*in_full=*/false); !now.empty()) found = {std::move(now)};
  if (found.size() == 1) return *table.find(found.front());
  if (table.is_group(path)) throw Error(std::string(name), "is a group, not an option; name one of its options");
  if (found.empty()) throw Error(std::string(name), "no such option" + advice(path, table, "", ""));
  std::string list;
  for (const auto& one : found) list += (list.empty() ? "" : ", ") + one;
  throw Error(std::string(name), "is ambiguous: it matches " + list);
}

}  // namespace detail

QUIX_INLINE std::string explain(const Table& table, std::string_view name) {
  const auto& row = detail::named_option(table, name);
  struct Line {
    std::string place, value, state;
  };
  std::vector<Line> lines;
  const auto& settings = table.settings();
  const bool active = table.active(row);
  bool kept = true;  // so far there is only `+=` above
  for (std::size_t i = settings.size(); i-- > 0;) {
    const auto& setting = settings[i];
    if (setting.path != row.path) continue;
    std::string state = static_cast<int>(i) == row.winner ? "" : "overridden";
    if (!state.empty() && kept) state = "extended";
    kept &= setting.append;
    if (!active) state = "dropped";
    if (active && row.fork >= 0 && row.winner < static_cast<int>(i)) state = "dropped";
    lines.push_back({setting.location(), (setting.append ? "+= " : "") + detail::shown_text(setting.value), state});
  }
  if (row.base >= 0 && row.winner < 0)
    lines.push_back(
        {"as " + table.options()[static_cast<std::size_t>(row.base)].path, detail::shown_text(row.now()), ""});
  else
    lines.push_back({"default", detail::shown_text(row.standard()),
                     lines.empty() ? ""
                     : kept        ? "extended"
                                   : "overridden"});
  std::string out = row.path + " = " + detail::shown_text(row.now()) + "\n";
  if (!active) {
    const auto& fork = table.forks()[static_cast<std::size_t>(row.fork)];
    out =
        row.path + " is not used: " + fork.path + " is " + std::string(fork.choice->names[fork.choice->chosen]) + "\n";
  }
  std::size_t places = 0, values = 0;
  for (const auto& line : lines)
    places = std::max(places, line.place.size()), values = std::max(values, line.value.size());
  for (const auto& line : lines) {
    auto text = "  " + line.place + std::string(places - line.place.size() + 2, ' ') + line.value;
    if (!line.state.empty()) text += std::string(values - line.value.size() + 2, ' ') + line.state;
    out += text + "\n";
  }
  out += "  " + row.type_text();
  if (row.note) {
    if (const auto limits = detail::limits_text(row.note->limits); !limits.empty()) out += "; " + limits;
    if (!row.help().empty()) out += "; " + std::string(row.help());
  }
  return out + "\n";
}

QUIX_INLINE std::vector<std::string> difference(const Table& left, const Table& right) {
  std::vector<std::string> out;
  const auto text = [](const Option* row) { return row ? detail::shown_text(row->now()) : std::string("—"); };
  const auto visible = [](const Table& table, const std::string& path) -> const Option* {
    const Option* row = table.find(path);
    return row && table.shown(*row) ? row : nullptr;
  };
  std::vector<std::string> seen;
  for (const auto* table : {&left, &right})
    for (const auto& row : table->options()) {
      if (!table->shown(row) || std::find(seen.begin(), seen.end(), row.path) != seen.end()) continue;
      seen.push_back(row.path);
      const auto a = text(visible(left, row.path)), b = text(visible(right, row.path));
      if (a != b) out.push_back(row.path + ": " + a + " → " + b);
    }
  return out;
}

// --- JSON Schema ---------------------------------------------------------------------------------------
namespace detail {

inline Node& member_of(Node& map, const std::string& key) {
  for (auto& member : map.members)
    if (member.key == key) return member.value;
  map.put(key, Node{.kind = Node::Kind::map});
  return map.members.back().value;
}

inline Node object_schema() {
  auto node = type_schema("object");
  node.put("properties", Node{.kind = Node::Kind::map});
  node.put("additionalProperties", Node::plain("false"));
  return node;
}

inline void put_bounds(Node& schema, const Limits& limits) {
  const auto put = [&](const char* key, double bound) {
    if (!std::isfinite(bound)) return;
    std::erase_if(schema.members, [&](const Node::Member& member) { return member.key == key; });
    schema.put(key, Node::plain(write_number(bound, false)));
  };
  const Node* found = schema.find("type");
  const auto type = found ? found->text : std::string();  // put() moves the members
  if (type == "integer" || type == "number") {
    put("minimum", limits.min), put("maximum", limits.max);
    put("exclusiveMinimum", limits.above), put("exclusiveMaximum", limits.below);
  }
  if (type == "string" && !schema.find("pattern") && !limits.choices[0].empty()) {
    std::vector<std::string_view> names;
    for (const auto choice : limits.choices)
      if (!choice.empty()) names.push_back(choice);
    schema = choice_schema(names.data(), names.size());
  }
  for (auto& member : schema.members) {
    if (member.key == "items" || member.key == "additionalProperties") put_bounds(member.value, limits);
    if (member.key == "anyOf")
      for (auto& item : member.value.items) put_bounds(item, limits);
  }
}

inline Node row_schema(const Option& row) {
  auto schema = row.type->schema();
  if (row.note) put_bounds(schema, row.note->limits);
  // What is computed is text until it is.
  auto computed = text_schema("\\$\\{");
  auto out = any_schema({std::move(schema), std::move(computed)});
  std::string description(row.help());
  if (row.note)
    if (const auto limits = limits_text(row.note->limits); !limits.empty())
      description += (description.empty() ? "" : "; ") + limits;
  if (!description.empty()) out.put("description", Node::quoted(description));
  if (row.type->kind != ValueType::Kind::presence) out.put("default", row.standard());
  return out;
}

/// Options of one branch (or none) at a path, as an object; nested groups and choices by recursion.
inline Node group_schema(const Table& table, const std::string& path, int fork, std::size_t branch) {
  auto out = object_schema();
  auto& properties = member_of(out, "properties");
  Node required{.kind = Node::Kind::list};
  const auto prefix = path.empty() ? std::string() : path + ".";
  std::vector<std::string> done;
  for (const auto& row : table.options()) {
    if (row.command || !row.path.starts_with(prefix)) continue;
    // Options of this very group: within the branch, or within a choice that stands in it.
    int f = row.fork;
    std::size_t b = row.branch;
    while (f >= 0 && !(f == fork && b == branch)) {
      const auto& inner = table.forks()[static_cast<std::size_t>(f)];
      b = inner.branch, f = inner.parent;
    }
    if (f != fork || (f >= 0 && b != branch)) continue;
    const auto rest = row.path.substr(prefix.size());
    const auto key = rest.substr(0, rest.find('.'));
    if (std::find(done.begin(), done.end(), key) != done.end()) continue;
    const Fork* inner = nullptr;
    for (const auto& candidate : table.forks())
      if (candidate.path == prefix + key && candidate.parent == fork && (fork < 0 || candidate.branch == branch))
        inner = &candidate;
    done.push_back(key);
    if (inner) {
      const auto index = static_cast<int>(inner - table.forks().data());
      std::vector<Node> all;
      if (inner->optional) {
        all = {type_schema("null"), choice_schema(std::array<std::string_view, 1>{"none"}.data(), 1),
               group_schema(table, prefix + key, index, 1)};
      } else {
        const auto& names = inner->choice->names;
        all.push_back(choice_schema(names.data(), names.size()));
        for (std::size_t i = 0; i < names.size(); ++i) {
          auto one = group_schema(table, prefix + key, index, i);
          Node name;
          name.put("const", Node::quoted(std::string(names[i])));
          member_of(one, "properties").put("name", std::move(name));
          if (i != inner->choice->chosen || inner->level > 0)
            one.put("required", Node{.kind = Node::Kind::list, .items = {Node::quoted("name")}});
          all.push_back(std::move(one));
        }
      }
      auto choice = any_schema(std::move(all));
      const auto& selector = table.options()[inner->selector];
      if (!selector.help().empty()) choice.put("description", Node::quoted(std::string(selector.help())));
      properties.put(key, std::move(choice));
    } else if (rest.find('.') == std::string::npos) {
      auto one = row_schema(row);
      if (row.type->grows) {
        auto more = one;
        std::erase_if(more.members, [](const Node::Member& member) { return member.key == "default"; });
        properties.put(key + "+=", std::move(more));
      }
      properties.put(key, std::move(one));
      if (row.note && !row.note->limits.was.empty()) {
        auto old = row_schema(row);
        old.put("deprecated", Node::plain("true"));
        properties.put(std::string(row.note->limits.was), std::move(old));
      }
    } else {
      properties.put(key, group_schema(table, prefix + key, fork, branch));
    }
  }
  if (std::find(done.begin(), done.end(), "include") == done.end()) {
    auto include = any_schema({type_schema("string"), list_schema(type_schema("string"), 0)});
    include.put("description", Node::quoted("files whose options lie below those of this one"));
    properties.put("include", std::move(include));
  }
  return out;
}

QUIX_INLINE Node schema_of_group(const Table& table, const std::string& path) {
  const Fork* fork = table.find_fork(path);
  if (!fork) return group_schema(table, path, -1, 0);
  const auto all = group_schema(table, path.substr(0, path.rfind('.') == path.npos ? 0 : path.rfind('.')), -1, 0);
  const auto* properties = all.find("properties");
  const auto* found = properties->find(path.substr(path.rfind('.') + 1));
  return found ? *found : all;
}

}  // namespace detail

QUIX_INLINE Node schema(const Table& table, std::string_view title) {
  Node out;
  out.put("$schema", Node::quoted("https://json-schema.org/draft/2020-12/schema"));
  out.put("title", Node::quoted(std::string(title)));
  for (auto& member : detail::group_schema(table, "", -1, 0).members) out.members.push_back(std::move(member));
  return out;
}

}  // namespace quix
