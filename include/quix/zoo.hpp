#pragma once

// Ready policies: losses, metrics, models, augmentations.

#include <quix/zoo/augment.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/metrics.hpp>
#include <quix/zoo/models.hpp>
