#pragma once

#include <quix/detail/separate.hpp>
#include <quix/run/job.hpp>

namespace quix::detail {

/// Trains a run, or continues one, or only draws its learning rate.
int run_train(const Program& program, Request& request);
/// Loss and metrics of a split, on standard output.
int run_eval(const Program& program, const Request& request);
/// The modules of the model and the groups of its parameters.
int run_summary(const Program& program);

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/run/commands/eval.ipp>
#include <quix/run/commands/summary.ipp>
#include <quix/run/commands/train.ipp>
#endif
