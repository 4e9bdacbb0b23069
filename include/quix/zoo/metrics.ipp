#pragma once

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

#include <ATen/ops/argmax.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/softmax.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/metrics.hpp>

namespace quix {
namespace detail {

/// Class numbers [B, …] of targets: of shares [B, classes, …] the largest.
inline at::Tensor class_numbers(const at::Tensor& outputs, const at::Tensor& target) {
  if (outputs.dim() < 2) {
    std::ostringstream text;
    text << "metrics of classes take outputs [batch, classes], the model gave " << outputs.sizes();
    throw Error("metrics", text.str());
  }
  return target.dim() == outputs.dim() ? target.argmax(1) : target;
}

inline Counts to_counts(const at::Tensor& tensor) {
  const auto flat = tensor.to(at::kDouble).to(at::kCPU).contiguous();
  const auto* begin = flat.const_data_ptr<double>();
  return {begin, begin + flat.numel()};
}

/// [classes × classes]: rows are the true class. `ignore`: numbers that do not count, as do negative ones.
inline Counts confusion(const at::Tensor& outputs, const at::Tensor& target, std::int64_t ignore) {
  const at::NoGradGuard no_grad;
  const auto classes = outputs.size(1);
  const auto truth = class_numbers(outputs, target).flatten(), guess = outputs.argmax(1).flatten();
  const auto counts = truth.ne(ignore).logical_and(truth.ge(0));
  const auto pairs = truth.masked_select(counts) * classes + guess.masked_select(counts);
  return to_counts(at::bincount(pairs, {}, classes * classes));
}

inline std::size_t root_of(std::size_t n) {
  return static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(n))));
}

/// A share, as a value with a weight; one that nothing counts for is no number.
inline Measure share(double part, double whole) { return {part, whole}; }

}  // namespace detail

QUIX_INLINE Measure Accuracy::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  const auto classes = target.dim() == 2 ? target.argmax(1) : target;  // of shares the largest
  const auto right = outputs.argmax(1).eq(classes).sum().item<std::int64_t>();
  return {static_cast<double>(right), static_cast<double>(classes.numel())};
}

QUIX_INLINE Counts TopK::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  const auto classes = detail::class_numbers(outputs, target);
  const auto best = std::get<1>(outputs.topk(std::min<std::int64_t>(k, outputs.size(1)), 1));
  return {best.eq(classes.unsqueeze(1)).sum().item<double>(), static_cast<double>(classes.numel())};
}
QUIX_INLINE Totals TopK::values(std::span<const double> n) const {
  return {{"top" + std::to_string(k), n.size() == 2 ? detail::share(n[0], n[1]) : Measure{}}};
}

QUIX_INLINE Counts ClassAccuracy::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const auto table = detail::confusion(outputs, target, -100);
  const auto classes = detail::root_of(table.size());
  Counts out(2 * classes);
  for (std::size_t i = 0; i < classes; ++i) {
    out[i] = table[i * classes + i];
    for (std::size_t j = 0; j < classes; ++j) out[classes + i] += table[i * classes + j];
  }
  return out;
}
QUIX_INLINE Totals ClassAccuracy::values(std::span<const double> n) const {
  const auto classes = n.size() / 2;
  Totals out{{"class_accuracy", {}}};
  for (std::size_t i = 0; i < classes; ++i) {
    const auto one = detail::share(n[i], n[classes + i]);
    out.emplace_back("class_accuracy/" + std::to_string(i), one);
    if (one.weight > 0) out[0].second += {one.value(), 1};
  }
  return out;
}

QUIX_INLINE Counts PrecisionRecall::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const auto table = detail::confusion(outputs, target, -100);
  const auto classes = detail::root_of(table.size());
  Counts out(3 * classes);  // right; said to be it; that are it
  for (std::size_t i = 0; i < classes; ++i) {
    out[i] = table[i * classes + i];
    for (std::size_t j = 0; j < classes; ++j)
      out[classes + i] += table[j * classes + i], out[2 * classes + i] += table[i * classes + j];
  }
  return out;
}
QUIX_INLINE Totals PrecisionRecall::values(std::span<const double> n) const {
  const auto classes = n.size() / 3;
  Totals out{{"precision", {}}, {"recall", {}}, {"f1", {}}};
  for (std::size_t i = 0; i < classes; ++i) {
    const double right = n[i], said = n[classes + i], are = n[2 * classes + i];
    if (said + are == 0) continue;  // a class that neither occurs nor is guessed
    out[0].second += {said > 0 ? right / said : 0, 1};
    out[1].second += {are > 0 ? right / are : 0, 1};
    out[2].second += {2 * right / (said + are), 1};
  }
  return out;
}

QUIX_INLINE Counts Confusion::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  return detail::confusion(outputs, target, -100);
}
QUIX_INLINE Totals Confusion::values(std::span<const double> n) const {
  Totals out;
  const auto classes = detail::root_of(n.size());
  for (std::size_t i = 0; i < n.size(); ++i)
    out.emplace_back("confusion/" + std::to_string(i / classes) + "/" + std::to_string(i % classes), Measure{n[i], 1});
  return out;
}

QUIX_INLINE Counts MeanIoU::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const auto table = detail::confusion(outputs, target, ignore);
  const auto classes = detail::root_of(table.size());
  Counts out(2 * classes);  // intersection, union
  for (std::size_t i = 0; i < classes; ++i) {
    out[i] = table[i * classes + i], out[classes + i] = -out[i];
    for (std::size_t j = 0; j < classes; ++j) out[classes + i] += table[i * classes + j] + table[j * classes + i];
  }
  return out;
}
QUIX_INLINE Totals MeanIoU::values(std::span<const double> n) const {
  const auto classes = n.size() / 2;
  Totals out{{"mean_iou", {}}};
  for (std::size_t i = 0; i < classes; ++i) {
    const auto one = detail::share(n[i], n[classes + i]);
    out.emplace_back("iou/" + std::to_string(i), one);
    if (one.weight > 0) out[0].second += {one.value(), 1};
  }
  return out;
}

QUIX_INLINE Counts RegressionErrors::counts(const at::Tensor& outputs, const at::Tensor& target) const {
  const at::NoGradGuard no_grad;
  if (outputs.numel() != target.numel()) {
    std::ostringstream text;
    text << "errors of numbers take as many outputs as targets; the model gave " << outputs.sizes() << ", the data "
         << target.sizes();
    throw Error("metrics", text.str());
  }
  const auto y = target.flatten().to(at::kDouble), d = outputs.flatten().to(at::kDouble) - y;
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
  const bool binary = outputs.dim() < 2 || outputs.size(1) == 1;
  // Columns of probabilities, and whether each sample is of the column's class.
  const auto p = binary ? outputs.flatten().sigmoid().unsqueeze(1) : at::softmax(outputs, 1);
  const auto is = binary ? target.flatten().unsqueeze(1).gt(0.5)
                         : at::one_hot(detail::class_numbers(outputs, target), p.size(1)).to(at::kBool);
  if (p.size(0) != is.size(0)) throw Error("metrics", "AUROC takes as many outputs as targets");
  const auto bin = (p.to(at::kDouble) * bins).to(at::kLong).clamp(0, bins - 1);
  Counts out;
  for (std::int64_t c = 0; c < p.size(1); ++c)
    for (const bool positive : {false, true}) {
      const auto mine = positive ? is.select(1, c) : is.select(1, c).logical_not();
      const auto histogram = detail::to_counts(at::bincount(bin.select(1, c).masked_select(mine), {}, bins));
      out.insert(out.end(), histogram.begin(), histogram.end());
    }
  return out;
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
