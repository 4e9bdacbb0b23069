#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <quix/cfg/note.hpp>
#include <quix/cfg/reflect.hpp>
#include <quix/data/auto_augment.hpp>
#include <quix/data/views.hpp>
#include <quix/detail/refused.hpp>

// Augmentations of one sample, on uint8, in the decoding threads. A struct of transforms is a pipeline: its fields are
// applied in order. Random numbers depend only on (seed, epoch, position, field).

namespace quix {

/// A transform of a pipeline: `apply` in training and, optionally, `evaluate` in evaluation.
template <class O>
concept SampleOp = requires(const O& op, ImageSample& views, Rng& draws) {
  op.apply(views, draws);
};

/// A crop of random area and aspect ratio, resized to size × size; in evaluation a center crop.
struct RandomResizedCrop {
  int size = 224;
  std::array<float, 2> scale{0.08f, 1.0f};
  std::array<float, 2> ratio{0.75f, 1.3333333f};
  std::vector<Interpolation> interpolations{Interpolation::bilinear};
  float val_crop_fraction = 0.875f;
  bool draft = true;

  static constexpr std::array notes = {
      quix::note<&RandomResizedCrop::size>("side of the result", {.min = 1, .max = 65535, .unit = "px"}),
      quix::note<&RandomResizedCrop::scale>("fraction of the area, from and to", {.max = 1, .above = 0}),
      quix::note<&RandomResizedCrop::ratio>("width over height, from and to", {.above = 0}),
      quix::note<&RandomResizedCrop::interpolations>("interpolation methods; one is drawn per sample"),
      quix::note<&RandomResizedCrop::val_crop_fraction>("center crop in evaluation, as a fraction of the shorter side",
                                                        {.max = 1, .above = 0, .was = "val_share"}),
      quix::note<&RandomResizedCrop::draft>(
          "training: decode large JPEGs at 1/2, 1/4 or 1/8 of their size if that suffices"),
  };
  std::optional<Conflict> check() const {
    if (interpolations.empty())
      return conflict<&RandomResizedCrop::interpolations>("empty list; name at least one method");
    if (scale[0] > scale[1]) return conflict<&RandomResizedCrop::scale>("minimum exceeds maximum");
    if (ratio[0] > ratio[1]) return conflict<&RandomResizedCrop::ratio>("minimum exceeds maximum");
    return {};
  }
  /// Draws the crop: up to ten tries, then a center crop, as torchvision does.
  Region draw(ImageSize image, Rng& draws) const;
  void apply(ImageSample& views, Rng& draws) const;
  void evaluate(ImageSample& views) const;
};

/// Resizes the shorter side to `height` and keeps the aspect ratio; or, with `width`, resizes to width × height.
struct Resize {
  int height = 256;
  int width = 0;
  Interpolation interpolation = Interpolation::bilinear;

  static constexpr std::array notes = {
      quix::note<&Resize::height>("height, or the shorter side if width is 0", {.min = 1, .max = 65535, .unit = "px"}),
      quix::note<&Resize::width>("width; 0 keeps the aspect ratio", {.min = 0, .max = 65535, .unit = "px"}),
      quix::note<&Resize::interpolation>("interpolation method"),
  };
  void apply(ImageSample& views, Rng&) const { evaluate(views); }
  void evaluate(ImageSample& views) const;
};

/// A center crop without resizing. Throws Error when the image is smaller.
struct CenterCrop {
  int size = 224;

  static constexpr std::array notes = {
      quix::note<&CenterCrop::size>("side of the crop", {.min = 1, .max = 65535, .unit = "px"})};
  void apply(ImageSample& views, Rng&) const { evaluate(views); }
  void evaluate(ImageSample& views) const;
};

struct HorizontalFlip {
  float p = 0.5f;

  static constexpr std::array notes = {quix::note<&HorizontalFlip::p>("probability", {.min = 0, .max = 1})};
  void apply(ImageSample& views, Rng& draws) const {
    if (draws.chance(p)) views.flip_horizontal();
  }
};

struct VerticalFlip {
  float p = 0.5f;

