#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <quix/cfg/choice.hpp>
#include <quix/cfg/error.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/options.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/cfg/value.hpp>

namespace quix {

/// A file, a flag or a variable that sets options.
struct Source {
  std::string name;    ///< as errors call it: "base.yaml", "--lr", "$LR"
  std::string text{};  ///< of a file, for the line that errors show
};

/// One option that a source sets.
struct Setting {
  std::string path;
  Node value;
  std::shared_ptr<const Source> source;
  int level = 0;                       ///< sources of a higher level win; all flags are one level
  bool append = false;                 ///< `+=`: adds to what the levels below say
  std::uint32_t line = 0, column = 0;  ///< of the name

  /// "base.yaml:3:7" or "--optim.lr".
  std::string location() const;
  /// What is wrong, at the value (or at `at`, inside it).
  Problem problem(std::string what, std::uint32_t at_line = 0, std::uint32_t at_column = 0) const;
};

/// One option of a configuration: all that help, command line, files and errors need to know about a field.
struct Option {
  std::string path;  ///< "optim.lr"
  const ValueType* type = nullptr;
  const Note* note = nullptr;     ///< help and limits, if the struct has a note on the field
  void* value = nullptr;          ///< the field itself
  bool command = false;           ///< an option of the program (`--name`), not of the experiment
  int fork = -1;                  ///< the innermost choice that the option belongs to
  std::size_t branch = 0;         ///< and which of its branches has it
  int base = -1;                  ///< the option that this one refines: data.train.threads refines data.threads
  int winner = -1;                ///< the setting that its value came from; -1: the default
  std::optional<Node> initial{};  ///< the default, once the value is another

  std::string_view help() const { return note ? note->help : std::string_view{}; }
  std::string_view leaf() const { return std::string_view(path).substr(path.rfind('.') + 1); }  // npos + 1 is 0
  bool boolean() const { return type->kind == ValueType::Kind::boolean; }
  bool list() const { return type->kind == ValueType::Kind::list; }
  bool hidden() const { return note && note->limits.hidden; }
  bool positional() const { return note && note->limits.positional; }
  /// "float", "duration", "int samples".
  std::string type_text() const;
  /// The value now, and the default, as they are written in a file.
  Node now() const;
  Node standard() const;
};
using Row [[deprecated("renamed quix::Option")]] = Option;

/// A choice between groups: which there are, and which is taken. Every branch has its rows, whose values live aside
/// until the choice is made. An optional group is a choice between none and one.
struct Fork {
  struct Selector {
    std::vector<std::string_view> names;
    std::size_t chosen = 0;
  };

  std::string path;
  int parent = -1;
  std::size_t branch = 0;
  bool optional = false;
  int level = 0;             ///< of the source that decided; 0: the default
  int winner = -1;           ///< the setting that decided
  std::size_t selector = 0;  ///< its row
  std::unique_ptr<Selector> choice;
  std::shared_ptr<void> shadow;  ///< a tuple of the branches' values
  void* target = nullptr;
  void (*commit)(void* target, void* shadow, std::size_t chosen) = nullptr;
};

/// The options of one or more structs, as ordinary data. Points into the structs: they must outlive it and stay put.
class Table {
 public:
  /// Adds every field of `group` as `prefix.field`, nested groups included.
  template <class T>
  void add(T& group, const std::string& prefix = {}, bool command = false);

  /// Adds a copy of a group whose options refine, under `prefix.name`, those of the group at `prefix` (added before).
  template <class T>
  void refine(T& copy, const std::string& prefix, const std::string& name);

  /// Sets options as the settings say, in their order (levels ascending): makes the choices, checks types and limits,
  /// computes what is written as `${…}`, asks the groups' own checks. Problems are collected, all of them; the structs
  /// then hold no result. `command`: the program's options, or the experiment's.
  void settle(std::vector<Setting> settings, std::vector<Problem>& problems, bool command = false);

