#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <ATen/ops/lerp.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tensor.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/augment.hpp>

namespace quix {

QUIX_INLINE at::Tensor Normalize::operator()(const at::Tensor& images) const {
  if (images.scalar_type() != at::kByte) return images;
  const auto channels = static_cast<std::size_t>(images.dim() > 1 ? images.size(1) : 1);
  const auto fits = [&](const std::vector<float>& v) { return v.size() == 1 || v.size() == channels; };
  if (!fits(mean) || !fits(std))
    throw Error("augment",
                "mean and std need one number, or one for each of the " + std::to_string(channels) + " channels");
  auto out = images.to(at::kFloat);
  if (mean.size() == 1 && std.size() == 1) {
    // (x/255 - mean)/std as one multiplication and, where needed, one addition.
    out.mul_(1.0 / (255.0 * std[0]));
    if (mean[0] != 0) out.sub_(mean[0] / std[0]);
    return out;
  }
  const auto column = [&](auto&& value) {
    std::vector<float> values(channels);
    for (std::size_t c = 0; c < channels; ++c)
      values[c] = value(mean[mean.size() == 1 ? 0 : c], std[std.size() == 1 ? 0 : c]);
    return at::tensor(values, out.options()).view({1, static_cast<std::int64_t>(channels), 1, 1});
  };
  out.mul_(column([](float, float s) { return 1.0f / (255.0f * s); }));
  return out.sub_(column([](float m, float s) { return m / s; }));
}

namespace detail {

/// Class indices [B] as soft labels [B, classes], zeros where an index is not a class; soft labels stay.
inline at::Tensor class_shares(const at::Tensor& labels, std::int64_t classes) {
  if (labels.dim() == 2) return at::isFloatingType(labels.scalar_type()) ? labels : labels.to(at::kFloat);
  if (classes <= 0 || labels.dim() != 1 || at::isFloatingType(labels.scalar_type()))
    throw Error("augment",
                "mixing needs class indices, one per sample: a field like  quix::Class<\"cls\"> label;  before other "
                "targets");
  const auto numbers = labels.to(at::kLong), counts = numbers.ge(0).logical_and_(numbers.lt(classes));
  return at::one_hot(numbers.where(counts, 0), classes).to(at::kFloat).mul_(counts.unsqueeze(1));
}

}  // namespace detail

QUIX_INLINE void mixup(at::Tensor& images, at::Tensor& labels, std::int64_t classes, double share) {
  const auto shares = detail::class_shares(labels, classes);
  images = at::lerp(images.roll(1, 0), images, share);
  labels = at::lerp(shares.roll(1, 0), shares, share);
}

QUIX_INLINE void cutmix(at::Tensor& images, at::Tensor& labels, std::int64_t classes, Region region) {
  const auto shares = detail::class_shares(labels, classes);
  const auto before = images.roll(1, 0);
  images = images.clone();
  images.narrow(2, region.y, region.height)
      .narrow(3, region.x, region.width)
      .copy_(before.narrow(2, region.y, region.height).narrow(3, region.x, region.width));
  const double kept =
      1 - static_cast<double>(region.width * region.height) / static_cast<double>(images.size(2) * images.size(3));
  labels = at::lerp(shares.roll(1, 0), shares, kept);
}

QUIX_INLINE double drawn_beta(double alpha, Rng& draws) {
  // Two Gamma(alpha) draws (Marsaglia and Tsang, A simple method for generating gamma variables, 2000).
  const auto uniform = [&] { return (static_cast<double>(draws.next()) + 0.5) * 0x1p-32; };
  const auto gamma = [&] {
    const double boost = alpha < 1 ? std::pow(uniform(), 1 / alpha) : 1, d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3,
                 c = 1 / std::sqrt(9 * d);
    for (;;) {
      // A statement for each draw: within an expression the compiler chooses their order.
      const double radius = std::sqrt(-2 * std::log(uniform()));
      const double x = radius * std::cos(2 * std::numbers::pi * uniform());
      const double root = 1 + c * x;
      const double u = uniform();
      if (root <= 0) continue;
      const double v = root * root * root;
      if (std::log(u) < x * x / 2 + d - d * v + d * std::log(v)) return d * v * boost;
    }
  };
  const double a = gamma(), b = gamma();
  return a + b > 0 ? a / (a + b) : 0.5;
}

QUIX_INLINE void Mix::mix(at::Tensor& images, at::Tensor& labels, std::int64_t classes, Rng& draws) const {
  if (!enabled()) return;
  const bool cut = cutmix_alpha > 0 && (mixup_alpha == 0 || draws.chance(0.5f));
  const double share = drawn_beta(static_cast<double>(cut ? cutmix_alpha : mixup_alpha), draws);
  if (!cut) return mixup(images, labels, classes, share);
  const auto w = images.size(3), h = images.size(2);
  const auto x = draws.below(static_cast<std::uint32_t>(w)), y = draws.below(static_cast<std::uint32_t>(h));
  const double half = std::sqrt(1 - share) / 2;
  const auto rw = static_cast<std::int64_t>(half * static_cast<double>(w)),
             rh = static_cast<std::int64_t>(half * static_cast<double>(h));
  const auto x0 = std::max<std::int64_t>(x - rw, 0), y0 = std::max<std::int64_t>(y - rh, 0);
  cutmix(images, labels, classes,
         {x0, y0, std::min<std::int64_t>(x + rw, w) - x0, std::min<std::int64_t>(y + rh, h) - y0});
}

QUIX_INLINE void MainAugment::apply(ImageSample& views, Rng& draws) const {
  const bool second = three && (randaugment == Strength::none || draws.chance(0.5f));
  if (second) return ThreeAugment{}.apply(views, draws);
  if (randaugment != Strength::none)
    RandAugment{.ops = 2, .magnitude = 5 + 5 * static_cast<int>(randaugment)}.apply(views, draws);
}

}  // namespace quix
