#pragma once

// Runs and checkpoints on disk. No torch.

#include <quix/store/lock.hpp>
#include <quix/store/reading.hpp>
#include <quix/store/retention.hpp>
#include <quix/store/run_folder.hpp>
