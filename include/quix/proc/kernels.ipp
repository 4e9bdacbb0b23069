#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/Parallel.h>

#include <quix/proc/kernels.hpp>

// Compiled with -fopenmp, without which at::parallel_for runs on one thread here; and with -O3 -fno-math-errno
// -fno-trapping-math, without which square roots are taken one by one. A loop in a separate function, over restrict
// arguments, is vectorized where the same one inside a lambda is not.

namespace quix::detail {

/// Part of a tensor that one thread works on at once: what fits into its cache.
struct KernelChunk {
  std::size_t span;
  std::int64_t begin, end;
};

/// Calls body(chunk number, span, span number, begin, end) for all parts of all tensors. Small tensors are not worth a
/// second thread. Returns the number of parts.
template <class Body>
std::size_t for_chunks(KernelSpans spans, Body&& body) {
  constexpr std::int64_t size = 1 << 14;
  static thread_local std::vector<KernelChunk> kept;
  auto& chunks = kept;  // workers see the caller's
  chunks.clear();
  std::int64_t elements = 0;
  for (std::size_t s = 0; s < spans.size(); ++s) {
    elements += spans[s].size;
    for (std::int64_t i = 0; i < spans[s].size; i += size) chunks.push_back({s, i, std::min(i + size, spans[s].size)});
  }
  const auto run = [&](std::int64_t from, std::int64_t to) {
    for (auto c = static_cast<std::size_t>(from); c < static_cast<std::size_t>(to); ++c)
      body(c, spans[chunks[c].span], chunks[c].span, chunks[c].begin, chunks[c].end);
  };
  const auto n = static_cast<std::int64_t>(chunks.size());
  if (elements < 4 * size)
    run(0, n);
  else
    at::parallel_for(0, n, std::max<std::int64_t>(1, n / (8 * at::get_num_threads())), run);
  return chunks.size();
}

/// Squares of floats, which cannot overflow a double, in eight sums: they fill the vector registers.
inline double squares(const float* values, std::int64_t n) {
  double sums[8] = {};
  std::int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int k = 0; k < 8; ++k) sums[k] += static_cast<double>(values[i + k]) * static_cast<double>(values[i + k]);
  for (; i < n; ++i) sums[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  for (int k = 1; k < 8; ++k) sums[0] += sums[k];
  return sums[0];
}

/// Memory for the parts of these tensors.
inline std::size_t most_chunks(KernelSpans spans) {
  std::size_t most = 0;
  for (const auto& span : spans) most += static_cast<std::size_t>(span.size / (1 << 14) + 1);
  return most;
}

QUIX_INLINE double kernel_norm_squared(KernelSpans spans) {
  static thread_local std::vector<double> kept;
  auto& partial = kept;
  partial.assign(most_chunks(spans), 0);
  const auto n =
      for_chunks(spans, [&](std::size_t chunk, const KernelSpan& span, std::size_t, std::int64_t begin,
                            std::int64_t end) { partial[chunk] = squares(span.gradient + begin, end - begin); });
  double sum = 0;
  for (std::size_t c = 0; c < n; ++c) sum += partial[c];
  return sum;
}

QUIX_INLINE void kernel_clamp(KernelSpans spans, float factor, float most) {
  for_chunks(spans, [=](std::size_t, const KernelSpan& span, std::size_t, std::int64_t begin, std::int64_t end) {
    float* g = span.gradient;
    for (auto i = begin; i < end; ++i) g[i] = std::min(std::max(g[i] * factor, -most), most);
  });
}

inline void lion_steps(float* __restrict p, const float* __restrict gradient, float* __restrict m, std::int64_t size,
                       const LionNumbers n) {
  const float keep = 1 - n.rate * n.weight_decay;
  for (std::int64_t i = 0; i < size; ++i) {
    const float g = gradient[i] * n.gradient_factor;
    const float c = n.beta1 * m[i] + (1 - n.beta1) * g;
    // The sign: ±1 for all |c| above 1e-31, and no jump, which would keep the loop from being vectorized.
    const float sign = c / (std::abs(c) + std::numeric_limits<float>::min());
    p[i] = p[i] * keep - n.rate * sign;
    m[i] = n.beta2 * m[i] + (1 - n.beta2) * g;
  }
}

QUIX_INLINE void kernel_lion(KernelSpans spans, const LionNumbers& n) {
  for_chunks(spans, [=](std::size_t, const KernelSpan& span, std::size_t, std::int64_t begin, std::int64_t end) {
    lion_steps(span.parameter + begin, span.gradient + begin, span.state[0] + begin, end - begin, n);
  });
}

QUIX_INLINE void kernel_rmsprop(KernelSpans spans, const RmsNumbers& n) {
  for_chunks(spans, [=](std::size_t, const KernelSpan& span, std::size_t, std::int64_t begin, std::int64_t end) {
    float* __restrict p = span.parameter;
    const float* __restrict gradient = span.gradient;
    float* __restrict v = span.state[0];
    float* __restrict buffer = span.state[1];
    float* __restrict mean = span.state[2];
    const auto loop = [&](auto centered, auto momentum) {
      for (auto i = begin; i < end; ++i) {
        const float g = gradient[i] * n.gradient_factor + n.weight_decay * p[i];
        v[i] = n.alpha * v[i] + (1 - n.alpha) * g * g;
        float square = v[i];
        if constexpr (centered.value) {
          mean[i] = n.alpha * mean[i] + (1 - n.alpha) * g;
          square -= mean[i] * mean[i];
        }
        float step = g / (std::sqrt(square) + n.eps);
        if constexpr (momentum.value) step = buffer[i] = n.momentum * buffer[i] + step;
        p[i] -= n.rate * step;
      }
    };
    using Yes = std::true_type;
    using No = std::false_type;
    if (n.centered)
      n.momentum > 0 ? loop(Yes{}, Yes{}) : loop(Yes{}, No{});
    else
      n.momentum > 0 ? loop(No{}, Yes{}) : loop(No{}, No{});
  });
}

/// Adam's averages of gradient and square.
inline void lamb_averages(const float* __restrict gradient, float* __restrict m, float* __restrict v, std::int64_t size,
                          const LambNumbers n) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float g = gradient[i] * n.gradient_factor;
    m[i] = n.beta1 * m[i] + (1 - n.beta1) * g;
    v[i] = n.beta2 * v[i] + (1 - n.beta2) * g * g;
  }
}
/// Adam's step of each number, without the rate.
inline void lamb_steps(const float* __restrict p, const float* __restrict m, const float* __restrict v,
                       float* __restrict to, std::int64_t size, const LambNumbers n,
                       const std::array<float, 2> correction) {
  const float a = 1 / correction[0], b = 1 / correction[1];
  for (std::int64_t i = 0; i < size; ++i) to[i] = (m[i] * a) / (std::sqrt(v[i] * b) + n.eps) + n.weight_decay * p[i];
}
inline void subtract(float* __restrict p, const float* __restrict steps, std::int64_t size, float rate) {
  for (std::int64_t i = 0; i < size; ++i) p[i] -= rate * steps[i];
}

