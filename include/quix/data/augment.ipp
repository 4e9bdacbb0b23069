#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include <quix/data/augment.hpp>

namespace quix {
namespace detail {

/// The largest center crop of an aspect ratio.
inline Region middle(ImageSize image, double ratio, double share) {
  auto w = static_cast<double>(image.width), h = static_cast<double>(image.height);
  if (w / h > ratio)
    w = h * ratio;
  else
    h = w / ratio;
  const auto width = std::max<std::int64_t>(1, std::llround(w * share)),
             height = std::max<std::int64_t>(1, std::llround(h * share));
  return {(image.width - width) / 2, (image.height - height) / 2, width, height};
}

/// A crop of random area and aspect ratio; ten tries.
inline std::optional<Region> drawn_region(ImageSize image, const std::array<float, 2>& scale,
                                          const std::array<float, 2>& ratio, Rng& draws) {
  const double area = static_cast<double>(image.width * image.height);
  for (int i = 0; i < 10; ++i) {
    const double target = area * static_cast<double>(draws.uniform(scale[0], scale[1]));
    const double aspect = std::exp(static_cast<double>(draws.uniform(std::log(ratio[0]), std::log(ratio[1]))));
    const auto width = std::llround(std::sqrt(target * aspect)), height = std::llround(std::sqrt(target / aspect));
    if (width <= 0 || height <= 0 || width > image.width || height > image.height) continue;
    const auto x = draws.below(static_cast<std::uint32_t>(image.width - width + 1)),
               y = draws.below(static_cast<std::uint32_t>(image.height - height + 1));
    return Region{x, y, width, height};
  }
  return {};
}

template <class F>
void each_image(ImageSample& views, F&& f) {
  for (std::size_t i = 0; i < views.images(); ++i) f(views.image(i));
}

}  // namespace detail

QUIX_INLINE Region RandomResizedCrop::draw(ImageSize image, Rng& draws) const {
  if (const auto region = detail::drawn_region(image, scale, ratio, draws)) return *region;
  const double shape = static_cast<double>(image.width) / static_cast<double>(image.height);
  return detail::middle(image, std::clamp(shape, static_cast<double>(ratio[0]), static_cast<double>(ratio[1])), 1);
}

QUIX_INLINE void RandomResizedCrop::apply(ImageSample& views, Rng& draws) const {
  const auto region = draw(views.size(), draws);
  const auto which = interpolations.size() == 1 ? 0 : draws.below(static_cast<std::uint32_t>(interpolations.size()));
  views.crop(region, {size, size}, interpolations[which], draft);
}

QUIX_INLINE void RandomResizedCrop::evaluate(ImageSample& views) const {
  views.crop(detail::middle(views.size(), 1, static_cast<double>(val_crop_fraction)), {size, size},
             interpolations.front());
}

QUIX_INLINE void Resize::evaluate(ImageSample& views) const {
  const auto now = views.size();
  ImageSize to{width, height};
  if (width == 0) {
    const bool wide = now.width >= now.height;
    const auto other = (wide ? now.width : now.height) * height / std::min(now.width, now.height);
    to = wide ? ImageSize{other, height} : ImageSize{height, other};
  }
  if (to != now) views.crop({0, 0, now.width, now.height}, to, interpolation);
}

QUIX_INLINE void CenterCrop::evaluate(ImageSample& views) const {
  const auto now = views.size();
  if (now.width < size || now.height < size)
    throw Error("", "image of " + std::to_string(now.width) + "x" + std::to_string(now.height) +
                        " is smaller than the crop of " + std::to_string(size) + "; resize first");
  if (now.width != size || now.height != size)
    views.crop({(now.width - size) / 2, (now.height - size) / 2, size, size}, {size, size}, Interpolation::nearest);
}

QUIX_INLINE void ColorJitter::apply(ImageSample& views, Rng& draws) const {
  int order[4] = {0, 1, 2, 3};
  for (std::uint32_t i = 4; i > 1; --i) std::swap(order[i - 1], order[draws.below(i)]);
  const auto factor = [&](float x) { return draws.uniform(std::max(0.0f, 1 - x), 1 + x); };
  const float b = factor(brightness), c = factor(contrast), s = factor(saturation), h = draws.uniform(-hue, hue);
  detail::each_image(views, [&](ImageBuffer& image) {
    for (const int what : order) {
      if (what == 0 && brightness > 0) adjust_brightness(image, b);
      if (what == 1 && contrast > 0) adjust_contrast(image, c);
      if (what == 2 && saturation > 0) adjust_saturation(image, s);
      if (what == 3 && hue > 0) adjust_hue(image, h);
    }
  });
}

QUIX_INLINE void Grayscale::apply(ImageSample& views, Rng& draws) const {
  if (draws.chance(p)) detail::each_image(views, [](ImageBuffer& image) { make_gray(image); });
}

QUIX_INLINE void Solarize::apply(ImageSample& views, Rng& draws) const {
  if (draws.chance(p)) detail::each_image(views, [&](ImageBuffer& image) { solarize(image, threshold); });
}

namespace detail {

/// Python quix's kernel: a tenth of the image, odd.
inline int blur_kernel(ImageSize size) { return static_cast<int>(std::min(size.width, size.height) / 10) | 1; }

}  // namespace detail

QUIX_INLINE void GaussianBlur::apply(ImageSample& views, Rng& draws) const {
  if (!draws.chance(p)) return;
  const float width = draws.uniform(sigma[0], sigma[1]);
  detail::each_image(views, [&](ImageBuffer& image) {
    gaussian_blur(image, detail::blur_kernel(image.size), width, views.scratch());
  });
}

QUIX_INLINE void ThreeAugment::apply(ImageSample& views, Rng& draws) const {
  if (!enabled) return;
  const auto which = draws.below(3);
  const float saturation = draws.uniform(0, 1.5f), width = draws.uniform(0.1f, 2.0f);
  detail::each_image(views, [&](ImageBuffer& image) {
    if (which == 0)
      solarize(image, 127.5f);
    else if (which == 1)
      adjust_saturation(image, saturation);
    else
      gaussian_blur(image, detail::blur_kernel(image.size), width, views.scratch());
  });
}

QUIX_INLINE void RandomErasing::apply(ImageSample& views, Rng& draws) const {
  if (!draws.chance(p)) return;
  const std::array<float, 2> across{1 / ratio[1], 1 / ratio[0]};
  const auto region = detail::drawn_region(views.size(), scale, across, draws);
  const std::uint8_t colour[] = {static_cast<std::uint8_t>(value)};
  if (region) detail::each_image(views, [&](ImageBuffer& image) { fill(image, *region, colour); });
}

}  // namespace quix
