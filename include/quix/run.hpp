#pragma once

// The Runner, and what surrounds a run: checkpoints, records, terminal, signals, main.

#include <quix/data/task.hpp>
#include <quix/run/checkpointer.hpp>
#include <quix/run/config.hpp>
#include <quix/run/confusion.hpp>
#include <quix/run/context.hpp>
#include <quix/run/main.hpp>
#include <quix/run/policies.hpp>
#include <quix/run/process.hpp>
#include <quix/run/run_log.hpp>
#include <quix/run/runner.hpp>
#include <quix/run/state.hpp>
#include <quix/run/stop.hpp>
