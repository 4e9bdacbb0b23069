#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/metric.hpp>

// Ready metrics; what one needs is in proc/metric.hpp. Class numbers below 0, and those that the outputs do not have,
// count in none of them. Where an output is not a number, the sample counts as wrong.

namespace quix {

/// The share of samples whose largest output is their class.
struct Accuracy {
  static constexpr const char* name = "accuracy";
  Measure operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// The share of samples whose class is among the k largest outputs; of all, where there are fewer classes.
struct TopK {
  int k = 5;

  static constexpr std::array notes = {quix::note<&TopK::k>("outputs that may be right", {.min = 1})};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// The share of right samples of each class, and its mean over classes.
struct ClassAccuracy {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// Precision, recall and F1, each the mean over the classes that occur or are guessed; `f1_weighted`, the mean weighted
/// by how often each occurs; `f1/i` of class i.
struct PrecisionRecall {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// How often class i was taken for class j: `confusion`, a matrix [classes, classes] with a row for each true class.
struct Confusion {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double>) const { return {}; }
  ScoreArrays arrays(std::span<const double> counts) const;
};

/// Intersection over union of each class, and its mean over the classes that occur or are guessed: outputs
/// [B, classes, …], class numbers [B, …].
struct MeanIoU {
  std::int64_t ignore = -100;

  static constexpr std::array notes = {quix::note<&MeanIoU::ignore>("class number that does not count")};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// Mean absolute and squared error, and R², of numbers. R² is made of sums in double: where targets lie a million times
/// their spread from zero, four digits of it are left.
struct RegressionErrors {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// Area under the receiver operating characteristic: of logits and targets 0 or 1 of one shape, a label [B] or a mask
/// [B, H, W], or several, [B, labels] or [B, labels, H, W], and then their mean; of logits [B, classes, …] and class
/// numbers [B, …] the mean over one class against all others. By histograms of the log-odds with `bins` bins from -12
/// to 12; two samples in one bin count as equal.
struct Auroc {
  int bins = 2048;

  static constexpr std::array notes = {quix::note<&Auroc::bins>("of each histogram", {.min = 2, .max = 1 << 20})};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/metrics.ipp>
#endif
