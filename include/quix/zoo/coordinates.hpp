#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <torch/types.h>

#include <quix/detail/separate.hpp>

// For models that are functions of a position (implicit representations): the positions and values of pixels.

namespace quix {

/// The centers of a grid's cells, each axis from -1 to 1: [H, W] gives [H · W, 2] of float32, row by row, in the order
/// of the shape's axes. With `flatten` false the grid keeps its shape, [H, W, 2].
at::Tensor pixel_coordinates(const std::vector<std::int64_t>& shape, bool flatten = true);
/// The same with an interval for each axis. Throws Error unless there is one per axis.
at::Tensor pixel_coordinates(const std::vector<std::int64_t>& shape, const std::vector<std::array<double, 2>>& ranges,
                             bool flatten = true);

struct PixelSamples {
  at::Tensor coordinates;  ///< [H · W, 2]
  at::Tensor values;       ///< [H · W, C]
};
/// An image [C, H, W] as pairs of position and value. Throws Error for other tensors.
PixelSamples pixel_samples(const at::Tensor& image);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/coordinates.ipp>
#endif
