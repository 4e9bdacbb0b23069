#pragma once

#include <algorithm>
#include <iterator>

#include <quix/cfg/expression.hpp>
#include <quix/cfg/suggest.hpp>
#include <quix/cfg/table.hpp>

namespace quix {

/// Turns settings into values: first which branch of each choice is taken, then the options in the order of their
/// sources, then what is computed from others.
class Table::Settler {
 public:
  Settler(Table& table, std::size_t first, std::vector<Problem>& problems, bool command)
      : table_(table), first_(first), problems_(problems), command_(command), state_(table.options_.size()) {}

  void run() {
    const auto before = problems_.size();
    choose();
    for (const bool refinements : {false, true})
      for (std::size_t i = first_; i < settings().size(); ++i) apply(i, refinements);
    for (std::size_t i = 0; i < options().size(); ++i)
      if (mine(options()[i])) finish(i);
    require();
    if (problems_.size() == before) check();
    if (problems_.size() != before) return;
    for (auto fork = table_.forks_.rbegin(); fork != table_.forks_.rend(); ++fork)
      if (options()[fork->selector].command == command_)
        fork->commit(fork->target, fork->shadow.get(), fork->choice->chosen);
  }

 private:
  enum class State : std::uint8_t { plain, pending, running };

  std::vector<Option>& options() { return table_.options_; }
  const std::vector<Setting>& settings() const { return table_.settings_; }
  bool mine(const Option& row) const { return row.command == command_; }
  static bool selects(const Option& row) {
    return row.type->kind == ValueType::Kind::choice || row.type->kind == ValueType::Kind::presence;
  }

  void report(const Setting& setting, const Option& row, const Error& error) {
    for (const auto& p : error.problems()) {
      const bool step = !p.where.empty();  // inside the value: "[2].lr"
      // A flag names its option already, unless it was a short one.
      const auto& name = setting.source->name;
      std::string what;
      if (setting.value.line == 0 && name.starts_with('-'))
        what = p.what + (step || (name != "--" + row.path && name + ".name" != "--" + row.path)
                             ? " (" + row.path + p.where + ")"
                             : "");
      else
        what = row.path + p.where + ": " + p.what;
      problems_.push_back(setting.problem(std::move(what), p.line, p.column));
    }
  }

  /// Calls `f` with each row of a path. Sources mostly keep the order of the fields, so the search begins where the
  /// last one ended.
  template <class F>
  void for_rows(const std::string& path, F&& f) {
    const auto n = options().size();
    bool unique = table_.forks_.empty();
    for (std::size_t k = 0; k < n; ++k) {
      const auto i = hint_ + k < n ? hint_ + k : hint_ + k - n;
      if (options()[i].path != path) continue;
      f(i);
      if (unique) {
        hint_ = i + 1 < n ? i + 1 : 0;
        return;
      }
    }
  }

  // --- which branch ---------------------------------------------------------------------------------
  void choose() {
    for (std::size_t f = 0; f < table_.forks_.size(); ++f) {
      auto& fork = table_.forks_[f];
      if (!mine(options()[fork.selector])) continue;
      auto& selector = options()[fork.selector];
      for (std::size_t i = first_; i < settings().size(); ++i) {
        const auto& setting = settings()[i];
        if (setting.path == selector.path) {
          assign(fork.selector, i);
        } else if (fork.optional && setting.path.starts_with(fork.path) && setting.path[fork.path.size()] == '.') {
          if (fork.choice->chosen == 0) keep_initial(selector);
          fork.choice->chosen = 1;
        } else {
          continue;
        }
        fork.level = setting.level, fork.winner = static_cast<int>(i);
      }
    }
  }

  // --- one option -----------------------------------------------------------------------------------
  void keep_initial(Option& row) {
    if (!row.initial) row.initial = row.now();
  }

  void assign(std::size_t r, std::size_t s) {
    auto& row = options()[r];
    const auto& setting = settings()[s];
    try {
      keep_initial(row);
      if (detail::has_expression(setting.value)) {
        if (selects(row))
          return problems_.push_back(setting.problem(row.path + ": a choice cannot be computed; name it"));
        state_[r] = State::pending, row.winner = static_cast<int>(s);
        return;
      }
      read(row, setting.value, setting.append);
      state_[r] = State::plain, row.winner = static_cast<int>(s);
    } catch (const Error& error) {
      report(setting, row, error);
    }
  }

