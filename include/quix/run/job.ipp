#pragma once

#include <quix/run/commands/commands.hpp>
#include <quix/run/job.hpp>

namespace quix::detail {

QUIX_INLINE int run_program(std::span<const char* const> args, Program& program) {
  program.table.add(program.options, {}, /*command=*/true);
  program.table.add(program.weights, "weights", /*command=*/true);
  auto request = read_request(args, program.table, program.options, {program.name, program.fresh, program.configs});
  if (request.done) return 0;
  keep_freed_memory();
  if (request.command == "summary") return run_summary(program);
  return request.command == "eval" ? run_eval(program, request) : run_train(program, request);
}

}  // namespace quix::detail
