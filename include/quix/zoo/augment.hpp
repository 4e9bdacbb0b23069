#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/data/augment.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/augment.hpp>

namespace quix {

/// Converts uint8 images [B, C, H, W] to float32: scales to [0, 1], subtracts `mean`, divides by `std`. Both have one
/// number for all channels or one per channel. Other tensors are unchanged.
struct Normalize {
  std::vector<float> mean{0.0f};
  std::vector<float> std{1.0f};

  static constexpr std::array notes = {
      quix::note<&Normalize::mean>("mean of values in 0…1, for all channels or per channel", {}),
      quix::note<&Normalize::std>("standard deviation of values in 0…1, likewise", {.above = 0}),
  };

  at::Tensor operator()(const at::Tensor& images) const;
};

/// MixUp and CutMix of a batch, drawn for each batch: class indices [B] become soft labels [B, classes]. An index that
/// is not a class (negative, 255) has a row of zeros, which CrossEntropy does not count. With both alphas above 0 each
/// applies to half of the batches. Training only; metrics get the class index of the larger share. Zhang et al.: mixup,
/// 2017. Yun et al.: CutMix, 2019.
struct Mix {
  float mixup_alpha = 0;
  float cutmix_alpha = 0;

  static constexpr std::array notes = {
      quix::note<&Mix::mixup_alpha>("MixUp alpha; 0 disables", {.min = 0}),
      quix::note<&Mix::cutmix_alpha>("CutMix alpha; 0 disables", {.min = 0}),
  };
  bool enabled() const { return mixup_alpha > 0 || cutmix_alpha > 0; }
  [[deprecated("renamed enabled()")]] bool on() const { return enabled(); }
  /// Mixes each sample of `images` [B, C, H, W] and `labels` [B] with the one before it.
  void mix(at::Tensor& images, at::Tensor& labels, std::int64_t classes, Rng& draws) const;
};

/// images × share + the batch shifted by one × (1 - share); labels likewise.
void mixup(at::Tensor& images, at::Tensor& labels, std::int64_t classes, double share);
/// Replaces a rectangle by that of the batch shifted by one; mixes labels by area.
void cutmix(at::Tensor& images, at::Tensor& labels, std::int64_t classes, Region region);
/// A draw from Beta(alpha, alpha).
double drawn_beta(double alpha, Rng& draws);

enum class Strength : std::uint8_t { none, light, medium, strong };

/// RandAugment at one of Python quix's strengths, 3-Augment, or one of both.
struct MainAugment {
  Strength randaugment = Strength::medium;
  bool three = false;

  static constexpr std::array notes = {
      quix::note<&MainAugment::randaugment>(
          "RandAugment: two operations of magnitude 10 (light), 15 (medium) or 20 (strong)"),
      quix::note<&MainAugment::three>("3-Augment, instead of RandAugment or alternating with it"),
  };
  void apply(ImageSample& views, Rng& draws) const;
};

/// Python quix's default augmentation, from images of any size to training batches: random crops, RandAugment, jitter,
/// flips, normalization, mixing. In evaluation a center crop (Python quix changed the aspect ratio).
struct ImageAugment {
  RandomResizedCrop crop{.interpolations = {Interpolation::bilinear, Interpolation::bicubic, Interpolation::nearest}};
  MainAugment augment{};
  ColorJitter jitter{.brightness = 0.3f, .contrast = 0.3f};
  HorizontalFlip hflip{};
  VerticalFlip vflip{.p = 0};
  Normalize normalize{.mean = {0.485f, 0.456f, 0.406f}, .std = {0.229f, 0.224f, 0.225f}};
  Mix mix{};
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/augment.ipp>
#endif