  void read(Option& row, const Node& value, bool append) {
    const Note* note = row.note;
    if (!append) return row.type->read(value, row.value, note);
    if (!row.type->grows) throw Error("", "+= is for lists of any length and for values by name");
    auto whole = row.type->write(row.value);
    if (row.type->kind == ValueType::Kind::map) {
      for (auto& member : detail::read_members(value, row.type->name())) {
        std::erase_if(whole.members, [&](const auto& old) { return old.key == member.key; });
        whole.members.push_back(std::move(member));
      }
      whole.kind = Node::Kind::map;
    } else {
      for (auto& item : detail::read_items(value, row.type->name())) whole.items.push_back(std::move(item));
      whole.kind = Node::Kind::list;
    }
    whole.line = value.line, whole.column = value.column, whole.loose = value.loose;
    row.type->read(whole, row.value, note);
  }

  void apply(std::size_t s, bool refinements) {
    const auto& setting = settings()[s];
    const Option* unused = nullptr;
    bool used = false, seen = false;
    for_rows(setting.path, [&](std::size_t r) {
      auto& row = options()[r];
      if (!mine(row)) return;
      seen = true;
      if (selects(row) || (row.base >= 0) != refinements) return void(used = true);
      if (!table_.active(row)) return void(unused = &row);
      used = true;
      if (setting.append && row.winner < 0 && row.base >= 0) copy_base(row);
      if (setting.append && state_[r] == State::pending) finish(r);
      assign(r, s);
      if (row.note && !row.note->limits.deprecated.empty())
        table_.notice(setting.location() + ": " + row.path + " is deprecated; " +
                      std::string(row.note->limits.deprecated));
    });
    if (!seen || used || refinements) return;
    // The option belongs to a branch that is not taken. A source that knew so is wrong; one below it just lost.
    for (auto [f, b] = std::pair(unused->fork, unused->branch); f >= 0;) {
      const auto& fork = table_.forks_[static_cast<std::size_t>(f)];
      if (fork.choice->chosen != b && setting.level >= fork.level)
        return problems_.push_back(at_key(setting, not_taken(fork, *unused)));
      b = fork.branch, f = fork.parent;
    }
  }

  /// A problem of the option's name, not of its value.
  static Problem at_key(const Setting& setting, std::string what) {
    return setting.problem(std::move(what), setting.line, setting.column);
  }

  std::string not_taken(const Fork& fork, const Option& row) {
    const auto origin =
        fork.winner < 0 ? std::string("its default") : settings()[static_cast<std::size_t>(fork.winner)].location();
    if (fork.optional) return row.path + ": " + fork.path + " is none here (" + origin + ")";
    std::string owners;
    for (const auto& other : options())
      if (other.path == row.path && other.fork >= 0 && &table_.forks_[static_cast<std::size_t>(other.fork)] == &fork)
        owners += (owners.empty() ? "" : ", ") + std::string(fork.choice->names[other.branch]);
    const auto chosen = std::string(fork.choice->names[fork.choice->chosen]);
    std::vector<std::string_view> here;
    for (const auto& other : options())
      if (other.fork == row.fork && other.branch == fork.choice->chosen) here.push_back(other.leaf());
    const auto near = detail::nearest(row.leaf(), here);
    return row.path + " is an option of " + owners + ", and " + fork.path + " is " + chosen + " (" + origin + ")" +
           (near.empty() ? "; choose it with " + fork.path + ".name: " + owners.substr(0, owners.find(','))
                         : "; did you mean " + fork.path + "." + std::string(near) + "?");
  }

  // --- computed values, refinements ------------------------------------------------------------------
  void copy_base(Option& row) {
    keep_initial(row);
    row.type->copy(options()[static_cast<std::size_t>(row.base)].value, row.value);
  }

