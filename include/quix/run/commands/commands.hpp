#pragma once

#include <quix/detail/separate.hpp>
#include <quix/run/commands/options.hpp>
#include <quix/run/job.hpp>

namespace quix::detail {

/// What a command was given.
template <class Options>
struct Given {
  CommonOptions common{};
  Options options{};
  WeightsOptions weights{};
  Request request{};
};

/// Trains a run, or continues one, or only draws its learning rate.
int run_command(const Program& program, Given<TrainOptions>& given);
/// Loss and metrics of a split, on standard output.
int run_command(const Program& program, Given<EvalOptions>& given);
/// The modules of the model and the groups of its parameters.
int run_command(const Program& program, Given<SummaryOptions>& given);
/// Reading its options has printed all.
inline int run_command(const Program&, Given<ConfigOptions>&) { return 0; }

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/commands/eval.ipp>
#include <quix/run/commands/summary.ipp>
#include <quix/run/commands/train.ipp>
#endif
