// The program `quix`: datasets without a trainer. Links no LibTorch, so it starts in milliseconds.

#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "interrupt.hpp"

namespace {

struct Command {
  std::string_view name, places, help;
  int (*run)(std::span<const char* const> args);
};
using namespace quix::tool;
constexpr Command commands[] = {
    {"import", "FOLDER DATASET", "convert IDX files, directories of images by class, or a CSV into tar shards",
     &data_import},
    {"pack", "FOLDER DATASET", "group files by name into samples", &data_pack},
    {"ls", "DATASET", "list splits: samples, shards, sizes", &data_ls},
    {"head", "DATASET", "show the first samples; --sheet FILE.png writes the images", &data_head},
    {"cat", "DATASET MEMBER", "write the bytes of one member", &data_cat},
    {"stat", "DATASET", "show class balance, shapes, channel mean and standard deviation", &data_stat},
    {"verify", "DATASET", "decode every member and report corrupt ones", &data_verify},
    {"index", "DATASET", "write the index that opens a dataset in milliseconds", &data_index},
    {"convert", "DATASET NEW", "decompress, reshard, or resize images", &data_convert},
    {"split", "DATASET NEW", "split into several, stratified by class", &data_split},
};

std::string usage() {
  std::string out = "usage: quix data COMMAND …\n\n";
  for (const auto& command : commands) {
    std::string line = "  data " + std::string(command.name) + " " + std::string(command.places);
    line.resize(std::max<std::size_t>(line.size() + 2, 32), ' ');
    out += line + std::string(command.help) + "\n";
  }
  return out +
         "\nquix data COMMAND --help shows a command's options; quix --completion bash|zsh|fish prints a script.\n";
}

/// Prints a completion script: the commands, and the flags of each.
int print_completion(std::string_view shell) {
  const char* const words[] = {list_flags.data()};
  const std::span<const char* const> flags_of(words);
  const auto each = [&](const char* before, const char* between, const char* after) {
    for (const auto& command : commands) {
      std::printf(before, static_cast<int>(command.name.size()), command.name.data());
      std::fputs(between, stdout);
      command.run(flags_of);
      std::fputs(after, stdout);
    }
  };
  std::string names;
  for (const auto& command : commands) names += (names.empty() ? "" : " ") + std::string(command.name);
  if (shell == "fish") {
    std::printf("# Completion of quix for fish: put this file into ~/.config/fish/completions/\n");
    std::printf("complete -c quix -n __fish_is_first_arg -x -a data\n");
    std::printf("complete -c quix -n '__fish_seen_subcommand_from data' -a '%s'\n", names.c_str());
    each("complete -c quix -n '__fish_seen_subcommand_from %.*s'", " -a '", "--help'\n");
    return 0;
  }
  if (shell != "bash" && shell != "zsh")
    throw quix::Error("--completion", shell.empty() ? std::string("needs a shell: bash, zsh or fish")
                                                    : "expected bash, zsh or fish, got " + std::string(shell));
  // zsh runs bash's function.
  if (shell == "zsh")
    std::printf(
        "#compdef quix\n# Completion of quix for zsh: put this file as _quix into a folder of $fpath.\n"
        "autoload -U +X bashcompinit && bashcompinit\n");
  else
    std::printf(
        "# Completion of quix for bash: source this file, or put it into\n"
        "# ~/.local/share/bash-completion/completions/quix\n");
  std::printf(
      "_quix() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words=\n  compopt -o filenames 2>/dev/null\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then words=data\n  elif [ \"$COMP_CWORD\" -eq 2 ]; then words='%s'\n"
      "  else case ${COMP_WORDS[2]} in\n",
      names.c_str());
  each("    %.*s)", " words='", "--help' ;;\n");
  std::printf(
      "  esac; fi\n  case $cur in\n    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$cur\")) ;;\n"
      "    *) [ \"$COMP_CWORD\" -gt 2 ] || COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "       [ \"$COMP_CWORD\" -le 2 ] || COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n  esac\n}\n"
      "complete -F _quix quix\n");
  return 0;
}

/// An error of a dataset's name: experiments have it as an option, the commands as an argument.
std::string in_words_of_tool(const quix::Error& error) {
  std::string text = error.what();
  const auto change = [&](std::string_view from, std::string_view to) {
    if (const auto at = text.find(from); at != text.npos) text.replace(at, from.size(), to);
  };
  change("data.path: ", "DATASET: ");
  change("; pass --data.path DIR, or set QUIX_DATA to the directory of datasets",
         "; datasets are also searched in $QUIX_DATA");
  return text;
}

int run(std::span<const char* const> args) {
  const auto word = [&](std::size_t i) { return i < args.size() ? std::string_view(args[i]) : std::string_view{}; };
  for (std::size_t i = 0; i < args.size(); ++i) {
    constexpr std::string_view flag = "--completion";
    if (word(i) == flag) return print_completion(word(i + 1));
    if (word(i).starts_with(std::string(flag) + "=")) return print_completion(word(i).substr(flag.size() + 1));
  }
  const bool help = args.empty() || word(0) == "--help" || word(0) == "-h" || word(0) == "help";
  if (help || (word(0) == "data" && (args.size() == 1 || word(1) == "--help"))) {
    std::fputs(usage().c_str(), stdout);
    return !help && args.size() == 1 ? 2 : 0;
  }
  std::vector<std::string_view> names{"data"};
  for (const auto& command : commands) {
    if (word(0) == "data" && word(1) == command.name) return command.run(args.subspan(2));
    names.push_back(command.name);
  }
  const auto typed = word(0) == "data" ? word(1) : word(0);
  const auto near = quix::detail::nearest(typed, names);
  throw quix::Error(std::string(typed),
                    "no such command" + (near.empty() ? std::string("; quix --help lists them")
                                                      : "; did you mean " + std::string(near == "data" ? "" : "data ") +
                                                            std::string(near) + "?"));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const int code = run(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
    quix::detail::require_stdout();
    return code;
  } catch (const quix::Error& error) {
    std::fprintf(stderr, "quix: %s\n", in_words_of_tool(error).c_str());
    return 2;
  } catch (const Interrupted& interrupt) {
    std::fprintf(stderr, "quix: interrupted; nothing was written\n");
    return 128 + interrupt.signal();
  } catch (const std::filesystem::filesystem_error& error) {
    std::fprintf(stderr, "quix: %s: %s\n", error.path1().c_str(), error.code().message().c_str());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "quix: %s\n", error.what());
    return 1;
  }
}
