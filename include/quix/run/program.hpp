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
#include <quix/run/commands/options.hpp>
#include <quix/store/run_folder.hpp>

namespace quix {

/// What the command line asks for, with the table's options set accordingly.
struct Request {
  bool done = false;          ///< help or a view of the configuration was shown: nothing is left to do
  bool resumes = false;       ///< `run` is continued
  std::filesystem::path run;  ///< the run whose configuration it begins with
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

/// Layers the sources over the defaults of a command's options and of the experiment's: environment, the run --from or
/// --resume, embedded configurations, files, flags; shows help, completion scripts and what `config` prints. The table
/// holds the experiment's options; those of the command are added. Throws Error with every problem.
template <class Options>
Request read_request(std::span<const char* const> args, Table& table, CommonOptions& common, Options& options,
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
#include <quix/run/request.ipp>
#endif
