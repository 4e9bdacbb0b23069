#pragma once

#include <array>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/loss.hpp>

namespace quix {

/// Softmax cross-entropy of logits [B, classes, …] and class numbers [B, …], or shares of classes [B, classes, …]: what
/// a sample's shares lack to a sum of 1, and the share of the class `ignore`, does not count.
struct CrossEntropy {
  float smoothing = 0;
  std::vector<float> class_weights{};
  std::int64_t ignore = -100;

  static constexpr std::array notes = {
      quix::note<&CrossEntropy::smoothing>("probability that is spread over all classes", {.min = 0, .below = 1}),
      quix::note<&CrossEntropy::class_weights>("one for each class; empty: all 1", {.min = 0}),
      quix::note<&CrossEntropy::ignore>("class number that does not count"),
  };

  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

/// Binary cross-entropy of logits and targets in 0 … 1 of the same shape; of [B, 1, …] and [B, …] too. The mean over a
/// sample's numbers.
struct BinaryCrossEntropy {
  float positive_weight = 1;

  static constexpr std::array notes = {
      quix::note<&BinaryCrossEntropy::positive_weight>("of the positive cases", {.above = 0}),
  };
  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

/// Squared error; the mean over a sample's numbers.
struct MeanSquaredError {
  Loss operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// Absolute error; the mean over a sample's numbers.
struct MeanAbsoluteError {
  Loss operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// Squared error for small differences, absolute for large ones (Huber, 1964); the mean over a sample's numbers.
struct Huber {
  float delta = 1;

  static constexpr std::array notes = {
      quix::note<&Huber::delta>("difference at which it turns", {.above = 0}),
  };
  Loss operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// Cross-entropy that looks away from easy samples (Lin et al.: Focal loss, 2017): -(1 - p)^gamma log p. Logits [B,
/// classes, …] and class numbers; or logits and targets in 0 … 1 of one shape, each a label of its own, with `alpha`
/// for the positive cases. (Labels that Mix has mixed are shares of classes: for CrossEntropy.)
struct FocalLoss {
  float gamma = 2;
  float alpha = -1;
  std::int64_t ignore = -100;

  static constexpr std::array notes = {
      quix::note<&FocalLoss::gamma>("how much easy samples count less; 0: cross-entropy", {.min = 0}),
      quix::note<&FocalLoss::alpha>("weight of positive cases, 1 - alpha of negative ones; below 0: none", {.max = 1}),
      quix::note<&FocalLoss::ignore>("class number that does not count"),
  };
  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

/// 1 - the Dice coefficient of each class, averaged over classes (Milletari et al.: V-Net, 2016). Logits [B, classes,
/// …] and class numbers [B, …]; or logits and targets in 0 … 1 of one shape, masks of one class [B, H, W] or of several
/// [B, classes, H, W]. With `cross_entropy` above 0 that is added; the parts are reported as dice and cross_entropy.
/// Where pixels do not count, the sum over pieces of a batch is not exactly that of the batch: both parts have one
/// weight.
struct Dice {
  float smooth = 1;
  float cross_entropy = 0;
  std::int64_t ignore = -100;

  static constexpr std::array notes = {
      quix::note<&Dice::smooth>("added to both halves of the fraction", {.min = 0}),
      quix::note<&Dice::cross_entropy>("weight of a cross-entropy that is added", {.min = 0}),
      quix::note<&Dice::ignore>("class number that does not count"),
  };
  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/losses.ipp>
#endif
