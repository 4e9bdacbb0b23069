#pragma once

#include <algorithm>

#include <quix/cfg/inspect.hpp>

namespace quix {
namespace detail {

/// One flag as a completion script knows it.
struct CompletionFlag {
  std::string flag;
  std::vector<std::string> values{};
  bool file = false, bare = false;
  std::string help{};
  std::vector<std::string> commands{};  ///< that have it; none: all
};

inline std::vector<CompletionFlag> completion_flags(const Table& table, const CompletionFacts& facts) {
  std::vector<CompletionFlag> out;
  const auto add = [&](CompletionFlag flag) {
    for (auto& known : out)
      if (known.flag == flag.flag) {  // of two branches
        for (auto& value : flag.values)
          if (std::find(known.values.begin(), known.values.end(), value) == known.values.end())
            known.values.push_back(std::move(value));
        for (auto& command : flag.commands)
          if (!known.commands.empty()) known.commands.push_back(std::move(command));
        return;
      }
    out.push_back(std::move(flag));
  };
  std::vector<std::string> groups;
  const auto add_row = [&](const Option& row, const std::string& command = {}) {
    if (row.hidden() || row.positional()) return;
    CompletionFlag flag{.flag = "--" + row.path, .help = std::string(row.help())};
    std::replace(flag.help.begin(), flag.help.end(), '\n', ' ');
    if (row.type->kind == ValueType::Kind::choice) {
      flag.flag.resize(flag.flag.size() - 5);  // .name
      for (const auto name : static_cast<const Fork::Selector*>(row.value)->names) flag.values.emplace_back(name);
    }
    if (row.type->kind == ValueType::Kind::presence) flag.values = {"none"};
    for (std::size_t i = 0; i < row.type->choice_count; ++i) flag.values.emplace_back(row.type->choices[i]);
    if (row.note)
      for (const auto choice : row.note->limits.choices)
        if (!choice.empty()) flag.values.emplace_back(choice);
    if (row.command && row.path == "config") flag.values = facts.configs;
    if (row.command && row.path == "completion") flag.values = {"bash", "zsh", "fish"};
    flag.file =
        row.type->name() == "path" || row.type->name() == "path or none" || (row.note && row.note->limits.words > 1);
    if (!command.empty()) flag.commands = {command};
    flag.bare = row.boolean();
    if (flag.bare) {
      auto no = flag;
      no.flag = "--no-" + row.path;
      add(std::move(no));
    }
    add(std::move(flag));
    if (const auto dot = row.path.find('.'); dot != std::string::npos)
      if (const auto group = row.path.substr(0, dot); std::find(groups.begin(), groups.end(), group) == groups.end())
        groups.push_back(group);
  };
  for (const auto& row : table.options())
    if (facts.options.empty() || !row.command) add_row(row);
  for (const auto& [command, more] : facts.options)
    for (const auto& row : more->options()) add_row(row, command);
  add({.flag = "--help", .values = groups, .bare = true, .help = "the options, or those of one group"});
  return out;
}

/// A word in single quotes for a shell.
inline std::string shell_quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

inline std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// The flags that a command has and others lack, with a blank before each.
inline std::string own_flags(const std::vector<CompletionFlag>& flags, const std::string& command) {
  std::string out;
  for (const auto& flag : flags)
    if (std::find(flag.commands.begin(), flag.commands.end(), command) != flag.commands.end()) out += " " + flag.flag;
  return out;
}

/// Sets `own` to the flags of the command that is typed, or of the first one.
inline std::string bash_own_flags(const std::vector<CompletionFlag>& flags, const CompletionFacts& facts) {
  if (facts.commands.empty()) return "  local own=\n";
  std::string any, cases;
  for (const auto& command : facts.commands) {
    any += (any.empty() ? "" : "|") + command;
    cases += "    " + command + ") own=" + shell_quote(own_flags(flags, command)) + " ;;\n";
  }
  return "  local word= own=\n  for word in \"${COMP_WORDS[@]:1}\"; do case $word in " + any +
         ") break ;; esac; word=; done\n  case ${word:-" + facts.commands.front() + "} in\n" + cases + "  esac\n";
}

inline std::string bash_script(const std::vector<CompletionFlag>& flags, const CompletionFacts& facts) {
  std::string name = "_quix_";
  for (const char c : facts.program)
    name += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
  std::string all, cases;
  for (const auto& flag : flags) {
    if (flag.commands.empty()) all += " " + flag.flag;
    if (!flag.values.empty())
      cases += "    " + flag.flag + ") COMPREPLY=($(compgen -W " + shell_quote(joined(flag.values)) +
               " -- \"$cur\")); " + (flag.flag == "--help" ? "[ ${#COMPREPLY[@]} -eq 0 ] || return" : "return") +
               " ;;\n";
    else if (flag.file)
      cases +=
          "    " + flag.flag + ") compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n";
    else if (!flag.bare)
      cases += "    " + flag.flag + ") COMPREPLY=(); return ;;\n";
  }
  // Bash splits words at = and, in some setups, at a colon: --optim=sgd is three words to it.
  return "# Completion of " + facts.program +
         " for bash: source this file, or put it into\n"
         "# ~/.local/share/bash-completion/completions/" +
         facts.program + "\n" + name +
         "() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=\n"
         "  [ \"$COMP_CWORD\" -lt 1 ] || prev=${COMP_WORDS[COMP_CWORD-1]}\n"
         "  if [ \"$cur\" = '=' ]; then cur=; elif [ \"$prev\" = '=' ] && [ \"$COMP_CWORD\" -ge 2 ]; then "
         "prev=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "  prev=${prev/#--config./--}\n"
         "  case $prev in\n" +
         cases + "  esac\n" + bash_own_flags(flags, facts) +
         "  case $cur in\n"
         "    --*=*) local flag=${cur%%=*} value=${cur#*=}; COMP_WORDS=(x \"$flag\" \"$value\"); COMP_CWORD=2; " +
         name +
         " ; return ;;\n"
         "    -*) COMPREPLY=($(compgen -W " +
         shell_quote(all) +
         "\"$own\" -- \"$cur\")) ;;\n"
         "    *) compopt -o filenames 2>/dev/null\n"
         "       COMPREPLY=($([ \"$COMP_CWORD\" -ne 1 ] || compgen -W " +
         shell_quote(joined(facts.commands)) +
         " -- \"$cur\"; compgen -d -- \"$cur\"; compgen -f -X '!*.@(yaml|yml|json|toml)' -- \"$cur\")) ;;\n"
         "  esac\n}\n"
         "shopt -s extglob\n"
         "complete -F " +
         name + " " + facts.program + " ./" + facts.program + "\n";
}

inline std::string zsh_script(const std::vector<CompletionFlag>& flags, const CompletionFacts& facts) {
  const auto described = [](std::string text) {
    for (const char c : {'[', ']', ':'}) std::replace(text.begin(), text.end(), c, ' ');
    return text;
  };
  std::string out = "#compdef " + facts.program + "\n# Completion of " + facts.program +
                    " for zsh: put this file as _" + facts.program + " into a folder of $fpath.\n_arguments -s \\\n";
  for (const auto& flag : flags) {
    const auto names = flag.flag + (flag.bare ? "" : "=") + "[" + described(flag.help) + "]";
    std::string value;
    if (!flag.bare || !flag.values.empty()) value = flag.bare ? "::value:" : ":value:";
    if (!flag.values.empty())
      value += "(" + joined(flag.values) + ")";
    else if (flag.file)
      value += "_files";
    out += "  " + shell_quote(names + value) + " \\\n";
  }
  return out + "  " + shell_quote("1: :(" + joined(facts.commands) + ")") + " \\\n  " +
         shell_quote("*:configuration:_files -g \"*.(yaml|yml|json|toml)\"") + "\n";
}

/// When fish offers a flag that not every command has.
inline std::string fish_condition(const CompletionFlag& flag, const CompletionFacts& facts) {
  if (flag.commands.empty()) return {};
  const auto has = [&](const std::string& command) {
    return std::find(flag.commands.begin(), flag.commands.end(), command) != flag.commands.end();
  };
  const bool first = has(facts.commands.front());  // which needs no name
  std::string names;
  for (const auto& command : facts.commands)
    if (has(command) != first) names += " " + command;
  return " -n '" + std::string(first ? "not " : "") + "__fish_seen_subcommand_from" + names + "'";
}

inline std::string fish_script(const std::vector<CompletionFlag>& flags, const CompletionFacts& facts) {
  std::string out = "# Completion of " + facts.program + " for fish: put this file into ~/.config/fish/completions/\n";
  const auto line = "complete -c " + facts.program;
  for (const auto& command : facts.commands) out += line + " -n __fish_is_first_arg -a " + command + "\n";
  for (const auto& flag : flags) {
    out += line + fish_condition(flag, facts) + " -l " + flag.flag.substr(2);
    if (!flag.values.empty())
      out += " -x -a " + shell_quote(joined(flag.values));
    else if (flag.file)
      out += " -r";
    else if (!flag.bare)
      out += " -x";
    if (!flag.help.empty()) out += " -d " + shell_quote(flag.help);
    out += "\n";
  }
  return out;
}

}  // namespace detail

QUIX_INLINE std::optional<Shell> shell_of(std::string_view name) {
  if (name == "bash") return Shell::bash;
  if (name == "zsh") return Shell::zsh;
  if (name == "fish") return Shell::fish;
  return {};
}

QUIX_INLINE std::string completion(const Table& table, Shell shell, const CompletionFacts& facts) {
  const auto flags = detail::completion_flags(table, facts);
  switch (shell) {
    case Shell::bash: return detail::bash_script(flags, facts);
    case Shell::zsh: return detail::zsh_script(flags, facts);
    case Shell::fish: break;
  }
  return detail::fish_script(flags, facts);
}

}  // namespace quix
