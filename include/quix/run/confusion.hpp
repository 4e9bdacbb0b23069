#pragma once

#include <optional>

#include <quix/detail/separate.hpp>
#include <quix/plot/confusion.hpp>
#include <quix/proc/loss.hpp>

namespace quix {

/// Finds the array `confusion` among the scores of an evaluation; returns nullopt if there is none.
std::optional<ConfusionMatrix> find_confusion(const ScoreArrays& arrays);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/confusion.ipp>
#endif
