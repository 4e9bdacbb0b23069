#pragma once

#include <cmath>
#include <numbers>

#include <quix/data/auto_augment.hpp>

namespace quix {
namespace detail {

inline constexpr AutoStep imagenet_policy[25][2] = {
    {{ImageChange::posterize, 0.4f, 8}, {ImageChange::rotate, 0.6f, 9}},
    {{ImageChange::solarize, 0.6f, 5}, {ImageChange::autocontrast, 0.6f, 0}},
    {{ImageChange::equalize, 0.8f, 0}, {ImageChange::equalize, 0.6f, 0}},
    {{ImageChange::posterize, 0.6f, 7}, {ImageChange::posterize, 0.6f, 6}},
    {{ImageChange::equalize, 0.4f, 0}, {ImageChange::solarize, 0.2f, 4}},
    {{ImageChange::equalize, 0.4f, 0}, {ImageChange::rotate, 0.8f, 8}},
    {{ImageChange::solarize, 0.6f, 3}, {ImageChange::equalize, 0.6f, 0}},
    {{ImageChange::posterize, 0.8f, 5}, {ImageChange::equalize, 1.0f, 0}},
    {{ImageChange::rotate, 0.2f, 3}, {ImageChange::solarize, 0.6f, 8}},
    {{ImageChange::equalize, 0.6f, 0}, {ImageChange::posterize, 0.4f, 6}},
    {{ImageChange::rotate, 0.8f, 8}, {ImageChange::color, 0.4f, 0}},
    {{ImageChange::rotate, 0.4f, 9}, {ImageChange::equalize, 0.6f, 0}},
    {{ImageChange::equalize, 0.0f, 0}, {ImageChange::equalize, 0.8f, 0}},
    {{ImageChange::invert, 0.6f, 0}, {ImageChange::equalize, 1.0f, 0}},
    {{ImageChange::color, 0.6f, 4}, {ImageChange::contrast, 1.0f, 8}},
    {{ImageChange::rotate, 0.8f, 8}, {ImageChange::color, 1.0f, 2}},
    {{ImageChange::color, 0.8f, 8}, {ImageChange::solarize, 0.8f, 7}},
    {{ImageChange::sharpness, 0.4f, 7}, {ImageChange::invert, 0.6f, 0}},
    {{ImageChange::shear_x, 0.6f, 5}, {ImageChange::equalize, 1.0f, 0}},
    {{ImageChange::color, 0.4f, 0}, {ImageChange::equalize, 0.6f, 0}},
    {{ImageChange::equalize, 0.4f, 0}, {ImageChange::solarize, 0.2f, 4}},
    {{ImageChange::solarize, 0.6f, 5}, {ImageChange::autocontrast, 0.6f, 0}},
    {{ImageChange::invert, 0.6f, 0}, {ImageChange::equalize, 1.0f, 0}},
    {{ImageChange::color, 0.6f, 4}, {ImageChange::contrast, 1.0f, 8}},
    {{ImageChange::equalize, 0.8f, 0}, {ImageChange::equalize, 0.6f, 0}},
};
inline constexpr AutoStep cifar10_policy[25][2] = {
    {{ImageChange::invert, 0.1f, 0}, {ImageChange::contrast, 0.2f, 6}},
    {{ImageChange::rotate, 0.7f, 2}, {ImageChange::move_x, 0.3f, 9}},
    {{ImageChange::sharpness, 0.8f, 1}, {ImageChange::sharpness, 0.9f, 3}},
    {{ImageChange::shear_y, 0.5f, 8}, {ImageChange::move_y, 0.7f, 9}},
    {{ImageChange::autocontrast, 0.5f, 0}, {ImageChange::equalize, 0.9f, 0}},
    {{ImageChange::shear_y, 0.2f, 7}, {ImageChange::posterize, 0.3f, 7}},
    {{ImageChange::color, 0.4f, 3}, {ImageChange::brightness, 0.6f, 7}},
    {{ImageChange::sharpness, 0.3f, 9}, {ImageChange::brightness, 0.7f, 9}},
    {{ImageChange::equalize, 0.6f, 0}, {ImageChange::equalize, 0.5f, 0}},
    {{ImageChange::contrast, 0.6f, 7}, {ImageChange::sharpness, 0.6f, 5}},
    {{ImageChange::color, 0.7f, 7}, {ImageChange::move_x, 0.5f, 8}},
    {{ImageChange::equalize, 0.3f, 0}, {ImageChange::autocontrast, 0.4f, 0}},
    {{ImageChange::move_y, 0.4f, 3}, {ImageChange::sharpness, 0.2f, 6}},
    {{ImageChange::brightness, 0.9f, 6}, {ImageChange::color, 0.2f, 8}},
    {{ImageChange::solarize, 0.5f, 2}, {ImageChange::invert, 0.0f, 0}},
    {{ImageChange::equalize, 0.2f, 0}, {ImageChange::autocontrast, 0.6f, 0}},
    {{ImageChange::equalize, 0.2f, 0}, {ImageChange::equalize, 0.6f, 0}},
    {{ImageChange::color, 0.9f, 9}, {ImageChange::equalize, 0.6f, 0}},
    {{ImageChange::autocontrast, 0.8f, 0}, {ImageChange::solarize, 0.2f, 8}},
    {{ImageChange::brightness, 0.1f, 3}, {ImageChange::color, 0.7f, 0}},
    {{ImageChange::solarize, 0.4f, 5}, {ImageChange::autocontrast, 0.9f, 0}},
    {{ImageChange::move_y, 0.9f, 9}, {ImageChange::move_y, 0.7f, 9}},
    {{ImageChange::autocontrast, 0.9f, 0}, {ImageChange::solarize, 0.8f, 3}},
    {{ImageChange::equalize, 0.8f, 0}, {ImageChange::invert, 0.1f, 0}},
    {{ImageChange::move_y, 0.7f, 9}, {ImageChange::autocontrast, 0.9f, 0}},
};
inline constexpr AutoStep svhn_policy[25][2] = {
    {{ImageChange::shear_x, 0.9f, 4}, {ImageChange::invert, 0.2f, 0}},
    {{ImageChange::shear_y, 0.9f, 8}, {ImageChange::invert, 0.7f, 0}},
    {{ImageChange::equalize, 0.6f, 0}, {ImageChange::solarize, 0.6f, 6}},
    {{ImageChange::invert, 0.9f, 0}, {ImageChange::equalize, 0.6f, 0}},
    {{ImageChange::equalize, 0.6f, 0}, {ImageChange::rotate, 0.9f, 3}},
    {{ImageChange::shear_x, 0.9f, 4}, {ImageChange::autocontrast, 0.8f, 0}},
    {{ImageChange::shear_y, 0.9f, 8}, {ImageChange::invert, 0.4f, 0}},
    {{ImageChange::shear_y, 0.9f, 5}, {ImageChange::solarize, 0.2f, 6}},
    {{ImageChange::invert, 0.9f, 0}, {ImageChange::autocontrast, 0.8f, 0}},
    {{ImageChange::equalize, 0.6f, 0}, {ImageChange::rotate, 0.9f, 3}},
    {{ImageChange::shear_x, 0.9f, 4}, {ImageChange::solarize, 0.3f, 3}},
    {{ImageChange::shear_y, 0.8f, 8}, {ImageChange::invert, 0.7f, 0}},
    {{ImageChange::equalize, 0.9f, 0}, {ImageChange::move_y, 0.6f, 6}},
    {{ImageChange::invert, 0.9f, 0}, {ImageChange::equalize, 0.6f, 0}},
    {{ImageChange::contrast, 0.3f, 3}, {ImageChange::rotate, 0.8f, 4}},
    {{ImageChange::invert, 0.8f, 0}, {ImageChange::move_y, 0.0f, 2}},
    {{ImageChange::shear_y, 0.7f, 6}, {ImageChange::solarize, 0.4f, 8}},
    {{ImageChange::invert, 0.6f, 0}, {ImageChange::rotate, 0.8f, 4}},
    {{ImageChange::shear_y, 0.3f, 7}, {ImageChange::move_x, 0.9f, 3}},
    {{ImageChange::shear_x, 0.1f, 6}, {ImageChange::invert, 0.6f, 0}},
    {{ImageChange::solarize, 0.7f, 2}, {ImageChange::move_y, 0.6f, 7}},
    {{ImageChange::shear_y, 0.8f, 4}, {ImageChange::invert, 0.8f, 0}},
    {{ImageChange::shear_x, 0.7f, 9}, {ImageChange::move_y, 0.8f, 3}},
    {{ImageChange::shear_y, 0.8f, 5}, {ImageChange::autocontrast, 0.7f, 0}},
    {{ImageChange::shear_x, 0.7f, 2}, {ImageChange::invert, 0.1f, 0}},
};

}  // namespace detail

QUIX_INLINE Magnitude magnitude_of(ImageChange what, ChangeSpace space, int level, int levels, ImageSize size) {
  const bool wide = space == ChangeSpace::wide;
  const float share = static_cast<float>(level) / static_cast<float>(levels - 1);
  switch (what) {
    case ImageChange::shear_x:
    case ImageChange::shear_y: return {share * (wide ? 0.99f : 0.3f), true};
    case ImageChange::move_x: return {share * (wide ? 32.0f : 150.0f / 331 * static_cast<float>(size.width)), true};
    case ImageChange::move_y: return {share * (wide ? 32.0f : 150.0f / 331 * static_cast<float>(size.height)), true};
    case ImageChange::rotate: return {share * (wide ? 135.0f : 30.0f), true};
    case ImageChange::brightness:
    case ImageChange::color:
    case ImageChange::contrast:
    case ImageChange::sharpness: return {share * (wide ? 0.99f : 0.9f), true};
    case ImageChange::posterize: return {8 - std::nearbyint(share * (wide ? 6.0f : 4.0f)), false};
    case ImageChange::solarize: return {255 * (1 - share), false};
    default: return {};
  }
}

QUIX_INLINE void change_image(ImageSample& views, ImageChange what, float magnitude) {
  // Shears keep the upper left corner, as torchvision's policies do.
  const double left = -static_cast<double>(views.size().width) / 2, top = -static_cast<double>(views.size().height) / 2;
  const double shear = std::atan(static_cast<double>(magnitude)) * 180 / std::numbers::pi,
               pixels = std::trunc(static_cast<double>(magnitude));
  switch (what) {
    case ImageChange::none: return;
    case ImageChange::shear_x: return views.transform(affine_map(0, 0, 0, shear, 0, left, top));
    case ImageChange::shear_y: return views.transform(affine_map(0, 0, 0, 0, shear, left, top));
    case ImageChange::move_x: return views.transform(affine_map(0, pixels, 0, 0, 0));
    case ImageChange::move_y: return views.transform(affine_map(0, 0, pixels, 0, 0));
    case ImageChange::rotate: return views.transform(affine_map(-static_cast<double>(magnitude), 0, 0, 0, 0));
    default: break;
  }
  for (std::size_t i = 0; i < views.images(); ++i) {
    auto& image = views.image(i);
    switch (what) {
      case ImageChange::brightness: adjust_brightness(image, 1 + magnitude); break;
      case ImageChange::color: adjust_saturation(image, 1 + magnitude); break;
      case ImageChange::contrast: adjust_contrast(image, 1 + magnitude); break;
      case ImageChange::sharpness: adjust_sharpness(image, 1 + magnitude, views.scratch()); break;
      case ImageChange::posterize: posterize(image, static_cast<int>(magnitude)); break;
      case ImageChange::solarize: solarize(image, magnitude); break;
      case ImageChange::autocontrast: autocontrast(image); break;
      case ImageChange::equalize: equalize(image); break;
      case ImageChange::invert: invert(image); break;
      default: break;
    }
  }
}

namespace detail {

inline void change_at_level(ImageSample& views, Rng& draws, ImageChange what, ChangeSpace space, int level,
                            int levels) {
  const auto magnitude = magnitude_of(what, space, level, levels, views.size());
  change_image(views, what, magnitude.has_sign && draws.chance(0.5f) ? -magnitude.value : magnitude.value);
}

/// All but `invert`.
inline ImageChange drawn_change(Rng& draws) { return static_cast<ImageChange>(draws.below(14)); }

}  // namespace detail

QUIX_INLINE void RandAugment::apply(ImageSample& views, Rng& draws) const {
  for (int i = 0; i < ops; ++i) {
    const auto what = detail::drawn_change(draws);
    detail::change_at_level(views, draws, what, ChangeSpace::usual, magnitude, 31);
  }
}

QUIX_INLINE void TrivialAugment::apply(ImageSample& views, Rng& draws) const {
  if (!enabled) return;
  const auto what = detail::drawn_change(draws);
  detail::change_at_level(views, draws, what, ChangeSpace::wide, static_cast<int>(draws.below(31)), 31);
}

QUIX_INLINE void AutoAugment::apply(ImageSample& views, Rng& draws) const {
  const auto& table = policy == AutoPolicy::imagenet  ? detail::imagenet_policy
                      : policy == AutoPolicy::cifar10 ? detail::cifar10_policy
                                                      : detail::svhn_policy;
  for (const auto& step : table[draws.below(25)])
    if (draws.chance(step.probability))
      detail::change_at_level(views, draws, step.what, ChangeSpace::usual, step.level, 10);
}

}  // namespace quix
