// The program `quix`: datasets without a trainer. Links no LibTorch, so it starts in milliseconds.

#include <cstdio>
#include <string_view>

#include <quix/cfg.hpp>

#include "commands.hpp"

namespace {

constexpr const char* usage =
    "usage: quix COMMAND …\n"
    "\n"
    "  data import FOLDER DATASET    IDX files (MNIST's format) become tar shards\n"
    "  data ls DATASET               the folds of a dataset: samples, shards, shapes\n"
    "\n"
    "quix COMMAND --help shows a command's options.\n";

int run(std::span<const char* const> args) {
  const auto word = [&](std::size_t i) { return i < args.size() ? std::string_view(args[i]) : std::string_view{}; };
  if (args.empty() || word(0) == "--help" || word(0) == "-h" || word(0) == "help") {
    std::fputs(usage, stdout);
    return 0;
  }
  if (word(0) == "data" && word(1) == "import") return quix::tool::data_import(args.subspan(2));
  if (word(0) == "data" && word(1) == "ls") return quix::tool::data_ls(args.subspan(2));
  if (word(0) == "data" && (args.size() == 1 || word(1) == "--help")) {
    std::fputs(usage, stdout);
    return args.size() == 1 ? 2 : 0;
  }
  constexpr std::string_view names[] = {"data", "import", "ls"};
  const auto typed = word(0) == "data" ? word(1) : word(0);
  const auto near = quix::detail::nearest(typed, names);
  throw quix::Error(std::string(typed),
                    "no such command" + (near.empty() ? std::string("; quix --help lists them")
                                                      : "; did you mean " + std::string(near) + "?"));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0));
  } catch (const quix::Error& error) {
    std::fprintf(stderr, "quix: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "quix: %s\n", error.what());
    return 1;
  }
}
