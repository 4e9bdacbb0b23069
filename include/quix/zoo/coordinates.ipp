#pragma once

#include <string>

#include <ATen/ops/arange.h>
#include <ATen/ops/meshgrid.h>
#include <ATen/ops/stack.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/coordinates.hpp>

namespace quix {

QUIX_INLINE at::Tensor pixel_coordinates(const std::vector<std::int64_t>& shape, bool flatten) {
  return pixel_coordinates(shape, std::vector<std::array<double, 2>>(shape.size(), {-1, 1}), flatten);
}

QUIX_INLINE at::Tensor pixel_coordinates(const std::vector<std::int64_t>& shape,
                                         const std::vector<std::array<double, 2>>& ranges, bool flatten) {
  if (shape.empty() || shape.size() != ranges.size())
    throw Error("pixel_coordinates", "expected one interval per axis, got " + std::to_string(ranges.size()) + " for " +
                                         std::to_string(shape.size()) + " axes");
  std::vector<at::Tensor> axes;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const auto [low, high] = ranges[d];
    const double cell = (high - low) / static_cast<double>(shape[d]);
    axes.push_back(at::arange(shape[d], at::kDouble).add(0.5).mul(cell).add(low).to(at::kFloat));
  }
  const auto grid = at::stack(at::meshgrid(axes, "ij"), -1);
  return flatten ? grid.view({-1, grid.size(-1)}) : grid;
}

QUIX_INLINE PixelSamples pixel_samples(const at::Tensor& image) {
  if (image.dim() != 3)
    throw Error("pixel_samples",
                "expected an image [C, H, W], got a tensor of " + std::to_string(image.dim()) + " dimensions");
  return {pixel_coordinates({image.size(1), image.size(2)}).to(image.device()), image.flatten(1).t()};
}

}  // namespace quix
