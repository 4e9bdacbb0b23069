#pragma once

#include <array>
#include <optional>
#include <string_view>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

/// Enables autocast to `type` for its lifetime. Then restores the previous settings, also after an exception, and drops
/// the cached casts.
class Autocast {
 public:
  Autocast(at::DeviceType device, at::ScalarType type);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType device_;
  bool enabled_;
  at::ScalarType type_;
};

/// Disables autocast for its lifetime: for augmentations and metrics during an evaluation.
class NoAutocast {
 public:
  explicit NoAutocast(at::DeviceType device);
  ~NoAutocast();
  NoAutocast(const NoAutocast&) = delete;
  NoAutocast& operator=(const NoAutocast&) = delete;

 private:
  at::DeviceType device_;
  bool enabled_;
};

/// The loss scale of fp16, which keeps small gradients from vanishing: shrinks after a step that overflows, and grows
/// after many that did not (Micikevicius et al., 2018). Uses LibTorch's kernel.
class GradScaler {
 public:
  GradScaler(double init_scale, double growth_factor, double backoff_factor, int growth_interval);
  double scale() const;
  /// Call after a step. `overflow`: some gradient was not finite.
  void update(bool overflow);
  NamedTensors state() const { return {{"scaler.scale", scale_}, {"scaler.tracker", tracker_}}; }

 private:
  at::Tensor scale_, tracker_;
  double growth_, backoff_;
  int interval_;
};

/// A precision policy: `autocast()` returns the autocast type, and `scaler()` a GradScaler; both are optional.
template <class P>
concept Precision = requires(const P& policy) {
  { policy.autocast() } -> std::convertible_to<std::optional<at::ScalarType>>;
  { policy.scaler() } -> std::convertible_to<std::optional<GradScaler>>;
};

/// float32 throughout.
struct Fp32 {
  bool tf32 = false;

  static constexpr std::string_view name = "fp32";
  static constexpr std::array notes = {
      quix::note<&Fp32::tf32>("allow TF32 matmul and convolution; process-wide, last BatchProcessor wins"),
  };
  std::optional<at::ScalarType> autocast() const;
  std::optional<GradScaler> scaler() const { return {}; }
};

/// bfloat16 where it is safe; weights, gradients and optimizer in float32.
struct Bf16 {
  static constexpr std::string_view name = "bf16";
  std::optional<at::ScalarType> autocast() const { return at::kBFloat16; }
  std::optional<GradScaler> scaler() const { return {}; }
};

/// float16 where it is safe, with a scaled loss; weights, gradients and optimizer in float32.
struct Fp16 {
  float init_scale = 65536;
  float growth_factor = 2;
  float backoff_factor = 0.5f;
  int growth_interval = 2000;

  static constexpr std::string_view name = "fp16";
  static constexpr std::array notes = {
      quix::note<&Fp16::init_scale>("initial loss scale", {.above = 0, .was = "scale"}),
      quix::note<&Fp16::growth_factor>("growth factor of the loss scale", {.min = 1, .was = "growth"}),
      quix::note<&Fp16::backoff_factor>("factor of the loss scale after an overflow",
                                        {.above = 0, .below = 1, .was = "backoff"}),
      quix::note<&Fp16::growth_interval>("steps without overflow before the scale grows",
                                         {.min = 1, .was = "interval"}),
  };
  std::optional<at::ScalarType> autocast() const { return at::kHalf; }
  std::optional<GradScaler> scaler() const {
    return GradScaler(static_cast<double>(init_scale), static_cast<double>(growth_factor),
                      static_cast<double>(backoff_factor), growth_interval);
  }
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/precision.ipp>
#endif
