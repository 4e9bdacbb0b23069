#pragma once

#include <array>
#include <vector>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/loss.hpp>

namespace quix {

/// Softmax cross-entropy of logits [B, classes, …] and class indices [B, …], or soft labels [B, classes, …]. Soft
/// labels that sum to less than 1 count by their sum; the class `ignore_index` does not count.
struct CrossEntropy {
  float label_smoothing = 0;
  std::vector<float> class_weights{};
  std::int64_t ignore_index = -100;

  static constexpr std::array notes = {
      quix::note<&CrossEntropy::label_smoothing>("label smoothing: probability spread over all classes",
                                                 {.min = 0, .below = 1, .was = "smoothing"}),
      quix::note<&CrossEntropy::class_weights>("weight per class; empty: all 1", {.min = 0}),
      quix::note<&CrossEntropy::ignore_index>("class index to ignore", {.was = "ignore"}),
  };

  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

/// Binary cross-entropy of logits and targets in 0 … 1 of the same shape; [B, 1, …] and [B, …] match too. The mean over
/// a sample's values.
struct BinaryCrossEntropy {
  float pos_weight = 1;

  static constexpr std::array notes = {
      quix::note<&BinaryCrossEntropy::pos_weight>("weight of positive targets", {.above = 0, .was = "positive_weight"}),
  };
  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

/// Squared error; the mean over a sample's values.
struct MeanSquaredError {
  Loss operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// Absolute error; the mean over a sample's values.
struct MeanAbsoluteError {
  Loss operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// Squared error for small differences, absolute for large ones (Huber, 1964); the mean over a sample's values.
struct Huber {
  float delta = 1;

  static constexpr std::array notes = {
      quix::note<&Huber::delta>("threshold between squared and absolute error", {.above = 0}),
  };
  Loss operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// Cross-entropy that reduces the weight of easy samples (Lin et al.: Focal loss, 2017): -(1 - p)^gamma log p. Takes
/// logits [B, classes, …] and class indices; or logits and targets in 0 … 1 of one shape, each a separate label, with
/// `alpha` for positive targets. (Mix makes soft labels: use CrossEntropy.)
struct FocalLoss {
  float gamma = 2;
  float alpha = -1;
  std::int64_t ignore_index = -100;

  static constexpr std::array notes = {
      quix::note<&FocalLoss::gamma>("focusing exponent; 0: cross-entropy", {.min = 0}),
      quix::note<&FocalLoss::alpha>("weight of positive targets, 1 - alpha of negative ones; below 0: none",
                                    {.max = 1}),
      quix::note<&FocalLoss::ignore_index>("class index to ignore", {.was = "ignore"}),
  };
  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

/// 1 - the Dice coefficient of each class, averaged over classes (Milletari et al.: V-Net, 2016). Takes logits [B,
/// classes, …] and class indices [B, …]; or logits and targets in 0 … 1 of one shape, masks of one class [B, H, W] or
/// of several [B, classes, H, W]. `cross_entropy` above 0 adds a cross-entropy; the loss terms are logged as dice and
/// cross_entropy. With ignored pixels, the sum over micro-batches is not exactly that of the batch: both terms have one
/// weight.
struct Dice {
  float smooth = 1;
  float cross_entropy = 0;
  std::int64_t ignore_index = -100;

  static constexpr std::array notes = {
      quix::note<&Dice::smooth>("added to numerator and denominator", {.min = 0}),
      quix::note<&Dice::cross_entropy>("weight of an added cross-entropy; 0: none", {.min = 0}),
      quix::note<&Dice::ignore_index>("class index to ignore", {.was = "ignore"}),
  };
  Loss operator()(const at::Tensor& logits, const at::Tensor& target) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/losses.ipp>
#endif
