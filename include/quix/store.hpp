#pragma once

// Runs and checkpoints on disk. No torch.

#include <quix/store/run_folder.hpp>
