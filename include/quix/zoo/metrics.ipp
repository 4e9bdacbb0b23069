#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <ATen/ops/arange.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/where.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/metrics.hpp>
#include <quix/zoo/shapes.hpp>

namespace quix {
namespace detail {

inline Counts to_counts(const at::Tensor& tensor) {
  const auto flat = tensor.to(at::kDouble).to(at::kCPU).contiguous();
  const auto* begin = flat.const_data_ptr<double>();
  return {begin, begin + flat.numel()};
}

/// True and predicted class indices of the samples that count: existing classes except `ignore`.
struct Guesses {
  at::Tensor truth, guess;
  std::int64_t classes;
};
inline Guesses guesses(const at::Tensor& outputs, const at::Tensor& target, std::int64_t ignore = -100) {
  const auto truth = class_numbers("metrics", outputs, target);
  const auto counts = truth.ge(0).logical_and_(truth.lt(outputs.size(1))).logical_and_(truth.ne(ignore));
  // A prediction of NaN is not a class.
  const auto [largest, guess] = outputs.max(1);
  return {truth.masked_select(counts), guess.masked_fill(largest.isnan(), -1).masked_select(counts), outputs.size(1)};
}

/// Number of class indices of existing classes. Others are those that the loss ignores, -100 or 255.
inline double counted(const at::Tensor& truth, const at::Tensor& outputs) {
  return truth.ge(0).logical_and_(truth.lt(outputs.size(1))).sum().item<double>();
}

/// Counts per class: true positives, predicted, true.
inline Counts class_counts(const at::Tensor& outputs, const at::Tensor& target, std::int64_t ignore = -100) {
  const at::NoGradGuard no_grad;
  const auto [truth, guess, classes] = guesses(outputs, target, ignore);
  const auto right = truth.masked_select(truth.eq(guess));
  const auto said = guess.masked_select(guess.ge(0));
  return to_counts(
      at::cat({at::bincount(right, {}, classes), at::bincount(said, {}, classes), at::bincount(truth, {}, classes)}));
}

/// A ratio per class from class_counts(), as `ratio(true positives, predicted, true)` gives it; not a number for a
/// class without a value.
template <class Ratio>
ScoreArray by_class(std::span<const double> n, Ratio&& ratio) {
  const auto classes = n.size() / 3;
  ScoreArray out{.shape = {classes}};
  for (std::size_t i = 0; i < classes; ++i) {
    const Measure one = ratio(n[i], n[classes + i], n[2 * classes + i]);
    out.numbers.push_back(one.has_value() ? one.value() : std::nan(""));
  }
  return out;
}
/// The mean over the classes that have a value.
inline Measure mean_of(const ScoreArray& array) {
  Measure out;
  for (const double value : array.numbers)
    if (!std::isnan(value)) out += {value, 1};
  return out;
}

inline ScoreArray recall_by_class(std::span<const double> n) {
  return by_class(n, [](double right, double, double are) { return Measure{right, are}; });
}
inline ScoreArray f1_by_class(std::span<const double> n) {
  return by_class(n, [](double right, double said, double are) { return Measure{2 * right, said + are}; });
}
inline ScoreArray iou_by_class(std::span<const double> n) {
  return by_class(n, [](double right, double said, double are) { return Measure{right, said + are - right}; });
}
/// An array under a name; none where nothing was counted.
inline ScoreArrays named(const char* name, ScoreArray array) {
  if (array.numbers.empty()) return {};
  return {{name, std::move(array)}};
}

}  // namespace detail

QUIX_INLINE Measure Accuracy::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  const auto classes = detail::class_numbers("metrics", outputs, target);
  const auto [largest, guess] = outputs.max(1);
  const auto right = guess.eq(classes).logical_and_(largest.eq(largest)).sum().item<std::int64_t>();
  return {static_cast<double>(right), detail::counted(classes, outputs)};
}

QUIX_INLINE Counts TopK::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  const auto classes = detail::class_numbers("metrics", outputs, target);
  const auto [largest, best] = outputs.topk(std::min<std::int64_t>(k, outputs.size(1)), 1);
  const auto numbers = largest.isnan().logical_not_().all(1, /*keepdim=*/true);
  return {best.eq(classes.unsqueeze(1)).logical_and_(numbers).sum().item<double>(), detail::counted(classes, outputs)};
}
QUIX_INLINE Totals TopK::values(std::span<const double> n) const {
  return {{"top" + std::to_string(k), n.size() == 2 ? Measure{n[0], n[1]} : Measure{}}};
}

QUIX_INLINE Counts ClassAccuracy::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  return detail::class_counts(outputs, target);
}
QUIX_INLINE Totals ClassAccuracy::values(std::span<const double> n) const {
  return {{"class_accuracy", detail::mean_of(detail::recall_by_class(n))}};
}
QUIX_INLINE ScoreArrays ClassAccuracy::arrays(std::span<const double> n) const {
  return detail::named("accuracy_by_class", detail::recall_by_class(n));
}

