#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include <quix/data/picture.hpp>

namespace quix {
namespace detail {

/// Converts as torchvision converts float images to uint8: clamped, the fraction dropped.
inline std::uint8_t cut(float x) { return static_cast<std::uint8_t>(std::clamp(x, 0.0f, 255.0f)); }
inline std::uint8_t rounded(float x) { return static_cast<std::uint8_t>(std::nearbyint(std::clamp(x, 0.0f, 255.0f))); }

inline std::uint8_t luma_of(const std::uint8_t* p) {
  return static_cast<std::uint8_t>(0.2989f * p[0] + 0.587f * p[1] + 0.114f * p[2]);
}

template <class F>
void each_value(ImageBuffer& image, F&& f) {
  auto* p = image.data();
  for (std::size_t i = 0, n = image.bytes(); i < n; ++i) p[i] = f(p[i]);
}

/// Applies a table: every value is computed once.
template <class F>
void by_table(ImageBuffer& image, F&& f) {
  std::uint8_t table[256];
  for (int v = 0; v < 256; ++v) table[v] = f(v);
  each_value(image, [&](std::uint8_t v) { return table[v]; });
}

/// The border continues mirrored, without the edge twice.
inline std::int64_t mirrored(std::int64_t i, std::int64_t n) {
  if (n == 1) return 0;
  while (i < 0 || i >= n) i = i < 0 ? -i : 2 * (n - 1) - i;
  return i;
}

}  // namespace detail

QUIX_INLINE void flip_horizontal(ImageBuffer& image) {
  const auto c = static_cast<std::size_t>(image.channels);
  for (std::int64_t y = 0; y < image.size.height; ++y) {
    auto* left = image.row(y);
    auto* right = left + (image.size.width - 1) * image.channels;
    for (; left < right; left += c, right -= c)
      for (std::size_t k = 0; k < c; ++k) std::swap(left[k], right[k]);
  }
}

QUIX_INLINE void flip_vertical(ImageBuffer& image) {
  const auto n = image.size.width * image.channels;
  for (std::int64_t top = 0, bottom = image.size.height - 1; top < bottom; ++top, --bottom)
    std::swap_ranges(image.row(top), image.row(top) + n, image.row(bottom));
}

QUIX_INLINE void adjust_brightness(ImageBuffer& image, float factor) {
  detail::by_table(image, [&](int v) { return detail::cut(factor * static_cast<float>(v)); });
}

QUIX_INLINE void adjust_contrast(ImageBuffer& image, float factor) {
  const auto pixels = image.size.width * image.size.height;
  double sum = 0;
  for (std::int64_t i = 0; i < pixels; ++i)
    sum += image.channels == 3 ? detail::luma_of(image.data() + 3 * i) : image.data()[i * image.channels];
  const auto mean = static_cast<float>(sum / static_cast<double>(pixels));
  detail::by_table(image, [&](int v) { return detail::cut(factor * static_cast<float>(v) + (1 - factor) * mean); });
}

QUIX_INLINE void adjust_saturation(ImageBuffer& image, float factor) {
  if (image.channels != 3) return;
  auto* p = image.data();
  for (auto* end = p + image.bytes(); p != end; p += 3) {
    const auto gray = (1 - factor) * static_cast<float>(detail::luma_of(p));
    for (int k = 0; k < 3; ++k) p[k] = detail::cut(factor * static_cast<float>(p[k]) + gray);
  }
}

QUIX_INLINE void adjust_sharpness(ImageBuffer& image, float factor, ImageBuffer& scratch) {
  if (image.size.width < 3 || image.size.height < 3) return;
  scratch = image;
  const auto c = image.channels, stride = image.size.width * c;
  for (std::int64_t y = 1; y + 1 < image.size.height; ++y)
    for (std::int64_t i = c; i < stride - c; ++i) {
      const auto* p = scratch.row(y) + i;
      const int sum = p[-stride - c] + p[-stride] + p[-stride + c] + p[-c] + 5 * p[0] + p[c] + p[stride - c] +
                      p[stride] + p[stride + c];
      const auto blurred = static_cast<float>(detail::rounded(static_cast<float>(sum) / 13.0f));
      image.row(y)[i] = detail::cut(factor * static_cast<float>(p[0]) + (1 - factor) * blurred);
    }
}

QUIX_INLINE void adjust_hue(ImageBuffer& image, float shift) {
  if (image.channels != 3) return;
  auto* p = image.data();
  for (auto* end = p + image.bytes(); p != end; p += 3) {
    const float r = p[0] / 255.0f, g = p[1] / 255.0f, b = p[2] / 255.0f;
    const float most = std::max({r, g, b}), least = std::min({r, g, b}), range = most - least;
    if (range == 0) continue;
    const float rc = (most - r) / range, gc = (most - g) / range, bc = (most - b) / range;
    float h = most == r ? bc - gc : most == g ? 2 + rc - bc : 4 + gc - rc;
    h = std::fmod(h / 6 + 1, 1.0f) + shift;
    h -= std::floor(h);
    const float s = range / most;
    const auto sector = std::floor(h * 6);
    const float f = h * 6 - sector;
    const float q0 = std::clamp(most * (1 - s), 0.0f, 1.0f), q1 = std::clamp(most * (1 - s * f), 0.0f, 1.0f),
                q2 = std::clamp(most * (1 - s * (1 - f)), 0.0f, 1.0f);
    const float colours[6][3] = {{most, q2, q0}, {q1, most, q0}, {q0, most, q2},
                                 {q0, q1, most}, {q2, q0, most}, {most, q0, q1}};
    const auto& colour = colours[static_cast<int>(sector) % 6];
    for (int k = 0; k < 3; ++k) p[k] = static_cast<std::uint8_t>(colour[k] * (256 - 1e-3f));
  }
}

QUIX_INLINE void make_gray(ImageBuffer& image) {
  if (image.channels != 3) return;
  auto* p = image.data();
  for (auto* end = p + image.bytes(); p != end; p += 3) p[0] = p[1] = p[2] = detail::luma_of(p);
}

QUIX_INLINE void invert(ImageBuffer& image) {
  detail::each_value(image, [](std::uint8_t v) { return static_cast<std::uint8_t>(255 - v); });
}

QUIX_INLINE void solarize(ImageBuffer& image, float threshold) {
  detail::by_table(image,
                   [&](int v) { return static_cast<std::uint8_t>(static_cast<float>(v) >= threshold ? 255 - v : v); });
}

QUIX_INLINE void posterize(ImageBuffer& image, int bits) {
  const auto mask = static_cast<std::uint8_t>(-(1 << (8 - bits)));
  detail::each_value(image, [&](std::uint8_t v) { return static_cast<std::uint8_t>(v & mask); });
}

QUIX_INLINE void autocontrast(ImageBuffer& image) {
  const auto c = static_cast<std::size_t>(image.channels), n = image.bytes();
  auto* p = image.data();
  for (std::size_t k = 0; k < c; ++k) {
    std::uint8_t least = 255, most = 0;
    for (auto i = k; i < n; i += c) least = std::min(least, p[i]), most = std::max(most, p[i]);
    if (most <= least) continue;
    const float scale = 255.0f / static_cast<float>(most - least);
    for (auto i = k; i < n; i += c) p[i] = detail::cut(static_cast<float>(p[i] - least) * scale);
  }
}

QUIX_INLINE void equalize(ImageBuffer& image) {
  const auto c = static_cast<std::size_t>(image.channels), n = image.bytes();
  auto* p = image.data();
  for (std::size_t k = 0; k < c; ++k) {
    std::int64_t counts[256] = {}, total = 0, last = 0;
    for (auto i = k; i < n; i += c) ++counts[p[i]];
    for (const auto count : counts)
      if (count) total += count, last = count;
    const auto step = (total - last) / 255;
    if (step == 0) continue;
    std::uint8_t table[256];
    std::int64_t sum = 0;
    for (int v = 0; v < 256; ++v) {
      table[v] = static_cast<std::uint8_t>(v == 0 ? 0 : std::min<std::int64_t>((sum + step / 2) / step, 255));
      sum += counts[v];
    }
    for (auto i = k; i < n; i += c) p[i] = table[p[i]];
  }
}

QUIX_INLINE void gaussian_blur(ImageBuffer& image, int kernel, float sigma, ImageBuffer& scratch) {
  if (kernel < 1 || kernel % 2 == 0)
    throw Error("", "expected an odd kernel size for a blur, got " + std::to_string(kernel));
  const int half = kernel / 2;
  static thread_local std::vector<float> weights, column;  // kept: a thread blurs many images
  weights.resize(static_cast<std::size_t>(kernel));
  float total = 0;
  for (int i = 0; i < kernel; ++i)
    total += weights[static_cast<std::size_t>(i)] =
        std::exp(-0.5f * static_cast<float>((i - half) * (i - half)) / (sigma * sigma));
  for (auto& w : weights) w /= total;
  // Separable: down the columns into floats, then along the rows.
  const auto c = image.channels, width = image.size.width, height = image.size.height, n = width * c;
  scratch.reset(image.size, c);
  std::copy_n(image.data(), image.bytes(), scratch.data());
  column.resize(static_cast<std::size_t>(n + 2 * half * c));
  auto* middle = column.data() + half * c;
  for (std::int64_t y = 0; y < height; ++y) {
    std::fill_n(middle, n, 0.0f);
    for (int t = 0; t < kernel; ++t) {
      const auto* from = scratch.row(detail::mirrored(y + t - half, height));
      const float w = weights[static_cast<std::size_t>(t)];
      for (std::int64_t i = 0; i < n; ++i) middle[i] += w * static_cast<float>(from[i]);
    }
    for (std::int64_t x = 1; x <= half; ++x)
      for (std::int64_t k = 0; k < c; ++k) {
        middle[-x * c + k] = middle[detail::mirrored(-x, width) * c + k];
        middle[(width - 1 + x) * c + k] = middle[detail::mirrored(width - 1 + x, width) * c + k];
      }
    auto* to = image.row(y);
    for (std::int64_t i = 0; i < n; ++i) {
      float sum = 0;
      for (int t = 0; t < kernel; ++t) sum += weights[static_cast<std::size_t>(t)] * middle[i + (t - half) * c];
      to[i] = detail::rounded(sum);
    }
  }
}

QUIX_INLINE Affine affine_map(double angle, double move_x, double move_y, double shear_x, double shear_y,
                              double origin_x, double origin_y) {
  constexpr double degree = std::numbers::pi / 180;
  const double turn = angle * degree, sx = shear_x * degree, sy = shear_y * degree;
  const double a = std::cos(turn - sy) / std::cos(sy),
               b = -std::cos(turn - sy) * std::tan(sx) / std::cos(sy) - std::sin(turn);
  const double c = std::sin(turn - sy) / std::cos(sy),
               d = -std::sin(turn - sy) * std::tan(sx) / std::cos(sy) + std::cos(turn);
  Affine map{d, -b, 0, -c, a, 0};
  for (std::size_t r = 0; r < 6; r += 3)
    map[r + 2] = map[r] * (-origin_x - move_x) + map[r + 1] * (-origin_y - move_y) + (r == 0 ? origin_x : origin_y);
  return map;
}

QUIX_INLINE void transform(const ImageBuffer& in, const Affine& map, ImageBuffer& out) {
  out.reset(in.size, in.channels);
  const auto c = static_cast<std::size_t>(in.channels);
  const double w = static_cast<double>(in.size.width) / 2, h = static_cast<double>(in.size.height) / 2;
  for (std::int64_t y = 0; y < in.size.height; ++y)
    for (std::int64_t x = 0; x < in.size.width; ++x) {
      const double cx = static_cast<double>(x) + 0.5 - w, cy = static_cast<double>(y) + 0.5 - h;
      const auto sx = static_cast<std::int64_t>(std::nearbyint(map[0] * cx + map[1] * cy + map[2] + w - 0.5));
      const auto sy = static_cast<std::int64_t>(std::nearbyint(map[3] * cx + map[4] * cy + map[5] + h - 0.5));
      auto* to = out.row(y) + static_cast<std::size_t>(x) * c;
      if (sx >= 0 && sx < in.size.width && sy >= 0 && sy < in.size.height)
        std::memcpy(to, in.row(sy) + static_cast<std::size_t>(sx) * c, c);
      else
        std::memset(to, 0, c);
    }
}

QUIX_INLINE void fill(ImageBuffer& image, Region region, std::span<const std::uint8_t> colour) {
  for (auto y = region.y; y < region.y + region.height; ++y)
    for (auto x = region.x; x < region.x + region.width; ++x)
      for (std::int64_t k = 0; k < image.channels; ++k)
        image.row(y)[x * image.channels + k] = colour[static_cast<std::size_t>(k) % colour.size()];
}

}  // namespace quix