  /// The rows of a path; branches of a choice can share one. `-` must have become `_`.
  std::vector<std::size_t> find_all(std::string_view path) const;
  /// The row of a path whose branch is chosen, else any.
  const Option* find(std::string_view path) const;
  /// Whether some option lies below the path: `optim` when there is `optim.lr`.
  bool is_group(std::string_view path) const;
  /// The choice at a path.
  const Fork* find_fork(std::string_view path) const;
  /// The path that an old name stands for ("optim.learning_rate"), or nothing. Unless it is given `in_full`, its group
  /// may be left out where only one option had that name.
  std::string renamed(std::string_view path, bool in_full = true) const;
  /// Whether the option's branch is the one that is chosen.
  bool active(const Option& row) const { return active(row.fork, row.branch); }
  bool active(int fork, std::size_t branch) const;
  /// "sgd" of an option that only the branch sgd of a choice has; else empty.
  std::string_view branch_of(const Option& row) const;
  /// Whether a print shows the option: chosen, of the experiment, and no refinement without a value.
  bool shown(const Option& row) const;

  /// Checks the defaults of the structs against their own limits, and that short flags are distinct.
  void check_defaults() const;
  /// The configuration as a tree of groups.
  Node tree() const;

  const std::vector<Option>& options() const { return options_; }
  const std::vector<Fork>& forks() const { return forks_; }
  /// All settings that were settled, those that lost too.
  const std::vector<Setting>& settings() const { return settings_; }
  /// Old names and options that were used but should not be.
  const std::vector<std::string>& notices() const { return notices_; }
  void notice(std::string sentence) { notices_.push_back(std::move(sentence)); }
  /// Sets the message for a path without a choice: "is fixed to Ema …".
  void fix(std::string path, std::string sentence) { fixed_.emplace_back(std::move(path), std::move(sentence)); }
  /// Says of a flag that it belongs to another command: "is an option of eval".
  void elsewhere(std::string flag, std::string sentence) {
    elsewhere_.emplace_back(std::move(flag), std::move(sentence));
  }
  /// That sentence; empty where there is none.
  std::string_view elsewhere(std::string_view flag) const;
  /// That sentence for the path, or for its `.name`; empty where there is none.
  std::string_view fixed(std::string_view path) const;

 private:
  class Settler;
  struct Check {
    std::string prefix;
    bool command;
    int fork;
    std::size_t branch;
    const void* group;
    std::optional<Conflict> (*check)(const void*);
  };

  /// The fields of one group, while they are added.
  struct Fields {
    const std::string& prefix;
    const std::string_view* name;
    const Note* notes = nullptr;
    std::size_t note_count = 0;

    /// Writes the next field's path; its note.
    const Note* next(std::string& path);
  };

  template <class T>
  void add_field(T& field, Fields& fields);
  template <class T>
  void add_choice(T& field, const std::string& path, const Note* note);
  template <class T>
  void add_optional(std::optional<T>& field, const std::string& path, const Note* note);
  void push(std::string path, const ValueType* type, const Note* note, void* value);
  int push_fork(std::string path, const Note* note, std::vector<std::string_view> names, std::size_t chosen,
                bool optional);
  void push_check(std::string prefix, const void* group, std::optional<Conflict> (*check)(const void*));
  void refine_rows(std::size_t first, const std::string& prefix, const std::string& name);

