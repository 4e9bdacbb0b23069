#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#include <quix/data/picture.hpp>

// Resizing in two passes of fixed-point sums: first down the columns, which needs fewer rows afterwards, then along
// the rows. The compiler makes the inner loops for each instruction set, and the processor chooses when it starts.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define QUIX_FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define QUIX_FOR_EACH_PROCESSOR
#endif

namespace quix {
namespace detail {

inline constexpr int weight_bits = 14;

inline double filter_at(Interpolation interpolation, double x) {
  x = std::abs(x);
  if (interpolation == Interpolation::bilinear) return x < 1 ? 1 - x : 0;
  constexpr double a = -0.5;  // Keys's cubic, as in Pillow
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/// Which input pixels make each output pixel, and their weights, which sum to 1 << 14. All have room for `most`
/// weights.
struct Taps {
  std::vector<std::int32_t>& first;
  std::vector<std::int32_t>& count;
  std::vector<std::int16_t>& weights;
  std::int64_t most = 0;

  void make(std::int64_t in, std::int64_t out, Interpolation interpolation) {
    const double scale = static_cast<double>(in) / static_cast<double>(out), widen = std::max(scale, 1.0);
    const double support = (interpolation == Interpolation::bilinear ? 1 : 2) * widen;
    most = static_cast<std::int64_t>(std::ceil(support)) * 2 + 1;
    const auto n = static_cast<std::size_t>(out);
    first.resize(n), count.resize(n), weights.assign(n * static_cast<std::size_t>(most), 0);
    double w[512];
    for (std::size_t i = 0; i < n; ++i) {
      const double centre = (static_cast<double>(i) + 0.5) * scale;
      auto begin = std::max<std::int64_t>(static_cast<std::int64_t>(centre - support + 0.5), 0);
      auto end = std::min<std::int64_t>(static_cast<std::int64_t>(centre + support + 0.5), in);
      if (end - begin > 512) begin += (end - begin - 512) / 2, end = begin + 512;
      double total = 0;
      for (auto x = begin; x < end; ++x)
        total += w[x - begin] = filter_at(interpolation, (static_cast<double>(x) - centre + 0.5) / widen);
      auto* to = weights.data() + i * static_cast<std::size_t>(most);
      // Rounded so that the sum is exact: what rounding leaves goes on to the next weight.
      double carry = 0;
      for (auto x = begin; x < end; ++x) {
        const double exact = w[x - begin] / total * (1 << weight_bits) + carry;
        const double whole = std::nearbyint(exact);
        carry = exact - whole;
        to[x - begin] = static_cast<std::int16_t>(whole);
      }
      first[i] = static_cast<std::int32_t>(begin), count[i] = static_cast<std::int32_t>(end - begin);
    }
  }
};

/// Bits of fraction between the passes: nothing is cut or rounded to whole colours there.
inline constexpr int between_bits = 6;

inline std::uint8_t from_fixed(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> (weight_bits + between_bits), 0, 255));
}
inline constexpr std::int32_t half_fixed = 1 << (weight_bits + between_bits - 1);

QUIX_FOR_EACH_PROCESSOR
QUIX_INLINE void sum_rows(const std::uint8_t* from, std::int64_t stride, const std::int16_t* weights,
                          std::int32_t count, std::int32_t* sums, std::int16_t* to, std::int64_t n) {
  constexpr int shift = weight_bits - between_bits;
  std::fill_n(sums, n, 1 << (shift - 1));
  for (std::int32_t t = 0; t < count; ++t) {
    const std::int32_t w = weights[t];
    const auto* row = from + t * stride;
    for (std::int64_t i = 0; i < n; ++i) sums[i] += w * row[i];
  }
  for (std::int64_t i = 0; i < n; ++i) to[i] = static_cast<std::int16_t>(sums[i] >> shift);
}

/// Along one row, `c` channels beside one another.
QUIX_FOR_EACH_PROCESSOR
QUIX_INLINE void sum_row(const std::int16_t* from, std::int64_t c, const std::int32_t* first, const std::int32_t* count,
                         const std::int16_t* weights, std::int64_t most, std::uint8_t* to, std::int64_t n) {
  if (c == 3) {
    typedef std::int16_t Shorts4 __attribute__((vector_size(8)));
    typedef std::int32_t Ints4 __attribute__((vector_size(16)));
    for (std::int64_t x = 0; x < n; ++x) {
      const auto* p = from + 3 * first[x];
      const auto* w = weights + x * most;
      Ints4 sum = {half_fixed, half_fixed, half_fixed, 0};
      for (std::int32_t t = 0; t < count[x]; ++t, p += 3) {
        Shorts4 pixel;  // its fourth number is the next pixel's
        std::memcpy(&pixel, p, 8);
        sum += __builtin_convertvector(pixel, Ints4) * static_cast<std::int32_t>(w[t]);
      }
      for (int k = 0; k < 3; ++k) to[3 * x + k] = from_fixed(sum[k]);
    }
    return;
  }
  for (std::int64_t x = 0; x < n; ++x)
    for (std::int64_t k = 0; k < c; ++k) {
      const auto* p = from + c * first[x] + k;
      std::int32_t sum = half_fixed;
      for (std::int32_t t = 0; t < count[x]; ++t) sum += weights[x * most + t] * p[c * t];
      to[c * x + k] = from_fixed(sum);
    }
}

}  // namespace detail

QUIX_INLINE void resize(const Picture& in, Region region, ImageSize to, Interpolation interpolation, Picture& out,
                        ResizeScratch& scratch) {
  const auto c = in.channels;
  if (region.x < 0 || region.y < 0 || region.width <= 0 || region.height <= 0 ||
      region.x + region.width > in.size.width || region.y + region.height > in.size.height || to.width <= 0 ||
      to.height <= 0)
    throw Error("", "a region to resize lies inside the image");
  out.reset(to, c);
  if (interpolation == Interpolation::nearest) {
    for (std::int64_t y = 0; y < to.height; ++y) {
      const auto* from = in.row(region.y + y * region.height / to.height) + region.x * c;
      for (std::int64_t x = 0; x < to.width; ++x)
        std::memcpy(out.row(y) + x * c, from + x * region.width / to.width * c, static_cast<std::size_t>(c));
    }
    return;
  }
  if (region.width == to.width && region.height == to.height) {
    for (std::int64_t y = 0; y < to.height; ++y)
      std::copy_n(in.row(region.y + y) + region.x * c, to.width * c, out.row(y));
    return;
  }
  const auto n = region.width * c;
  scratch.between.resize(static_cast<std::size_t>(n * to.height) + 8);  // vector loads look past the end
  scratch.sums.resize(static_cast<std::size_t>(n));
  detail::Taps taps{scratch.first, scratch.taps, scratch.weights};
  taps.make(region.height, to.height, interpolation);
  for (std::int64_t y = 0; y < to.height; ++y) {
    const auto i = static_cast<std::size_t>(y);
    detail::sum_rows(in.row(region.y + taps.first[i]) + region.x * c, in.size.width * c,
                     taps.weights.data() + y * taps.most, taps.count[i], scratch.sums.data(),
                     scratch.between.data() + y * n, n);
  }
  taps.make(region.width, to.width, interpolation);
  for (std::int64_t y = 0; y < to.height; ++y)
    detail::sum_row(scratch.between.data() + y * n, c, taps.first.data(), taps.count.data(), taps.weights.data(),
                    taps.most, out.row(y), to.width);
}

}  // namespace quix