QUIX_INLINE void kernel_lamb(KernelSpans spans, const LambNumbers& n,
                             std::span<const std::array<float, 2>> corrections) {
  constexpr std::int64_t block = 512;  // steps that are kept, in the first cache
  struct Norms {
    std::size_t span;
    double parameter, step;
  };
  static thread_local std::vector<Norms> kept;
  auto& partial = kept;
  partial.assign(most_chunks(spans), {});
  // First the averages and both norms of each tensor, then the step.
  const auto parts = for_chunks(
      spans, [&](std::size_t chunk, const KernelSpan& span, std::size_t s, std::int64_t begin, std::int64_t end) {
        lamb_averages(span.gradient + begin, span.state[0] + begin, span.state[1] + begin, end - begin, n);
        float steps[block];
        double way = 0;
        for (auto i = begin; i < end; i += block) {
          const auto size = std::min(block, end - i);
          lamb_steps(span.parameter + i, span.state[0] + i, span.state[1] + i, steps, size, n, corrections[s]);
          way += squares(steps, size);
        }
        partial[chunk] = {s, squares(span.parameter + begin, end - begin), way};
      });
  static thread_local std::vector<float> kept_rates;
  auto& rates = kept_rates;
  rates.assign(spans.size(), n.rate);
  for (std::size_t s = 0, c = 0; s < spans.size(); ++s) {
    double p2 = 0, r2 = 0;
    for (; c < parts && partial[c].span == s; ++c) p2 += partial[c].parameter, r2 += partial[c].step;
    if (p2 > 0 && r2 > 0) rates[s] = n.rate * static_cast<float>(std::sqrt(p2 / r2));
  }
  for_chunks(spans, [&](std::size_t, const KernelSpan& span, std::size_t s, std::int64_t begin, std::int64_t end) {
    float steps[block];
    for (auto i = begin; i < end; i += block) {
      const auto size = std::min(block, end - i);
      lamb_steps(span.parameter + i, span.state[0] + i, span.state[1] + i, steps, size, n, corrections[s]);
      subtract(span.parameter + i, steps, size, rates[s]);
    }
  });
}

QUIX_INLINE void kernel_schedule_free(KernelSpans spans, const ScheduleFreeNumbers& n,
                                      std::span<const float> corrections) {
  for_chunks(spans, [&](std::size_t, const KernelSpan& span, std::size_t s, std::int64_t begin, std::int64_t end) {
    float* __restrict y = span.parameter;
    const float* __restrict gradient = span.gradient;
    float* __restrict z = span.state[0];
    float* __restrict v = span.state[1];
    const float correction = 1 / corrections[s], y_rate = n.rate * (n.beta1 * (1 - n.share) - 1);
    for (auto i = begin; i < end; ++i) {
      const float g = gradient[i] * n.gradient_factor;
      v[i] = n.beta2 * v[i] + (1 - n.beta2) * g * g;
      const float step = g / (std::sqrt(v[i] * correction) + n.eps) + n.weight_decay * y[i];
      y[i] = y[i] + n.share * (z[i] - y[i]) + y_rate * step;
      z[i] -= n.rate * step;
    }
  });
}

QUIX_INLINE void kernel_average(KernelSpans spans, float decay) {
  for_chunks(spans, [=](std::size_t, const KernelSpan& span, std::size_t, std::int64_t begin, std::int64_t end) {
    float* __restrict average = span.parameter;
    const float* __restrict value = span.gradient;
    for (auto i = begin; i < end; ++i) average[i] += (1 - decay) * (value[i] - average[i]);
  });
}

}  // namespace quix::detail
