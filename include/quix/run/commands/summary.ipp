#pragma once

#include <cstdio>

#include <quix/run/commands/commands.hpp>

namespace quix::detail {

QUIX_INLINE int run_command(const Program& program, Given<SummaryOptions>&) {
  const auto job = program.job(split_threads(usable_cores(), program.settings().decode_threads), 0);
  std::printf("%s\n%s", job.model().c_str(), job.groups.c_str());
  return 0;
}

}  // namespace quix::detail