  void finish(std::size_t r) {
    auto& row = options()[r];
    if (row.base >= 0 && row.winner < 0) {
      finish(static_cast<std::size_t>(row.base));
      return copy_base(row);
    }
    if (state_[r] != State::pending || !table_.active(row)) return;
    state_[r] = State::running;
    chain_.push_back(r);
    const auto& setting = settings()[static_cast<std::size_t>(row.winner)];
    try {
      const auto value = detail::computed(setting.value, [&](std::string_view path) { return look_up(path); });
      read(row, value, setting.append);
    } catch (const Error& error) {
      report(setting, row, error);
    }
    state_[r] = State::plain;
    chain_.pop_back();
  }

  Node look_up(std::string_view path) {
    int found = -1;
    for_rows(std::string(path), [&](std::size_t r) {
      if (mine(options()[r]) && table_.active(options()[r])) found = static_cast<int>(r);
    });
    if (found < 0)
      if (const auto now = table_.renamed(path); !now.empty()) return look_up(now);
    if (found < 0) {
      std::vector<std::string_view> paths;
      for (const auto& row : options())
        if (mine(row) && table_.active(row)) paths.push_back(row.path);
      auto near = std::string(detail::nearest(path, paths));
      for (const auto known : paths)
        if (near.empty() && known.ends_with("." + std::string(path))) near = known;
      throw Error("", "there is no option " + std::string(path) + " to refer to" +
                          (near.empty() ? std::string() : "; did you mean ${" + near + "}?"));
    }
    const auto r = static_cast<std::size_t>(found);
    if (state_[r] == State::running) {
      std::string cycle;
      for (auto at = std::find(chain_.begin(), chain_.end(), r); at != chain_.end(); ++at)
        cycle += options()[*at].path + " → ";
      throw Error("", "refers to itself: " + cycle + options()[r].path);
    }
    finish(r);
    return options()[r].type->write(options()[r].value);
  }

  // --- the whole ------------------------------------------------------------------------------------
  void require() {
    for (const auto& row : options())
      if (mine(row) && row.note && row.note->limits.required && row.winner < 0 && table_.active(row) && row.base < 0)
        problems_.push_back({.where = row.positional() ? detail::word_of(row.path) : "--" + row.path,
                             .what = "is required: " + row.type_text() +
                                     (row.help().empty() ? "" : " (" + std::string(row.help()) + ")"),
                             .excerpt = {},
                             .kind = ProblemKind::required,
                             .path = row.path});
  }

  void check() {
    for (const auto& check : table_.checks_) {
      if (check.command != command_) continue;
      if (!table_.active(check.fork, check.branch)) continue;
      auto conflict = check.check(check.group);
      if (!conflict) continue;
      std::string values;
      Problem problem;
      int latest = -1;
      for (const auto field : conflict->fields) {
        const auto path = check.prefix.empty() ? std::string(field) : check.prefix + "." + std::string(field);
        const Option* row = table_.find(path);
        if (!row) continue;
        const bool set = row->winner >= 0;
        values += (values.empty() ? "" : ", ") + path + " = " + detail::one_line(row->now()) + " (" +
                  (set ? settings()[static_cast<std::size_t>(row->winner)].location() : "default") + ")";
        latest = std::max(latest, row->winner);
      }
      if (values.empty()) values = check.prefix.empty() ? "the configuration" : check.prefix;
      auto what = values + ": " + conflict->what;
      problems_.push_back(latest >= 0 ? settings()[static_cast<std::size_t>(latest)].problem(std::move(what))
                                      : Problem{"", std::move(what), {}});
    }
  }

  Table& table_;
  std::size_t first_;
  std::vector<Problem>& problems_;
  bool command_;
  std::vector<State> state_;
  std::vector<std::size_t> chain_;
  std::size_t hint_ = 0;
};

QUIX_INLINE void Table::settle(std::vector<Setting> settings, std::vector<Problem>& problems, bool command) {
  const auto first = settings_.size();
  settings_.insert(settings_.end(), std::make_move_iterator(settings.begin()), std::make_move_iterator(settings.end()));
  Settler(*this, first, problems, command).run();
}

}  // namespace quix
