#pragma once

// Ready policies: losses, metrics, augmentations.

#include <quix/zoo/augment.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/metrics.hpp>
