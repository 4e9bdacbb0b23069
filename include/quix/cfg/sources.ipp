#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <quix/cfg/json.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/cfg/yaml.hpp>

namespace quix {
namespace detail {

inline std::string underscored(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

/// "; did you mean model.hidden?", or the names that are there.
inline std::string advice(std::string_view path, const Table& table, std::string_view group,
                          const std::string& dashes) {
  std::vector<std::string_view> paths, leaves, here;
  for (const auto& row : table.rows()) {
    if (row.note && row.note->limits.hidden) continue;
    if (dashes.empty() && row.command) continue;  // a file sets options of the experiment only
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
  for (std::size_t i = 0; i < found.size() && i < 3; ++i) out += (i ? " or " : "") + dashes + std::string(found[i]);
  if (!out.empty()) return "; did you mean " + out + "?";
  for (std::size_t i = 0; i < here.size() && i < 40; ++i) out += (i ? ", " : "") + std::string(here[i]);
  return here.empty() ? "" : (group.empty() ? "; there are: " : "; " + std::string(group) + " has: ") + out;
}

inline void apply_map(const Document& document, const Node& node, const std::string& group, Table& table,
                      std::vector<Problem>& problems) {
  const auto report = [&](std::uint32_t line, std::uint32_t column, std::string what) {
    problems.push_back({place(document.name, line, column), std::move(what), excerpt(document.text, line, column)});
  };
  if (node.kind != Node::Kind::map) {
    if (node.kind == Node::Kind::null) return;  // an empty file, an empty group
    report(node.line, node.column,
           group.empty() ? "expected options by name, like  lr: 0.001"
                         : group + ": expected the options of this group by name");
    return;
  }
  for (const auto& [key, value, line, column] : node.members) {
    const auto path = (group.empty() ? "" : group + ".") + underscored(key);
    if (Row* row = table.find(path); row && !row->command) {
      try {
        table.assign(*row, value, place(document.name, value.line, value.column));
      } catch (const Error& error) {
        for (const auto& p : error.problems()) report(value.line, value.column, p.what);
      }
    } else if (table.is_group(path)) {
      apply_map(document, value, path, table, problems);
    } else {
      report(line, column, "no option " + path + advice(path, table, group, ""));
    }
  }
}

/// The options that a flag's name can mean: the one of that path, else all whose path ends in it.
inline std::vector<Row*> resolve(std::string_view name, Table& table) {
  if (Row* row = table.find(name)) return {row};
  std::vector<Row*> found;
  for (auto& row : table.rows())
    if (row.path.size() > name.size() && row.path.ends_with(name) && row.path[row.path.size() - name.size() - 1] == '.')
      found.push_back(&row);
  return found;
}

class ArgumentReader {
 public:
  ArgumentReader(std::span<const char* const> args, Table& table, std::span<const std::string_view> commands,
                 std::vector<Problem>& problems)
      : args_(args), table_(table), commands_(commands), problems_(problems) {}

  Arguments read() {
    for (; i_ < args_.size(); ++i_) {
      const std::string_view word = args_[i_];
      if (!plain_ && word == "--")
        plain_ = true;
      else if (!plain_ && word.starts_with("--"))
        long_flag(word.substr(2));
      else if (!plain_ && word.size() > 1 && word[0] == '-' && !(word[1] >= '0' && word[1] <= '9'))
        short_flag(word);
      else
        positional(word);
    }
    return std::move(out_);
  }

 private:
  void problem(std::string where, std::string what) { problems_.push_back({std::move(where), std::move(what), {}}); }

  void positional(std::string_view word) {
    if (std::find(commands_.begin(), commands_.end(), word) != commands_.end() && out_.command.empty() &&
        out_.files.empty()) {
      out_.command = word;
    } else if (word.ends_with(".yaml") || word.ends_with(".yml") || word.ends_with(".json")) {
      out_.files.emplace_back(word);
    } else {
      const auto near = nearest(word, commands_);
      std::string list;
      for (auto c : commands_) list += (list.empty() ? "" : ", ") + std::string(c);
      problem(std::string(word), near.empty() ? "expected " + (list.empty() ? "" : "a command (" + list + "), ") +
                                                    "a file (.yaml, .json) or a flag (--name value)"
                                              : "no such command; did you mean " + std::string(near) + "?");
    }
  }

  void long_flag(std::string_view word) {
    const auto equals = word.find('=');
    const auto typed = "--" + std::string(word.substr(0, equals));
    auto name = underscored(word.substr(0, equals));
    std::optional<std::string> value;
    if (equals != word.npos) value = std::string(word.substr(equals + 1));
    if (name == "help") {
      out_.help = true;
      if (value)
        out_.help_group = *value;
      else if (i_ + 1 < args_.size() && args_[i_ + 1][0] != '-' && table_.is_group(underscored(args_[i_ + 1])))
        out_.help_group = underscored(args_[++i_]);
      return;
    }
    auto rows = resolve(name, table_);
    bool negated = false;
    if (rows.empty() && name.starts_with("config.")) rows = resolve(name.substr(7), table_);
    if (rows.empty() && name.starts_with("no_")) {
      rows = resolve(name.substr(3), table_);
      std::erase_if(rows, [](const Row* row) { return !row->boolean; });
      negated = !rows.empty();
    }
    if (rows.empty()) {
      if (table_.is_group(name))
        problem(typed, "is a group, not an option; its options are shown by  --help " + name);
      else
        problem(typed,
                "no such option" +
                    advice(name, table_, name.find('.') == name.npos ? "" : name.substr(0, name.rfind('.')), "--"));
      // A value that belongs to the unknown flag is not a second mistake.
      if (!value && i_ + 1 < args_.size() && !std::string_view(args_[i_ + 1]).starts_with("-") &&
          !std::string_view(args_[i_ + 1]).ends_with(".yaml"))
        ++i_;
      return;
    }
    if (rows.size() > 1) {
      std::string list;
      for (const Row* row : rows) list += (list.empty() ? "--" : ", --") + row->path;
      problem(typed, "is short for several options: " + list + "; write one of them");
      if (!value && !rows.front()->boolean && i_ + 1 < args_.size()) ++i_;
      return;
    }
    set(*rows.front(), typed, std::move(value), negated);
  }

  void short_flag(std::string_view word) {
    if (word == "-h") {
      out_.help = true;
      return;
    }
    std::vector<Row*> rows;
    for (auto& row : table_.rows())
      if (row.note && row.note->limits.flag == word[1]) rows.push_back(&row);
    const auto typed = std::string(word.substr(0, 2));
    if (rows.size() != 1)
      return problem(std::string(word), rows.empty()
                                            ? "no such option; long options have two dashes, and --help lists them all"
                                            : "stands for several options; use a long one");
    std::optional<std::string> value;
    if (word.size() > 2) value = std::string(word.substr(word[2] == '=' ? 3 : 2));
    set(*rows.front(), typed, std::move(value), false);
  }

  void set(Row& row, const std::string& typed, std::optional<std::string> value, bool negated) {
    if (row.boolean && !value) {
      const auto next = i_ + 1 < args_.size() ? std::string_view(args_[i_ + 1]) : std::string_view{};
      if (!negated && (next == "true" || next == "false"))
        value = std::string(args_[++i_]);
      else
        value = negated ? "false" : "true";
    } else if (negated) {
      return problem(typed, "takes no value; write --" + row.path + "=" + *value);
    }
    if (!value) {
      if (i_ + 1 >= args_.size() || std::string_view(args_[i_ + 1]).starts_with("--"))
        return problem(typed, "needs a value: " + row.type);
      value = std::string(args_[++i_]);
    }
    Node node;
    if (row.list && value->starts_with('[')) {
      try {
        node = json::parse(*value, typed);
        node.line = 0;
      } catch (const Error& error) {
        return problem(typed, error.problems().front().what + " in " + *value);
      }
    } else {
      node = Node::plain(*value);
      node.loose = true;
    }
    // A list flag that is repeated adds to what it said before.
    if (row.list)
      for (auto& earlier : out_.assignments)
        if (earlier.row == &row) {
          const auto items = [&](const Node& n) {
            return n.kind == Node::Kind::list ? n.items : read_items(n, row.type);
          };
          auto all = items(earlier.value);
          for (auto& item : items(node)) all.push_back(std::move(item));
          earlier.value = Node{.kind = Node::Kind::list, .items = std::move(all)};
          return;
        }
    out_.assignments.push_back({&row, std::move(node), typed});
  }

  std::span<const char* const> args_;
  Table& table_;
  std::span<const std::string_view> commands_;
  std::vector<Problem>& problems_;
  Arguments out_;
  std::size_t i_ = 0;
  bool plain_ = false;
};

}  // namespace detail

QUIX_INLINE Document parse_document(std::string name, std::string text) {
  Document document{.name = std::move(name), .text = std::move(text), .root = {}};
  if (document.name.ends_with(".json"))
    document.root = json::parse(document.text, document.name);
  else if (document.name.ends_with(".yaml") || document.name.ends_with(".yml"))
    document.root = yaml::parse(document.text, document.name);
  else
    throw Error(document.name, "unknown kind of file; options are read from .yaml, .yml and .json");
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
  return parse_document(path.string(), text.str());
}

QUIX_INLINE void apply(const Document& document, Table& table, std::vector<Problem>& problems) {
  detail::apply_map(document, document.root, "", table, problems);
}

QUIX_INLINE Arguments read_arguments(std::span<const char* const> args, Table& table,
                                     std::span<const std::string_view> commands, std::vector<Problem>& problems) {
  return detail::ArgumentReader(args, table, commands, problems).read();
}

QUIX_INLINE void apply(const Arguments& arguments, Table& table, bool command, std::vector<Problem>& problems) {
  for (const auto& [row, value, flag] : arguments.assignments) {
    if (row->command != command) continue;
    try {
      table.assign(*row, value, flag);
    } catch (const Error& error) {
      for (auto problem : error.problems()) {
        if (flag != "--" + row->path) problem.what += " (" + row->path + ")";
        problems.push_back(std::move(problem));
      }
    }
  }
}

}  // namespace quix
