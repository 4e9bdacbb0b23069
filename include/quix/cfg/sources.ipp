#pragma once

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include <quix/cfg/json.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/cfg/toml.hpp>
#include <quix/cfg/yaml.hpp>

namespace quix {
namespace detail {

QUIX_INLINE std::string underscored(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

QUIX_INLINE std::string advice(std::string_view path, const Table& table, std::string_view group,
                               const std::string& dashes) {
  std::vector<std::string_view> paths, leaves, here;
  for (const auto& row : table.options()) {
    if (row.hidden() || row.base >= 0) continue;
    if (dashes.empty() && row.command) continue;  // a file sets options of the experiment only
    if (std::find(paths.begin(), paths.end(), row.path) != paths.end()) continue;  // of two branches
    paths.push_back(row.path);
    leaves.push_back(row.leaf());
    if (row.path.size() > group.size() && row.path.starts_with(group) &&
        (group.empty() || row.path[group.size()] == '.')) {
      auto rest = std::string_view(row.path).substr(group.empty() ? 0 : group.size() + 1);
      rest = rest.substr(0, rest.find('.'));
      if (std::find(here.begin(), here.end(), rest) == here.end()) here.push_back(rest);
    }
  }
  const auto word = path.substr(path.rfind('.') + 1);
  std::vector<std::string_view> found;
  // The same name in another group, then a near name: among neighbours, whole paths, and other groups' names.
  for (std::size_t i = 0; i < paths.size(); ++i)
    if (edit_distance(leaves[i], word) == 0 && paths[i] != path) found.push_back(paths[i]);
  std::string near_here{nearest(word, here)};
  if (!near_here.empty() && !group.empty()) near_here = std::string(group) + "." + near_here;
  if (found.empty() && !near_here.empty()) found.push_back(near_here);
  if (found.empty())
    if (const auto near = nearest(path, paths); !near.empty()) found.push_back(near);
  if (found.empty())
    if (const auto near = nearest(word, leaves); !near.empty())
      for (std::size_t i = 0; i < paths.size(); ++i)
        if (leaves[i] == near) found.push_back(paths[i]);
  std::string out;
  for (std::size_t i = 0; i < found.size() && i < 3; ++i) {
    const Option* row = table.find(found[i]);
    const auto branch = row ? table.branch_of(*row) : std::string_view{};
    out += (i ? " or " : "") + dashes + std::string(found[i]);
    if (!branch.empty() && !table.active(*row) && row->path.substr(row->path.rfind('.') + 1) != "name")
      out += " (of " + std::string(branch) + ")";
  }
  if (!out.empty()) return "; did you mean " + out + "?";
  for (std::size_t i = 0; i < here.size() && i < 40; ++i) out += (i ? ", " : "") + std::string(here[i]);
  return here.empty() ? "" : (group.empty() ? "; there are: " : "; " + std::string(group) + " has: ") + out;
}

QUIX_INLINE void read_group(Table& table, const Node& node) {
  std::vector<Problem> problems;
  Layers layers(table, problems);
  layers.put(node, "value", std::make_shared<Source>(), 1);
  table.settle(layers.take(), problems);
  if (problems.empty()) return;
  // The group stands inside another value: its problems name the path below that, and the place in the file.
  for (auto& problem : problems) {
    problem.excerpt.clear();
    problem.where.clear();
    std::string_view what = problem.what;
    for (std::string_view prefix : {"value.", "--value."})
      if (what.starts_with(prefix)) {
        what.remove_prefix(prefix.size());
        const auto colon = what.find(": ");
        if (colon != what.npos && what.substr(0, colon).find(' ') == what.npos) {
          problem.where = std::string(what.substr(0, colon));
          what.remove_prefix(colon + 2);
        }
        break;
      }
    problem.what = std::string(what);
    for (auto at = problem.what.find("value."); at != std::string::npos; at = problem.what.find("value.", at))
      problem.what.erase(at, 6);
  }
  throw Error(std::move(problems));
}

}  // namespace detail

QUIX_INLINE bool is_document(std::string_view word) {
  for (std::string_view suffix : {".yaml", ".yml", ".json", ".toml"})
    if (word.ends_with(suffix)) return true;
  return false;
}

QUIX_INLINE Document parse_document(std::string name, std::string text) {
  auto source = std::make_shared<Source>(Source{std::move(name), std::move(text)});
  Document document;
  if (source->text.starts_with("\xef\xbb\xbf")) source->text.erase(0, 3);  // a byte order mark
  if (source->text.starts_with("\xff\xfe") || source->text.starts_with("\xfe\xff"))
    throw Error(source->name, "is encoded as UTF-16; save it as UTF-8");
  if (source->text.size() > (64u << 20)) throw Error(source->name, "is larger than 64 MiB: no file of options");
  if (source->name.ends_with(".yaml") || source->name.ends_with(".yml"))
    document.root = yaml::parse(source->text, source->name);
  else if (source->name.ends_with(".json"))
    document.root = json::parse(source->text, source->name);
  else if (source->name.ends_with(".toml"))
    document.root = toml::parse(source->text, source->name);
  else
    throw Error(source->name, "unknown kind of file; options are read from .yaml, .yml, .json and .toml");
  document.source = std::move(source);
  return document;
}

QUIX_INLINE Document read_document(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream || std::filesystem::is_directory(path))
    throw Error(path.string(), std::filesystem::is_directory(path)
                                   ? "is a folder, expected a file of options"
                                   : std::string("cannot be read: ") + std::strerror(errno));
  std::ostringstream text;
  text << stream.rdbuf();
  auto document = parse_document(path.string(), std::move(text).str());
  document.folder = path.parent_path();
  document.on_disk = true;
  return document;
}

QUIX_INLINE void Layers::environment() {
  const int level = next_level();
  for (const auto& row : table_.options()) {
    if (!row.note || row.note->limits.env.empty()) continue;
    const std::string name(row.note->limits.env);
    const char* text = std::getenv(name.c_str());
    if (!text || !*text) continue;
    auto value = Node::plain(text);
    value.loose = true;
    settings_.push_back({.path = row.path,
                         .value = std::move(value),
                         .source = std::make_shared<Source>(Source{"$" + name}),
                         .level = level});
  }
}

QUIX_INLINE bool Layers::is_option(const std::string& path) const {
  const auto& rows = table_.options();
  return std::any_of(rows.begin(), rows.end(), [&](const Option& row) { return row.path == path && !row.command; });
}

QUIX_INLINE bool Layers::is_include(const Node::Member& member, const std::string& group) const {
  return member.key == "include" && !is_option(group.empty() ? "include" : group + ".include");
}

QUIX_INLINE void Layers::flag(const std::string& path, const Node& value, const std::string& name, bool append,
                              int level) {
  auto source = std::make_shared<Source>(Source{name});
  const Option* row = table_.find(path);
  if (!row || row->type->kind == ValueType::Kind::presence) return put(value, path, source, level);
  settings_.push_back({.path = path, .value = value, .source = source, .level = level, .append = append});
  const auto leaf = name.substr(name.rfind('.') != name.npos ? name.rfind('.') + 1 : name.starts_with("--") ? 2 : 0);
  if (row->note && !row->note->limits.was.empty() && row->note->limits.was == detail::underscored(leaf) &&
      row->note->limits.was != row->leaf())
    table_.notice(name + " is now called --" + path);
}

QUIX_INLINE void Layers::file(const std::filesystem::path& path, const std::string& group) {
  try {
    document(read_document(path), group);
  } catch (const Error& error) {
    problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
  }
}

/// One path for every spelling of a file's.
QUIX_INLINE std::filesystem::path Layers::identity(const std::string& name) {
  std::error_code none;
  return std::filesystem::weakly_canonical(name, none);
}

QUIX_INLINE void Layers::document(const Document& document, const std::string& group) {
  open_.push_back(identity(document.source->name));
  includes(document.root, group, document);  // they lie below
  const int level = next_level();
  put(document.root, group, document.source, level);
  open_.pop_back();
}

QUIX_INLINE void Layers::includes(const Node& node, const std::string& group, const Document& document) {
  for (const auto& member : node.members) {
    const auto path = (group.empty() ? "" : group + ".") + detail::underscored(member.key);
    if (is_include(member, group)) {
      const auto one = [&](const Node& name) {
        if (name.is_scalar())
          include(name.text, group, name, document);
        else
          problems_.push_back(Setting{.path = {}, .value = name, .source = document.source}.problem(
              "include: expected a file's name, or a list of them"));
      };
      if (member.value.kind == Node::Kind::list)
        for (const auto& name : member.value.items) one(name);
      else
        one(member.value);
    } else if (member.value.kind == Node::Kind::file) {
      if (table_.is_group(path))
        include(member.value.text, path, member.value, document);
      else if (is_option(path))
        problems_.push_back(Setting{.path = {}, .value = member.value, .source = document.source}.problem(
            path + " is one option; !include stands for a group"));
    } else if (table_.is_group(path)) {
      includes(member.value, path, document);
    }
  }
}

QUIX_INLINE void Layers::include(const std::string& name, const std::string& group, const Node& at,
                                 const Document& from) {
  const auto report = [&](std::string what) {
    problems_.push_back(Setting{.path = {}, .value = at, .source = from.source}.problem(std::move(what)));
  };
  const auto path = from.folder / name;
  const auto key = identity(from.on_disk ? path.string() : name);
  if (std::find(open_.begin(), open_.end(), key) != open_.end()) {
    std::string chain;
    for (auto file = std::find(open_.begin(), open_.end(), key); file != open_.end(); ++file)
      chain += file->filename().string() + " → ";
    return report("includes itself: " + chain + key.filename().string());
  }
  if (++files_ > 1000) return report("more than 1000 files are included");
  try {
    if (!from.on_disk)
      for (const auto& known : builtin)
        if (known.source->name == name) return document(known, group);
    document(read_document(path), group);
  } catch (const Error& error) {
    for (const auto& problem : error.problems())
      if (problem.line == 0 && problem.excerpt.empty())
        report(problem.where + ": " + problem.what);
      else
        problems_.push_back(problem);
  }
}

QUIX_INLINE void Layers::put(const Node& value, const std::string& path, const std::shared_ptr<const Source>& source,
                             int level) {
  const auto set = [&](std::string where) {
    settings_.push_back({.path = std::move(where),
                         .value = value,
                         .source = source,
                         .level = level,
                         .line = value.line,
                         .column = value.column});
  };
  if (const Fork* fork = path.empty() ? nullptr : table_.find_fork(path)) {
    if (value.is_scalar() && !fork->optional) return set(path + ".name");
    if (fork->optional && (value.kind != Node::Kind::map || value.members.empty())) return set(path);
  }
  if (value.kind == Node::Kind::map) return members(value, path, source, level);
  if (value.kind == Node::Kind::null) return;  // an empty file, an empty group
  const auto fixed = table_.fixed(path);
  problems_.push_back(Setting{.path = {}, .value = value, .source = source}.problem(
      path.empty()     ? "expected options by name, like  lr: 0.001"
      : !fixed.empty() ? path + " " + std::string(fixed)
                       : path + ": expected the options of this group by name"));
}

QUIX_INLINE void Layers::members(const Node& node, const std::string& group,
                                 const std::shared_ptr<const Source>& source, int level) {
  for (std::size_t i = 0; i < node.members.size(); ++i) {
    const auto& one = node.members[i];
    if (is_include(one, group)) continue;
    // `weight-decay` and `weight_decay` are one name; equal spellings are refused by the readers.
    if (one.key.find('-') != std::string::npos)
      for (std::size_t j = 0; j < node.members.size(); ++j)
        if (j != i && detail::underscored(node.members[j].key) == detail::underscored(one.key) &&
            (j < i || node.members[j].key.find('-') == std::string::npos))
          problems_.push_back(Setting{.path = {}, .value = one.value, .source = source}.problem(
              "duplicate key " + detail::underscored(one.key), one.line, one.column));
    member(one, group, source, level);
  }
}

QUIX_INLINE void Layers::member(const Node::Member& member, const std::string& group,
                                const std::shared_ptr<const Source>& source, int level) {
  auto path = (group.empty() ? "" : group + ".") + detail::underscored(member.key);
  bool append = false;
  if (path.ends_with("+=")) path.resize(path.size() - 2), append = true;
  Setting setting{.path = std::move(path),
                  .value = {},
                  .source = source,
                  .level = level,
                  .append = append,
                  .line = member.line,
                  .column = member.column};
  bool option = is_option(setting.path);
  if (!option && !table_.is_group(setting.path))
    if (auto now = table_.renamed(setting.path); !now.empty()) {
      setting.value.line = member.line, setting.value.column = member.column;
      table_.notice(setting.location() + ": " + setting.path + " is now called " + now);
      setting.path = std::move(now), option = true;
    }
  if (option && !table_.find_fork(setting.path)) {
    if (member.value.kind == Node::Kind::file) return;  // said by includes()
    setting.value = member.value;
    settings_.push_back(std::move(setting));
  } else if (table_.is_group(setting.path) && !append) {
    if (member.value.kind != Node::Kind::file) put(member.value, setting.path, source, level);
  } else {
    setting.value = member.value;
    const auto fixed = table_.fixed(setting.path);
    problems_.push_back(
        setting.problem(!fixed.empty() ? setting.path + " " + std::string(fixed)
                        : append && table_.is_group(setting.path)
                            ? "+= is for lists of any length and for values by name; " + setting.path + " is a group"
                            : "no option " + setting.path + detail::advice(setting.path, table_, group, ""),
                        member.line, member.column));
  }
}

}  // namespace quix
