#pragma once

#include <cstring>

#include <quix/data/orientation.hpp>

namespace quix {
namespace detail {

/// The source of a pixel of the upright image: x and y, possibly exchanged, each from one end or the other.
struct Turn {
  bool swap, flip_x, flip_y;
  explicit Turn(int o)
      : swap(swaps_sides(o)),
        flip_x(o == 2 || o == 3 || o == 7 || o == 8),
        flip_y(o == 3 || o == 4 || o == 6 || o == 7) {}
};

}  // namespace detail

QUIX_INLINE Region stored_region(Region upright, ImageSize stored, int orientation) {
  const detail::Turn turn(orientation);
  auto out = turn.swap ? Region{upright.y, upright.x, upright.height, upright.width} : upright;
  if (turn.flip_x) out.x = stored.width - out.x - out.width;
  if (turn.flip_y) out.y = stored.height - out.y - out.height;
  return out;
}

QUIX_INLINE Region upright_region(Region region, ImageSize stored, int orientation) {
  const detail::Turn turn(orientation);
  if (turn.flip_x) region.x = stored.width - region.x - region.width;
  if (turn.flip_y) region.y = stored.height - region.y - region.height;
  return turn.swap ? Region{region.y, region.x, region.height, region.width} : region;
}

QUIX_INLINE void make_upright(const std::byte* pixels, ImageSize stored, std::int64_t channels, int orientation,
                              std::byte* to) {
  const detail::Turn turn(orientation);
  const auto size = turned(stored, orientation);
  const auto c = static_cast<std::size_t>(channels);
  const auto row = stored.width * channels;
  // How far the source moves for one pixel to the right.
  const auto step = turn.swap ? (turn.flip_y ? -row : row) : (turn.flip_x ? -channels : channels);
  for (std::int64_t v = 0; v < size.height; ++v) {
    const auto first = stored_region({0, v, 1, 1}, stored, orientation);
    const auto* from = pixels + first.y * row + first.x * channels;
    if (step == channels) {
      std::memcpy(to, from, static_cast<std::size_t>(row));
      to += row;
      continue;
    }
    for (std::int64_t u = 0; u < size.width; ++u, from += step, to += c) std::memcpy(to, from, c);
  }
}

QUIX_INLINE void make_upright(const ImageBuffer& stored, int orientation, ImageBuffer& to) {
  to.reset(turned(stored.size, orientation), stored.channels);
  make_upright(reinterpret_cast<const std::byte*>(stored.data()), stored.size, stored.channels, orientation,
               reinterpret_cast<std::byte*>(to.data()));
}

}  // namespace quix