  static constexpr std::array notes = {quix::note<&VerticalFlip::p>("probability", {.min = 0, .max = 1})};
  void apply(ImageSample& views, Rng& draws) const {
    if (draws.chance(p)) views.flip_vertical();
  }
};

/// Changes brightness, contrast, saturation and hue, in a random order. Factors are drawn from 1 - x to 1 + x.
struct ColorJitter {
  float brightness = 0, contrast = 0, saturation = 0, hue = 0;

  static constexpr std::array notes = {
      quix::note<&ColorJitter::brightness>("maximum change: the factor is within 1 ± this", {.min = 0}),
      quix::note<&ColorJitter::contrast>("maximum change: the factor is within 1 ± this", {.min = 0}),
      quix::note<&ColorJitter::saturation>("maximum change: the factor is within 1 ± this", {.min = 0}),
      quix::note<&ColorJitter::hue>("maximum hue shift, as a fraction of the circle", {.min = 0, .max = 0.5}),
  };
  void apply(ImageSample& views, Rng& draws) const;
};

struct Grayscale {
  float p = 0.1f;

  static constexpr std::array notes = {quix::note<&Grayscale::p>("probability", {.min = 0, .max = 1})};
  void apply(ImageSample& views, Rng& draws) const;
};

struct Solarize {
  float p = 0.2f;
  float threshold = 128;

  static constexpr std::array notes = {
      quix::note<&Solarize::p>("probability", {.min = 0, .max = 1}),
      quix::note<&Solarize::threshold>("values of at least this are inverted", {.min = 0, .max = 256}),
  };
  void apply(ImageSample& views, Rng& draws) const;
};

struct GaussianBlur {
  float p = 0.5f;
  std::array<float, 2> sigma{0.1f, 2.0f};

  static constexpr std::array notes = {
      quix::note<&GaussianBlur::p>("probability", {.min = 0, .max = 1}),
      quix::note<&GaussianBlur::sigma>("standard deviation, from and to; the kernel is a tenth of the image",
                                       {.above = 0, .unit = "px"}),
  };
  void apply(ImageSample& views, Rng& draws) const;
};

/// 3-Augment: solarize, change the saturation, or blur (Touvron, Cord, Jegou: DeiT III, 2022).
struct ThreeAugment {
  bool enabled = true;

  static constexpr std::array notes = {
      quix::note<&ThreeAugment::enabled>("apply one of solarize, saturation, blur to each sample", {.was = "on"})};
  void apply(ImageSample& views, Rng& draws) const;
};

/// Fills a random rectangle with `value` (Zhong et al.: Random erasing data augmentation, 2017).
struct RandomErasing {
  float p = 0.25f;
  std::array<float, 2> scale{0.02f, 0.33f};
  std::array<float, 2> ratio{0.3f, 3.3f};
  int value = 0;

