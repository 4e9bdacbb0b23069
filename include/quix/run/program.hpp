#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/table.hpp>
#include <quix/detail/build_facts.hpp>
#include <quix/detail/separate.hpp>
#include <quix/run/policies.hpp>
#include <quix/store/run_folder.hpp>

namespace quix {

/// What the command line asks for, with the table's options set accordingly.
struct Request {
  std::string command = "train";
  bool done = false;          ///< help or a view of the configuration was shown: nothing is left to do
  std::filesystem::path run;  ///< the run to continue, or whose weights are evaluated
  /// The run to continue, which was locked before anything of it was read.
  std::optional<RunFolder> locked;
  std::string command_line;
};

/// Calls a function with another table of the experiment's options, at the program's defaults.
using FreshTable = std::function<void(const std::function<void(Table&)>&)>;

/// What a request is read for.
struct ProgramContext {
  std::string_view experiment;  ///< "fashion_mlp"
  const FreshTable& fresh;
  std::span<const detail::EmbeddedConfig> configs;  ///< built into the program
};

namespace detail {

/// What an experiment's program does, and how its help says it.
struct CommandFacts {
  std::string_view name, what;
};
inline constexpr CommandFacts commands[] = {
    {"train",
     "train, and validate after every epoch (the default); Ctrl-C stops with a checkpoint; --plot-lr only draws the "
     "rate"},
    {"eval",
     "loss and metrics of the validation data, or of --split, with the weights of the run --from or of --weights"},
    {"config",
     "print the resolved configuration; --json, --toml; --explain OPTION; --diff A [B]; --schema; --completion SHELL"},
    {"summary", "the model's modules with their parameters, and the groups in which these are optimized"},
};

inline std::vector<std::string_view> command_names() {
  std::vector<std::string_view> out;
  for (const auto& command : commands) out.push_back(command.name);
  return out;
}

}  // namespace detail

/// Layers the sources over the defaults: environment, `--from` or the resumed run, embedded configurations, files,
/// flags; shows help and the views of `config`. Throws Error with every problem.
Request read_request(std::span<const char* const> args, Table& table, ProgramOptions& options,
                     const ProgramContext& context);

/// Facts of the build and of this start.
RunFacts run_facts(std::string_view experiment, const std::string& name, const std::string& command_line,
                   std::uint64_t seed);

/// Runs a program's body; turns exceptions into one message and an exit code (2 for bad input), and leaves the process
/// without running LibTorch's destructors.
[[noreturn]] void leave(const std::function<int()>& body);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/program.ipp>
#endif
