#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <torch/types.h>

#include <quix/cfg/note.hpp>
#include <quix/detail/separate.hpp>
#include <quix/proc/metric.hpp>

// Ready metrics; proc/metric.hpp describes what a metric needs. Samples whose class index is below 0 or beyond the
// outputs do not count. Samples with a NaN output count as wrong.

namespace quix {

/// The fraction of samples whose largest output is their class.
struct Accuracy {
  static constexpr const char* name = "accuracy";
  Measure operator()(const at::Tensor& outputs, const at::Tensor& target) const;
};

/// The fraction of samples whose class is among the k largest outputs; k is limited to the number of classes.
struct TopK {
  int k = 5;

  static constexpr std::array notes = {quix::note<&TopK::k>("k: top outputs to accept", {.min = 1})};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// Mean of the accuracies per class; `accuracy_by_class` [classes].
struct ClassAccuracy {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
  ScoreArrays arrays(std::span<const double> counts) const;
};

/// Precision, recall and F1, each the mean over the classes that occur or are predicted; `f1_weighted`, the mean
/// weighted by class frequency; `f1_by_class` [classes].
struct PrecisionRecall {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
  ScoreArrays arrays(std::span<const double> counts) const;
};

/// Confusion matrix: `confusion` [classes, classes], with true classes as rows and predicted classes as columns.
struct Confusion {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double>) const { return {}; }
  ScoreArrays arrays(std::span<const double> counts) const;
};

/// Intersection over union: its mean over the classes that occur or are predicted, and `iou_by_class` [classes].
/// Outputs [B, classes, …], class indices [B, …].
struct MeanIoU {
  std::int64_t ignore_index = -100;

  static constexpr std::array notes = {quix::note<&MeanIoU::ignore_index>("class index to ignore", {.was = "ignore"})};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
  ScoreArrays arrays(std::span<const double> counts) const;
};

/// Mean absolute and squared error, and R², of real-valued outputs. R² is computed from sums in double: for targets a
/// million times their spread away from zero it has four correct digits.
struct RegressionErrors {
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

/// Area under the receiver operating characteristic: of logits and targets 0 or 1 of one shape, a label [B] or a mask
/// [B, H, W], or several, [B, labels] or [B, labels, H, W], and then their mean; of logits [B, classes, …] and class
/// indices [B, …] the mean over one class against all others. Computed from histograms of the log-odds with `bins` bins
/// from -12 to 12; two samples in one bin count as equal.
struct Auroc {
  int bins = 2048;

  static constexpr std::array notes = {quix::note<&Auroc::bins>("bins per histogram", {.min = 2, .max = 1 << 20})};
  Counts counts(const at::Tensor& outputs, const at::Tensor& target) const;
  Totals values(std::span<const double> counts) const;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/zoo/metrics.ipp>
#endif
