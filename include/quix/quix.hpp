#pragma once

// Everything.

#include <quix/cfg.hpp>
#include <quix/data.hpp>
#include <quix/io.hpp>
#include <quix/plot.hpp>
#include <quix/proc.hpp>
#include <quix/run.hpp>
#include <quix/store.hpp>
#include <quix/torch/modules.hpp>
#include <quix/zoo.hpp>
