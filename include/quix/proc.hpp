#pragma once

// The batch processor: optimizers, schedules, and the scope around a forward pass.

#include <quix/proc/loss.hpp>
#include <quix/proc/optim.hpp>
#include <quix/proc/processor.hpp>
#include <quix/proc/schedule.hpp>
#include <quix/torch/tensor.hpp>
