#pragma once

#include <array>
#include <cstdint>

#include <quix/cfg/note.hpp>
#include <quix/data/views.hpp>

// Augmentations by policy. Operations, magnitudes and policies are those of torchvision 0.14
// (tests/golden/make_augment.py).

namespace quix {

/// The operations that policies draw from.
enum class ImageChange : std::uint8_t {
  none,
  shear_x,
  shear_y,
  move_x,
  move_y,
  rotate,
  brightness,
  color,
  contrast,
  sharpness,
  posterize,
  solarize,
  autocontrast,
  equalize,
  invert,
  colour [[deprecated("renamed color")]] = color
};

/// Applies an operation to a sample. Magnitudes: tangents for shears, pixels for translations, degrees for rotations,
/// factor - 1 for colors, bits for posterize, the threshold for solarize.
void change_image(ImageSample& views, ImageChange what, float magnitude);

/// The maximum magnitudes of a set of operations.
enum class ChangeSpace : std::uint8_t { usual, wide };
/// The magnitude of level `level` of `levels` (from 0), before a sign is drawn; and whether to draw one.
struct Magnitude {
  float value = 0;
  bool has_sign = false;
};
Magnitude magnitude_of(ImageChange what, ChangeSpace space, int level, int levels, ImageSize size);

/// RandAugment: `ops` operations drawn uniformly, all of one magnitude (Cubuk et al., 2020).
struct RandAugment {
  int ops = 2;
  int magnitude = 9;

  static constexpr std::array notes = {
      quix::note<&RandAugment::ops>("operations per sample; 0 disables", {.min = 0, .max = 14}),
      quix::note<&RandAugment::magnitude>("magnitude of every operation, 0 to 30", {.min = 0, .max = 30}),
  };
  void apply(ImageSample& views, Rng& draws) const;
};

/// TrivialAugment: one operation of any magnitude (Mueller and Hutter, 2021).
struct TrivialAugment {
  bool enabled = true;

  static constexpr std::array notes = {quix::note<&TrivialAugment::enabled>(
      "apply one random operation of random magnitude to each sample", {.was = "on"})};
  void apply(ImageSample& views, Rng& draws) const;
};

enum class AutoPolicy : std::uint8_t { imagenet, cifar10, svhn };

/// AutoAugment: two operations in a row, from a policy learned on a dataset (Cubuk et al., 2019).
struct AutoAugment {
  AutoPolicy policy = AutoPolicy::imagenet;

  static constexpr std::array notes = {quix::note<&AutoAugment::policy>("dataset whose learned policy to use")};
  void apply(ImageSample& views, Rng& draws) const;
};

namespace detail {
struct AutoStep {
  ImageChange what;
  float probability;
  int level;  ///< of 10
};
}  // namespace detail

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/auto_augment.ipp>
#endif
