#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <quix/data/picture.hpp>

// Resizing in two passes of fixed-point sums: first down the columns, which needs fewer rows afterwards, then along
// the rows. SSE2 is part of every x86-64, so nothing has to be chosen at run time.

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
    most = static_cast<std::int64_t>(std::ceil(support)) * 2 + 2;  // one more than there can be, for pairs
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
      // Rounded so that the sum is exact: what rounding leaves is added to the next weight.
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

/// Bits of fraction between the passes, which do not clamp or round to integer colors.
inline constexpr int between_bits = 6;

inline std::uint8_t from_fixed(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> (weight_bits + between_bits), 0, 255));
}
inline constexpr std::int32_t half_fixed = 1 << (weight_bits + between_bits - 1);

/// One row of the first pass: n values, each a sum over `count` rows. Sums stay in registers.
QUIX_INLINE void sum_rows(const std::uint8_t* from, std::int64_t stride, const std::int16_t* weights,
                          std::int32_t count, std::int16_t* to, std::int64_t n) {
  constexpr int shift = weight_bits - between_bits, half = 1 << (shift - 1);
  std::int64_t i = 0;
#ifdef __SSE2__
  // 16 values of two rows at a time, interleaved, multiplied and added in one.
  const auto zero = _mm_setzero_si128();
  const auto load = [](const std::uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); };
  for (; i + 16 <= n; i += 16) {
    __m128i sums[4] = {_mm_set1_epi32(half), _mm_set1_epi32(half), _mm_set1_epi32(half), _mm_set1_epi32(half)};
    const auto* row = from + i;
    for (std::int32_t t = 0; t < count; t += 2, row += 2 * stride) {
      const auto one = load(row), two = t + 1 < count ? load(row + stride) : zero;
      std::int32_t pair;
      std::memcpy(&pair, weights + t, 4);
      const auto w = _mm_set1_epi32(pair);
      const auto low = _mm_unpacklo_epi8(one, two), high = _mm_unpackhi_epi8(one, two);
      sums[0] = _mm_add_epi32(sums[0], _mm_madd_epi16(_mm_unpacklo_epi8(low, zero), w));
      sums[1] = _mm_add_epi32(sums[1], _mm_madd_epi16(_mm_unpackhi_epi8(low, zero), w));
      sums[2] = _mm_add_epi32(sums[2], _mm_madd_epi16(_mm_unpacklo_epi8(high, zero), w));
      sums[3] = _mm_add_epi32(sums[3], _mm_madd_epi16(_mm_unpackhi_epi8(high, zero), w));
    }
    for (auto& sum : sums) sum = _mm_srai_epi32(sum, shift);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i), _mm_packs_epi32(sums[0], sums[1]));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i + 8), _mm_packs_epi32(sums[2], sums[3]));
  }
#endif
  for (; i < n; ++i) {
    std::int32_t sum = half;
    for (std::int32_t t = 0; t < count; ++t) sum += weights[t] * from[t * stride + i];
    to[i] = static_cast<std::int16_t>(sum >> shift);
  }
}

/// One row of the second pass, `c` interleaved channels. All sums have `taps` weights, an even number, of which the
/// last may be zero: the same number of steps everywhere. Of three channels it writes one byte too many.
QUIX_INLINE void sum_row(const std::int16_t* from, std::int64_t c, const std::int32_t* first, std::int64_t taps,
                         const std::int16_t* weights, std::int64_t most, std::uint8_t* to, std::int64_t n) {
#ifdef __SSE2__
  if (c == 3 || c == 4) {
    const auto half = _mm_set1_epi32(half_fixed);
    for (std::int64_t x = 0; x < n; ++x) {
      const auto* p = from + c * first[x];
      const auto* w = weights + x * most;
      auto sum = half;
      for (std::int64_t t = 0; t < taps; t += 2, p += 2 * c) {
        const auto one = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)),
                   two = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + c));
        std::int32_t pair;
        std::memcpy(&pair, w + t, 4);
        sum = _mm_add_epi32(sum, _mm_madd_epi16(_mm_unpacklo_epi16(one, two), _mm_set1_epi32(pair)));
      }
      sum = _mm_srai_epi32(sum, weight_bits + between_bits);
      const auto colour = _mm_cvtsi128_si32(_mm_packus_epi16(_mm_packs_epi32(sum, sum), sum));
      std::memcpy(to + c * x, &colour, 4);
    }
    return;
  }
#endif
  for (std::int64_t x = 0; x < n; ++x)
    for (std::int64_t k = 0; k < c; ++k) {
      const auto* p = from + c * first[x] + k;
      std::int32_t sum = half_fixed;
      for (std::int64_t t = 0; t < taps; ++t) sum += weights[x * most + t] * p[c * t];
      to[c * x + k] = from_fixed(sum);
    }
}

}  // namespace detail

QUIX_INLINE void resize(const ImageBuffer& in, Region region, ImageSize to, Interpolation interpolation,
                        ImageBuffer& out, ResizeScratch& scratch) {
  const auto c = in.channels;
  if (region.x < 0 || region.y < 0 || region.width <= 0 || region.height <= 0 ||
      region.x + region.width > in.size.width || region.y + region.height > in.size.height || to.width <= 0 ||
      to.height <= 0)
    throw Error("", "the region to resize is not inside the image");
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
  detail::Taps taps{scratch.first, scratch.taps, scratch.weights};
  taps.make(region.height, to.height, interpolation);
  auto& between = scratch.between;
  if (between.size() < static_cast<std::size_t>(n * to.height)) between.resize(static_cast<std::size_t>(n * to.height));
  for (std::int64_t y = 0; y < to.height; ++y) {
    const auto i = static_cast<std::size_t>(y);
    detail::sum_rows(in.row(region.y + taps.first[i]) + region.x * c, in.size.width * c,
                     taps.weights.data() + y * taps.most, taps.count[i], between.data() + y * n, n);
  }
  taps.make(region.width, to.width, interpolation);
  const auto longest = (*std::max_element(taps.count.begin(), taps.count.end()) + 1) / 2 * 2;
  // Weights of zero read past the last row's end.
  const auto needed = static_cast<std::size_t>(n * to.height + (longest + 1) * c + 8);
  if (between.size() < needed) between.resize(needed);
  for (std::int64_t y = 0; y < to.height; ++y)
    detail::sum_row(between.data() + y * n, c, taps.first.data(), longest, taps.weights.data(), taps.most, out.row(y),
                    to.width);
}

}  // namespace quix