QUIX_INLINE Counts PrecisionRecall::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  return detail::class_counts(outputs, target);
}
QUIX_INLINE Totals PrecisionRecall::values(std::span<const double> n) const {
  const auto classes = n.size() / 3;
  Totals out{{"precision", {}}, {"recall", {}}, {"f1", {}}, {"f1_weighted", {}}};
  for (std::size_t i = 0; i < classes; ++i) {
    const double right = n[i], said = n[classes + i], are = n[2 * classes + i];
    if (said + are == 0) continue;  // a class that neither occurs nor is predicted
    out[0].second += {said > 0 ? right / said : 0, 1};
    out[1].second += {are > 0 ? right / are : 0, 1};
    const double f1 = 2 * right / (said + are);
    out[2].second += {f1, 1};
    out[3].second += {are * f1, are};
  }
  return out;
}
QUIX_INLINE ScoreArrays PrecisionRecall::arrays(std::span<const double> n) const {
  return detail::named("f1_by_class", detail::f1_by_class(n));
}

QUIX_INLINE Counts Confusion::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  const auto [truth, guess, classes] = detail::guesses(outputs, target);
  const auto cell = (truth * classes + guess).masked_select(guess.ge(0));
  return detail::to_counts(at::bincount(cell, {}, classes * classes));
}
QUIX_INLINE ScoreArrays Confusion::arrays(std::span<const double> n) const {
  const auto classes = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(n.size()))));
  if (classes == 0) return {};
  return {{"confusion", {.shape = {classes, classes}, .numbers = {n.begin(), n.end()}}}};
}

QUIX_INLINE Counts MeanIoU::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  return detail::class_counts(outputs, target, ignore_index);
}
QUIX_INLINE Totals MeanIoU::values(std::span<const double> n) const {
  return {{"mean_iou", detail::mean_of(detail::iou_by_class(n))}};
}
QUIX_INLINE ScoreArrays MeanIoU::arrays(std::span<const double> n) const {
  return detail::named("iou_by_class", detail::iou_by_class(n));
}

QUIX_INLINE Counts RegressionErrors::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  const auto y = detail::as_outputs("metrics", "RegressionErrors", outputs, target).flatten().to(at::kDouble),
             d = outputs.flatten().to(at::kDouble) - y;
  return {static_cast<double>(y.numel()), d.abs().sum().item<double>(), d.pow(2).sum().item<double>(),
          y.sum().item<double>(), y.pow(2).sum().item<double>()};
}
QUIX_INLINE Totals RegressionErrors::values(std::span<const double> n) const {
  if (n.size() != 5 || n[0] == 0) return {{"mae", {}}, {"mse", {}}, {"r2", {}}};
  const double spread = n[4] - n[3] * n[3] / n[0];
  return {{"mae", {n[1], n[0]}}, {"mse", {n[2], n[0]}}, {"r2", {spread > 0 ? 1 - n[2] / spread : 0, 1}}};
}

QUIX_INLINE Counts Auroc::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  // Log-odds of each class for each sample [N, classes], and whether the sample is of it.
  at::Tensor odds, is;
  if (detail::are_classes(outputs, target)) {
    const auto classes = outputs.size(1);
    const auto truth = detail::class_numbers("metrics", outputs, target).flatten();
    const auto counts = truth.ge(0).logical_and_(truth.lt(classes));
    const auto p = at::softmax(detail::full_precision(outputs), 1).movedim(1, -1).reshape({-1, classes});
    odds = p.index_select(0, counts.nonzero().flatten()).logit(1e-12);
    is = at::one_hot(truth.masked_select(counts), classes);
  } else {
    // Each of several labels is a separate binary question, a column; [B], [B, 1] and masks [B, H, W] are one.
    const auto columns = detail::question_count(outputs);
    const auto column = [&](const at::Tensor& t) {
      return columns == 1 ? t.reshape({-1, 1}) : t.movedim(1, -1).reshape({-1, columns});
    };
    is = column(detail::as_outputs("metrics", "AUROC", outputs, target)).gt(0.5).to(at::kLong);
    odds = column(detail::full_precision(outputs));
  }
  // Bins of equal width in log-odds, from -12 to 12, resolve rare events as well as others. NaN ranks on the wrong side
  // of all others.
  const auto last = bins - 1;
  const auto wrong = at::where(is.gt(0), 0, last).to(at::kDouble);
  const auto place_of = ((odds.to(at::kDouble) + 12) * (bins / 24.0)).clamp(0, last);
  const auto bin = at::where(place_of.isnan(), wrong, place_of).to(at::kLong);
  const auto classes = odds.size(1);
  const auto place = (at::arange(classes, bin.options()) * 2 + is) * bins + bin;
  return detail::to_counts(at::bincount(place.flatten(), {}, 2 * classes * bins));
}
QUIX_INLINE Totals Auroc::values(std::span<const double> n) const {
  const auto size = static_cast<std::size_t>(bins);
  Measure mean;
  for (std::size_t c = 0; 2 * (c + 1) * size <= n.size(); ++c) {
    const auto negative = n.subspan(2 * c * size, size), positive = n.subspan((2 * c + 1) * size, size);
    double below = 0, pairs = 0, positives = 0;  // pairs in the right order; those in one bin count half
    for (std::size_t b = 0; b < size; ++b) {
      pairs += positive[b] * (below + negative[b] / 2);
      below += negative[b], positives += positive[b];
    }
    if (below > 0 && positives > 0) mean += {pairs / (below * positives), 1};
  }
  return {{"auroc", mean}};
}

}  // namespace quix
