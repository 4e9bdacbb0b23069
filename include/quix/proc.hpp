#pragma once

// The batch processor: optimizers, schedules, precision, averages, and the scope around a forward pass.

#include <quix/proc/augment.hpp>
#include <quix/proc/average.hpp>
#include <quix/proc/graph.hpp>
#include <quix/proc/groups.hpp>
#include <quix/proc/lamb.hpp>
#include <quix/proc/lion.hpp>
#include <quix/proc/loss.hpp>
#include <quix/proc/metric.hpp>
#include <quix/proc/muon.hpp>
#include <quix/proc/optim.hpp>
#include <quix/proc/per_group.hpp>
#include <quix/proc/plateau.hpp>
#include <quix/proc/precision.hpp>
#include <quix/proc/processor.hpp>
#include <quix/proc/rmsprop.hpp>
#include <quix/proc/schedule.hpp>
#include <quix/proc/schedule_free.hpp>
#include <quix/proc/state.hpp>
#include <quix/proc/step.hpp>
#include <quix/proc/warmup.hpp>
#include <quix/torch/tensor.hpp>
