#pragma once

// Ready policies: losses, metrics, models, augmentations.

#include <quix/zoo/augment.hpp>
#include <quix/zoo/coordinates.hpp>
#include <quix/zoo/init.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/metrics.hpp>
#include <quix/zoo/patches.hpp>
#include <quix/zoo/resnet.hpp>
#include <quix/zoo/small_nets.hpp>
#include <quix/zoo/torch_script.hpp>
