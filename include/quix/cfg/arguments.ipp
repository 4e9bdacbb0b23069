#pragma once

#include <algorithm>
#include <memory>
#include <optional>

#include <quix/cfg/arguments.hpp>
#include <quix/cfg/json.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/suggest.hpp>

namespace quix {
namespace detail {

class ArgumentReader {
 public:
  ArgumentReader(std::span<const char* const> args, const Table& table, std::span<const std::string_view> commands,
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
  using Options = std::vector<const Option*>;

  void problem(std::string where, std::string what) { problems_.push_back({std::move(where), std::move(what), {}}); }

  void positional(std::string_view word) {
    const Option* row = next_place();
    if (row) {
      Node node = Node::plain(std::string(word));
      node.loose = true;
      if (row->list()) node = Node{.kind = Node::Kind::list, .items = {node}};
      out_.assignments.push_back({.path = row->path,
                                  .value = std::move(node),
                                  .flag = word_of(row->path),
                                  .append = row->list(),
                                  .command = row->command});
      return;
    }
    const bool command = std::find(commands_.begin(), commands_.end(), word) != commands_.end();
    if (command && out_.command.empty() && out_.files.empty()) {
      out_.command = word;
    } else if (is_document(word)) {
      out_.files.emplace_back(word);
    } else if (command) {
      problem(std::string(word), out_.command.empty() ? "command after a file; write the command first"
                                                      : "second command, after " + out_.command + "; drop one");
    } else if (std::any_of(table_.options().begin(), table_.options().end(),
                           [](const Option& row) { return row.positional(); })) {
      problem(std::string(word), "unexpected argument");
    } else {
      const auto near = nearest(word, commands_);
      std::string list;
      for (auto c : commands_) list += (list.empty() ? "" : ", ") + std::string(c);
      problem(std::string(word), near.empty() ? "expected " + (list.empty() ? "" : "a command (" + list + "), ") +
                                                    "a file (.yaml, .json, .toml) or a flag (--name value)"
                                              : "no such command; did you mean " + std::string(near) + "?");
    }
  }

  /// The positional option that the next word sets; a list takes all that are left.
  const Option* next_place() const {
    for (const auto& row : table_.options())
      if (row.positional() && (row.list() || std::none_of(out_.assignments.begin(), out_.assignments.end(),
                                                          [&](const auto& one) { return one.path == row.path; })))
        return &row;
    return nullptr;
  }

  /// The options that a flag's name can mean: the one of that path, else all whose path ends in it. Options that
  /// branches of a choice share count once; refinements for one split are named in full.
  Options resolve(std::string_view name) const {
    if (const Option* row = table_.find(name)) return {row};
    Options found;
    for (const auto& row : table_.options())
      if (row.path.size() > name.size() && row.base < 0 && row.path.ends_with(name) &&
          row.path[row.path.size() - name.size() - 1] == '.' &&
          std::none_of(found.begin(), found.end(), [&](const Option* other) { return other->path == row.path; }))
        found.push_back(table_.find(row.path));
    return found;
  }

  /// The option that an old name stands for, in full or where it is the only one.
  Options renamed(std::string_view name) const {
    const auto now = table_.renamed(name, /*in_full=*/false);
    return now.empty() ? Options{} : Options{table_.find(now)};
  }

  /// The groups that a name can mean, in the same way.
  std::vector<std::string> resolve_group(const std::string& name) const {
    if (table_.is_group(name)) return {name};
    std::vector<std::string> found;
    for (const auto& row : table_.options()) {
      if (row.base >= 0) continue;
      for (auto dot = row.path.find('.'); dot != std::string::npos; dot = row.path.find('.', dot + 1)) {
        const auto group = row.path.substr(0, dot);
        if (group.ends_with("." + name) && std::find(found.begin(), found.end(), group) == found.end())
          found.push_back(group);
      }
    }
    return found;
  }

  /// The option by values whose member a name is: `class_weights.cat`.
  const Option* map_of(const std::string& name, std::string& key) const {
    for (auto dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
      auto rows = resolve(std::string_view(name).substr(0, dot));
      if (rows.empty()) rows = renamed(std::string_view(name).substr(0, dot));
      if (rows.size() == 1 && rows.front()->type->kind == ValueType::Kind::map) {
        key = name.substr(dot + 1);
        return rows.front();
      }
    }
    return nullptr;
  }

  bool next_is_value() const { return i_ + 1 < args_.size() && !std::string_view(args_[i_ + 1]).starts_with("--"); }

  void long_flag(std::string_view word) {
    const auto equals = word.find('=');
    bool append = false;
    auto end = equals;
    if (equals != word.npos && equals > 0 && word[equals - 1] == '+') append = true, end = equals - 1;
    const auto typed = "--" + std::string(word.substr(0, end));
    const auto spelt = std::string(word.substr(0, end));
    auto name = underscored(spelt);
    std::optional<std::string> value;
    if (equals != word.npos) value = std::string(word.substr(equals + 1));
    if (!value && i_ + 2 < args_.size() && std::string_view(args_[i_ + 1]) == "+=") append = true, ++i_;
    if (name == "help") return help(std::move(value));

    auto rows = resolve(name);
    const auto elsewhere = table_.find(name) ? std::string_view{} : table_.elsewhere(name);
    if (!elsewhere.empty()) return problem(typed, std::string(elsewhere)), skip_value(value.has_value());
    if (rows.empty() && name.starts_with("config.")) {  // as another system spells it
      name = name.substr(7);
      rows = resolve(name);
    }
    bool negated = false;
    if (rows.empty() && name.starts_with("no_")) {
      rows = resolve(name.substr(3));
      if (rows.empty()) rows = renamed(name.substr(3));
      std::erase_if(rows, [](const Option* row) { return !row->boolean(); });
      negated = !rows.empty();
    }
    if (rows.empty()) rows = renamed(name);
    if (rows.size() == 1 && rows.front()->type->kind == ValueType::Kind::presence)
      return group(rows.front()->path, typed, std::move(value));
    if (rows.size() == 1) return set(*rows.front(), rows.front()->path, typed, std::move(value), negated, append);
    if (rows.size() > 1) {
      std::string list;
      for (const Option* row : rows) list += (list.empty() ? "--" : ", --") + row->path;
      problem(typed, "is ambiguous: it matches " + list + "; write one of them");
      if (!value && !rows.front()->boolean() && i_ + 1 < args_.size()) ++i_;
      return;
    }
    const auto groups = resolve_group(name);
    if (groups.size() == 1) return group(groups.front(), typed, std::move(value));
    std::string key;
    if (const Option* map = map_of(underscored(spelt), key)) {
      key = spelt.substr(spelt.size() - key.size());  // as typed: - stays -
      return set(*map, map->path, typed, std::move(value), false, true, key);
    }
    if (const auto fixed = table_.fixed(name); !fixed.empty())
      problem(typed, std::string(fixed));
    else
      problem(typed,
              "no such option" +
                  advice(name, table_, name.find('.') == name.npos ? "" : name.substr(0, name.rfind('.')), "--"));
    skip_value(value.has_value());
  }

  /// A value that belongs to an unknown flag is not a second mistake.
  void skip_value(bool given) {
    if (!given && i_ + 1 < args_.size() && !std::string_view(args_[i_ + 1]).starts_with("-") &&
        !is_document(args_[i_ + 1]))
      ++i_;
  }

  void help(std::optional<std::string> group) {
    out_.help = true;
    const auto is_topic = [&](const std::string& word) {
      return table_.is_group(word) || word == "program" || word == "options";
    };
    if (!group && i_ + 1 < args_.size() && args_[i_ + 1][0] != '-' && is_topic(underscored(args_[i_ + 1])))
      group = args_[++i_];
    if (!group) return;
    out_.help_group = underscored(*group);
    if (is_topic(out_.help_group)) return;
    if (const auto found = resolve_group(out_.help_group); found.size() == 1)
      out_.help_group = found.front();
    else
      problem("--help", "there is no group " + *group + advice(out_.help_group, table_, "", ""));
  }

  void short_flag(std::string_view word) {
    if (word == "-h") {
      out_.help = true;
      return;
    }
    Options rows;
    for (const auto& row : table_.options())
      if (row.note && row.note->limits.flag == word[1] && row.base < 0) rows.push_back(&row);
    std::erase_if(rows, [&](const Option* row) { return rows.size() > 1 && !table_.active(*row); });
    const auto typed = std::string(word.substr(0, 2));
    if (rows.size() != 1)
      return problem(std::string(word), rows.empty()
                                            ? "no such option; long options have two dashes, and --help lists them all"
                                            : "stands for several options; use a long one");
    std::optional<std::string> value;
    if (word.size() > 2) value = std::string(word.substr(word[2] == '=' ? 3 : 2));
    set(*rows.front(), rows.front()->path, typed, std::move(value), false, false);
  }

  /// A group as a whole: a branch of a choice, JSON, `@file`, or none.
  void group(const std::string& path, const std::string& typed, std::optional<std::string> value) {
    const Fork* fork = table_.find_fork(path);
    if (!value) {
      if (!next_is_value())
        return problem(typed, fork && !fork->optional
                                  ? "needs a value: " + table_.options()[fork->selector].type_text()
                                  : "is a group, not an option; its options are shown by  --help " + path);
      value = args_[++i_];
    }
    Assignment assignment{.path = path, .value = {}, .flag = typed};
    if (value->starts_with('@')) {
      assignment.value = Node{.kind = Node::Kind::file, .text = value->substr(1)};
    } else if (value->starts_with('{')) {
      if (!json_value(*value, typed, assignment.value)) return;
    } else if (fork && (!fork->optional || is_none(*value))) {
      assignment.value = Node::plain(*value);
      if (fork->optional) assignment.value = Node{};
      assignment.value.loose = true;
    } else {
      if (const auto fixed = table_.fixed(path); !fixed.empty()) return problem(typed, std::string(fixed));
      return problem(typed,
                     "is a group, not an option; it takes a file (@model.yaml) or JSON ({\"name\": value}), and "
                     "its options are shown by  --help " +
                         path);
    }
    out_.assignments.push_back(std::move(assignment));
  }

  bool json_value(const std::string& text, const std::string& typed, Node& node) {
    try {
      node = json::parse(text, typed);
      const auto forget = [](const auto& self, Node& n) -> void {  // there are no lines in a flag
        n.line = n.column = 0;
        for (auto& item : n.items) self(self, item);
        for (auto& member : n.members) member.line = member.column = 0, self(self, member.value);
      };
      forget(forget, node);
      return true;
    } catch (const Error& error) {
      problem(typed, error.problems().front().what + " in " + text);
      return false;
    }
  }

  void set(const Option& row, const std::string& path, const std::string& typed, std::optional<std::string> value,
           bool negated, bool append, const std::string& key = {}) {
    if (row.boolean() && !value) {
      const auto next = i_ + 1 < args_.size() ? std::string_view(args_[i_ + 1]) : std::string_view{};
      if (!negated && (is_true(next) || is_false(next) || next.starts_with("${")))
        value = std::string(args_[++i_]);
      else if (constexpr std::string_view others[] = {"yes", "no", "on", "off", "1", "0"};
               std::any_of(std::begin(others), std::end(others), [&](auto word) { return is_word(next, word); }))
        return ++i_, problem(typed, "expected true or false, got " + std::string(next));
      else
        value = negated ? "false" : "true";
    } else if (negated) {
      return problem(typed, "takes no value; write --" + row.path + "=" + *value);
    }
    if (!value) {
      if (!next_is_value()) return problem(typed, "needs a value: " + row.type_text());
      value = std::string(args_[++i_]);
    }
    if (row.list() && row.note && row.note->limits.words > 1) return set_words(row, typed, *value);
    Node node;
    // JSON where the value is a structure; text may begin with a bracket and mean it.
    if (!value->empty() && ((*value)[0] == '[' || (*value)[0] == '{') && row.type->kind != ValueType::Kind::text) {
      if (!json_value(*value, typed, node)) return;
      node.loose = true;
    } else {
      node = Node::plain(*value);
      node.loose = true;
    }
    if (!key.empty()) {
      Node map{.kind = Node::Kind::map, .loose = true};
      map.put(key, std::move(node));
      node = std::move(map);
    }
    // A list flag that is repeated adds to what it said before.
    if (row.list() && !append)
      for (auto& earlier : out_.assignments)
        if (earlier.path == path && !earlier.append && !has_expression(node) && !has_expression(earlier.value)) {
          const auto items = [&](const Node& n) {
            return n.kind == Node::Kind::list ? n.items : read_items(n, row.type->name());
          };
          auto all = items(earlier.value);
          for (auto& item : items(node)) all.push_back(std::move(item));
          earlier.value = Node{.kind = Node::Kind::list, .items = std::move(all)};
          return;
        }
    out_.assignments.push_back(
        {.path = path, .value = std::move(node), .flag = typed, .append = append, .command = row.command});
  }

  /// A flag that takes several words. Repeated, it adds to them.
  void set_words(const Option& row, const std::string& typed, std::string first) {
    auto earlier = std::find_if(out_.assignments.begin(), out_.assignments.end(),
                                [&](const auto& one) { return one.path == row.path; });
    if (earlier == out_.assignments.end())
      earlier = out_.assignments.insert(earlier, {.path = row.path,
                                                  .value = {.kind = Node::Kind::list, .loose = true},
                                                  .flag = typed,
                                                  .command = row.command});
    const auto add = [&](std::string word) {
      earlier->value.items.push_back(Node::plain(std::move(word)));
      earlier->value.items.back().loose = true;
    };
    add(std::move(first));
    for (int n = 1; n < row.note->limits.words && i_ + 1 < args_.size() && args_[i_ + 1][0] != '-'; ++n)
      add(args_[++i_]);
  }

  std::span<const char* const> args_;
  const Table& table_;
  std::span<const std::string_view> commands_;
  std::vector<Problem>& problems_;
  Arguments out_;
  std::size_t i_ = 0;
  bool plain_ = false;
};

}  // namespace detail

QUIX_INLINE Arguments read_arguments(std::span<const char* const> args, const Table& table,
                                     std::span<const std::string_view> commands, std::vector<Problem>& problems) {
  return detail::ArgumentReader(args, table, commands, problems).read();
}

QUIX_INLINE void add_flags(const Arguments& arguments, Layers& layers, bool command) {
  for (const auto& assignment : arguments.assignments)
    if (assignment.value.kind == Node::Kind::file && !command)
      layers.file(assignment.value.text, assignment.path);  // below the flags
  const int level = layers.next_level();
  for (const auto& [path, value, flag, append, of_program] : arguments.assignments)
    if (of_program == command && value.kind != Node::Kind::file) layers.flag(path, value, flag, append, level);
}

}  // namespace quix