  std::vector<Option> options_;
  std::vector<Fork> forks_;
  std::vector<Check> checks_;
  std::vector<Setting> settings_;
  std::vector<std::string> notices_;
  std::vector<std::pair<std::string, std::string>> fixed_, elsewhere_;
  // While rows are added: what they belong to.
  std::string path_;
  bool command_ = false;
  int fork_ = -1;
  std::size_t branch_ = 0;
};

namespace detail {

/// "DATASET" of the positional option `dataset`.
std::string word_of(std::string_view path);
/// `$` before `{` becomes `$$`, so that text which holds `${` reads back as itself.
Node escaped(Node node);
/// Whether some text of the value holds `${`.
bool has_expression(const Node& node);
/// Sets the options of a group that stands inside a container.
void read_group(Table& table, const Node& node);
/// The JSON Schema of the options below a path.
Node schema_of_group(const Table& table, const std::string& path);

}  // namespace detail

template <class T>
void Table::add(T& group, const std::string& prefix, bool command) {
  if constexpr (detail::check_struct<T>()) {
    (void)detail::check_default<T>();
    const bool outer = command_;
    command_ = outer || command;
    if constexpr (detail::Checks<T>)
      push_check(prefix, &group, [](const void* value) { return static_cast<const T*>(value)->check(); });
    if constexpr (boost::pfr::tuple_size_v < T >> 0) {
      Fields fields{prefix, detail::names<T>.data()};
      if constexpr (requires { T::notes.size(); }) fields.notes = T::notes.data(), fields.note_count = T::notes.size();
      boost::pfr::for_each_field(group, [&](auto& field) { add_field(field, fields); });
    }
    command_ = outer;
  }
}

template <class T>
void Table::add_field(T& field, Fields& fields) {
  const Note* note = fields.next(path_);
  if constexpr (detail::IsChoice<T>) {
    if constexpr (detail::check_choice<T>()) add_choice(field, std::string(path_), note);
  } else if constexpr (detail::is_optional_group<T>) {
    add_optional(field, std::string(path_), note);
  } else if constexpr (Group<T>) {
    add(field, std::string(path_));
  } else {
    push(path_, &detail::value_type<T>, note, &field);
  }
}

template <class T>
void Table::add_choice(T& field, const std::string& path, const Note* note) {
  using Of = detail::ChoiceOf<T>;
  using Shadow = typename Of::Shadow;
  constexpr auto count = std::tuple_size_v<Shadow>;
  auto shadow = std::make_shared<Shadow>();
  const auto chosen = Of::variant(field).index();
  const int fork = push_fork(path, note, {Of::names.begin(), Of::names.end()}, chosen, false);
  auto& made = forks_[static_cast<std::size_t>(fork)];
  made.shadow = shadow, made.target = &field;
  made.commit = [](void* target, void* from, std::size_t index) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((I == index
            ? void(Of::variant(*static_cast<T*>(target)).template emplace<I>(std::get<I>(*static_cast<Shadow*>(from))))
            : void()),
       ...);
    }
    (std::make_index_sequence<count>{});
  };
  const auto outer = std::pair(fork_, branch_);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((I == chosen ? void(std::get<I>(*shadow) = *std::get_if<I>(&Of::variant(field))) : void(), fork_ = fork,
      branch_ = I, add(std::get<I>(*shadow), path)),
     ...);
  }
  (std::make_index_sequence<count>{});
  std::tie(fork_, branch_) = outer;
}

template <class T>
void Table::add_optional(std::optional<T>& field, const std::string& path, const Note* note) {
  auto shadow = std::make_shared<T>(field.value_or(T{}));
  const int fork = push_fork(path, note, {"none", "present"}, field ? 1 : 0, true);
  auto& made = forks_[static_cast<std::size_t>(fork)];
  made.shadow = shadow, made.target = &field;
  made.commit = [](void* target, void* from, std::size_t index) {
    auto& out = *static_cast<std::optional<T>*>(target);
    if (index == 1)
      out = *static_cast<T*>(from);
    else
      out.reset();
  };
  const auto outer = std::pair(fork_, branch_);
  fork_ = fork, branch_ = 1;
  add(*shadow, path);
  std::tie(fork_, branch_) = outer;
}

template <class T>
void Table::refine(T& copy, const std::string& prefix, const std::string& name) {
  const auto first = options_.size();
  add(copy, prefix + "." + name);
  refine_rows(first, prefix, name);
}

namespace detail {

/// Holds a group or a choice as a field, so that a table has rows for it.
template <class T>
struct Holder {
  T value{};
};

template <class T>
T read_group_value(const Node& node) {
  Holder<T> holder;
  Table table;
  table.add(holder);
  read_group(table, node);
  return std::move(holder.value);
}
template <class T>
Node write_group_value(const T& value) {
  Holder<T> holder{value};
  Table table;
  table.add(holder);
  const auto tree = table.tree();
  const auto* found = tree.find("value");
  return found ? *found : Node{.kind = Node::Kind::map};
}
template <class T>
Node group_value_schema() {
  Holder<T> holder;
  Table table;
  table.add(holder);
  return schema_of_group(table, "value");
}

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/settle.ipp>
#include <quix/cfg/table.ipp>
#endif