  static constexpr std::array notes = {
      quix::note<&RandomErasing::p>("probability", {.min = 0, .max = 1}),
      quix::note<&RandomErasing::scale>("fraction of the area, from and to", {.max = 1, .above = 0}),
      quix::note<&RandomErasing::ratio>("height over width, from and to", {.above = 0}),
      quix::note<&RandomErasing::value>("fill value of each channel", {.min = 0, .max = 255}),
  };
  void apply(ImageSample& views, Rng& draws) const;
};

namespace detail {

/// Whether T has something of a name, whatever its signature.
struct NamedApply {
  int apply;
};
struct NamedEvaluate {
  int evaluate;
};
template <class T>
concept NamesApply = std::is_class_v<T> && !std::is_final_v<T> && !requires {
  &WithName<T, NamedApply>::apply;
};
template <class T>
concept NamesEvaluate = std::is_class_v<T> && !std::is_final_v<T> && !requires {
  &WithName<T, NamedEvaluate>::evaluate;
};
template <class O>
concept Evaluates = requires(const O& op, ImageSample& views) {
  op.evaluate(views);
};

/// Reports the function of a transform whose signature prevents that it is called.
template <class O>
constexpr void say_step(Verdict& verdict, std::string_view name) {
  const auto say = [&](std::string_view what, std::string_view instead) {
    if (!verdict.ok) return;
    verdict.say("quix: ");
    verdict.say(name);
    verdict.say(name.empty() ? "the transform " : " is the transform ");
    verdict.say(type_name<O>());
    verdict.say(", whose ");
    verdict.say(what);
    verdict.say("() is never called as declared; write  ");
    verdict.say(instead);
  };
  if constexpr (NamesApply<O> && !SampleOp<O>)
    say("apply", "void apply(quix::ImageSample& views, quix::Rng& draws) const");
  else if constexpr (SampleOp<O> && NamesEvaluate<O> && !Evaluates<O>)
    say("evaluate", "void evaluate(quix::ImageSample& views) const");
}

/// The error about the first transform that would never be called; empty if there is none.
template <class A>
constexpr Verdict steps_verdict() {
  Verdict verdict;
  say_step<A>(verdict, "");
  if constexpr (!SampleOp<A> && std::is_aggregate_v<A> && std::is_class_v<A>)
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (say_step<boost::pfr::tuple_element_t<I, A>>(verdict, names<A>[I]), ...);
    }
  (std::make_index_sequence<boost::pfr::tuple_size_v<A>>{});
  return verdict;
}
template <class A>
consteval bool check_steps() {
  constexpr auto verdict = steps_verdict<A>();
  if constexpr (!verdict.ok) (void)sizeof(Report<verdict>);
  return verdict.ok;
}
template <class A>
inline constexpr bool has_callable_steps = check_steps<A>();

/// Whether a type is a transform of samples, or an aggregate with one among its fields.
template <class A>
constexpr bool has_sample_ops = [] {
  if constexpr (SampleOp<A>)
    return true;
  else if constexpr (std::is_aggregate_v<A> && std::is_class_v<A>)
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return (SampleOp<boost::pfr::tuple_element_t<I, A>> || ...);
    }
  (std::make_index_sequence<boost::pfr::tuple_size_v<A>>{});
  else return false;
}();

template <class O>
void apply_op(const O& op, ImageSample& views, const RngKey& moment, std::uint32_t number) {
  if constexpr (SampleOp<O>) {
    if (moment.train) {
      Rng draws(moment.seed, RngStream::augment, moment.epoch, moment.position, number);
      op.apply(views, draws);
    } else if constexpr (requires { op.evaluate(views); }) {
      op.evaluate(views);
    }
  }
}

}  // namespace detail

/// The function that decoding threads apply to each sample; empty for a pipeline without transforms of samples. It
/// points to `pipeline`, which must outlive it: a temporary does not compile.
template <class A>
SampleTransform sample_transform(const A& pipeline) {
  if constexpr (!detail::has_callable_steps<A> || !detail::has_sample_ops<A>)
    return {};
  else
    return {.ops = &pipeline, .apply = [](const void* ops, ImageSample& views, const RngKey& moment) {
              const auto& self = *static_cast<const A*>(ops);
              if constexpr (SampleOp<A>)
                detail::apply_op(self, views, moment, 0);
              else
                boost::pfr::for_each_field(self, [&](const auto& op, std::size_t i) {
                  detail::apply_op(op, views, moment, static_cast<std::uint32_t>(i));
                });
            }};
}
template <class A>
SampleTransform sample_transform(const A&& pipeline) {
  static_assert(detail::refused<A>,
                "quix: sample_transform points to the pipeline; pass a variable that outlives the split, not a "
                "temporary:  quix::CenterCrop crop{};  split.augment(quix::sample_transform(crop));");
  return sample_transform(pipeline);
}

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/augment.ipp>
#endif
