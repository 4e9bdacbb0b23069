#pragma once

#include <array>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/data/augment.hpp>
#include <quix/detail/separate.hpp>

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

namespace detail {

/// Applies the transforms of a batch's tensor, in order. Without one, uint8 becomes 0 … 1.
template <class A>
at::Tensor augment_tensor(const A& pipeline, at::Tensor images) {
  if constexpr (std::is_invocable_r_v<at::Tensor, const A&, const at::Tensor&>) {
    return pipeline(images);
  } else {
    boost::pfr::for_each_field(pipeline, [&]<class O>(const O& op) {
      if constexpr (std::is_invocable_r_v<at::Tensor, const O&, const at::Tensor&>) images = op(images);
    });
    return images.scalar_type() == at::kByte ? Normalize{}(images) : images;
  }
}

template <class O>
concept BatchMix = requires(const O& op, at::Tensor& tensor, Rng& draws) {
  op.mix(tensor, tensor, 1, draws);
};

template <class O>
inline constexpr bool is_step_of_augmentation =
    std::is_invocable_r_v<at::Tensor, const O&, const at::Tensor&> || SampleOp<O> || BatchMix<O>;

template <class A>
constexpr bool is_augmentation = [] {
  if constexpr (std::is_invocable_r_v<at::Tensor, const A&, const at::Tensor&> || SampleOp<A>)
    return true;
  else if constexpr (std::is_aggregate_v<A> && std::is_class_v<A>)
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return sizeof...(I) > 0 && (is_step_of_augmentation<boost::pfr::tuple_element_t<I, A>> && ...);
    }
  (std::make_index_sequence<boost::pfr::tuple_size_v<A>>{});
  else return false;
}();

/// Applies the transforms that mix a batch.
template <class A>
void mix_batch(const A& pipeline, at::Tensor& images, at::Tensor& labels, std::int64_t classes, const RngKey& moment) {
  if constexpr (!std::is_invocable_r_v<at::Tensor, const A&, const at::Tensor&> && !SampleOp<A>)
    boost::pfr::for_each_field(pipeline, [&]<class O>(const O& op, std::size_t i) {
      if constexpr (BatchMix<O>) {
        Rng draws(moment.seed, RngStream::mix, moment.epoch, moment.position, static_cast<std::uint32_t>(i));
        op.mix(images, labels, classes, draws);
      }
    });
}

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/augment.ipp>
#endif
