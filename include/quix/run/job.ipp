#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include <quix/run/commands/commands.hpp>
#include <quix/run/job.hpp>

namespace quix::detail {

/// The command that words name: the first that is one and can be no flag's value; without one the first of all.
inline std::string_view find_command(std::span<const char* const> args) {
  std::vector<std::string_view> names;
  each_command([&]<class C>(C*) { names.push_back(C::command); });
  for (std::size_t i = 1; i < args.size(); ++i)
    if (std::find(names.begin(), names.end(), args[i]) != names.end() &&
        (i == 1 || args[i - 1][0] != '-' || std::string_view(args[i - 1]).find('=') != std::string_view::npos))
      return args[i];
  return names.front();
}

template <class Options>
int read_and_run(std::span<const char* const> args, Program& program) {
  Given<Options> given;
  if constexpr (requires { given.options.weights; }) program.table.add(given.weights, "weights", /*command=*/true);
  given.request =
      read_request(args, program.table, given.common, given.options, {program.name, program.fresh, program.configs});
  if (given.request.done) return 0;
  keep_freed_memory();
  return run_command(program, given);
}

QUIX_INLINE int run_program(std::span<const char* const> args, Program& program) {
  const auto name = find_command(args);
  int code = 0;
  each_command([&]<class C>(C*) {
    if (name == C::command) code = read_and_run<C>(args, program);
  });
  return code;
}

}  // namespace quix::detail
