#pragma once

#include <algorithm>

#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/huber_loss.h>
#include <ATen/ops/l1_loss.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/shapes.hpp>

namespace quix {
namespace detail {

/// Outputs and targets of one shape, in the precision that sums need: autocast hands over halves, and would round the
/// targets to them.
struct Same {
  at::Tensor outputs, target;
};
inline Same same(const char* what, const at::Tensor& outputs, const at::Tensor& target) {
  const auto precise = full_precision(outputs);
  return {precise, as_outputs("loss", what, outputs, target).to(precise.scalar_type())};
}

/// Converts elementwise losses to a loss of samples: the sum over samples of their means.
inline Loss over_samples(const at::Tensor& losses) {
  const auto n = losses.dim() > 0 ? losses.size(0) : 1;
  return {losses.sum() * (static_cast<double>(n) / static_cast<double>(std::max<std::int64_t>(losses.numel(), 1))),
          static_cast<double>(n)};
}

/// Whether some class index is this one. Usually none is, and the search is cheap on the CPU next to the loss.
inline bool any_is(const at::Tensor& target, std::int64_t number) {
  if (!target.device().is_cpu() || target.scalar_type() != at::kLong || !target.is_contiguous())
    return target.eq(number).any().item<bool>();
  const auto* begin = target.const_data_ptr<std::int64_t>();
  return std::find(begin, begin + target.numel(), number) != begin + target.numel();
}

/// Calls a loss of class indices. If LibTorch rejects them, throws Error with their range.
template <class F>
auto with_classes(const at::Tensor& logits, const at::Tensor& target, std::int64_t ignore, F&& loss) {
  try {
    return loss();
  } catch (const c10::Error&) {
    if (!target.device().is_cpu() || at::isFloatingType(target.scalar_type())) throw;
    const auto numbers = target.to(at::kLong), counted = numbers.masked_select(numbers.ne(ignore));
    if (counted.numel() == 0) throw;
    const auto low = counted.min().item<std::int64_t>(), high = counted.max().item<std::int64_t>();
    if (low >= 0 && high < logits.size(1)) throw;
    throw Error("loss",
                "the samples have classes from " + std::to_string(low) + " to " + std::to_string(high) +
                    ", but the model has " + std::to_string(logits.size(1)) +
                    " outputs; correct the labels, or ignore one class index with the option  ignore_index,  now " +
                    std::to_string(ignore));
  }
}

/// Cross-entropy of soft labels. Neither the class `ignore` nor the part missing to a sum of 1 counts. `weights`: per
/// class, or undefined.
inline Loss shares_cross_entropy(const at::Tensor& x, const at::Tensor& shares, const at::Tensor& weights,
                                 std::int64_t ignore, double smoothing) {
  const auto classes = x.size(1);
  const bool leaves_one = ignore >= 0 && ignore < classes;
  auto y = shares.to(x.scalar_type());
  if (leaves_one) {
    y = y.clone();
    y.select(1, ignore).zero_();
  }
  const auto counted = y.sum(1).clamp_max(1);  // of each sample, or pixel
  if (!leaves_one && !counted.lt(1 - 1e-3).any().item<bool>())
    return {at::cross_entropy_loss(x, shares, weights, at::Reduction::Sum, -100, smoothing),
            static_cast<double>(counted.numel())};
  y = y.mul(1 - smoothing).add_(counted.unsqueeze(1), smoothing / static_cast<double>(classes));
  auto losses = at::log_softmax(x, 1) * y;
  if (weights.defined()) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(x.dim()), 1);
    shape[1] = classes;
    losses = losses * weights.view(shape);
  }
  return {-losses.sum(), counted.sum().item<double>()};
}

}  // namespace detail

QUIX_INLINE Loss CrossEntropy::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  const bool shares = detail::are_soft_labels(logits, target);
  if (!shares && !detail::are_classes(logits, target))
    detail::wrong_shapes(
        "loss", "cross-entropy needs logits [batch, classes] and class indices [batch] or soft labels [batch, classes]",
        logits, target);
  at::Tensor weights;
  if (!class_weights.empty()) {
    if (static_cast<std::int64_t>(class_weights.size()) != logits.size(1))
      throw Error("loss.class_weights", "expected one weight per class, got " + std::to_string(class_weights.size()) +
                                            " for " + std::to_string(logits.size(1)) + " classes");
    weights = at::tensor(class_weights, at::TensorOptions(at::kDouble).device(logits.device()));
  }
  const auto x = detail::full_precision(logits);
  if (shares)
    return detail::shares_cross_entropy(x, target, weights.defined() ? weights.to(x.scalar_type()) : weights,
                                        ignore_index, static_cast<double>(label_smoothing));
  const auto classes = target.to(at::kLong);
  const auto sum = detail::with_classes(logits, classes, ignore_index, [&] {
    return at::cross_entropy_loss(x, classes, weights.defined() ? weights.to(x.scalar_type()) : weights,
                                  at::Reduction::Sum, ignore_index, static_cast<double>(label_smoothing));
  });
  // PyTorch's mean: weighted by the class weights of the samples.
  double weight = static_cast<double>(logits.numel()) / static_cast<double>(logits.size(1));
  if (weights.defined() || detail::any_is(classes, ignore_index)) {
    const auto counts = classes.ne(ignore_index);
    weight = weights.defined() ? weights.index_select(0, classes.masked_select(counts)).sum().item<double>()
                               : counts.sum().item<double>();
  }
  return {sum, weight};
}

QUIX_INLINE Loss BinaryCrossEntropy::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  const auto [x, y] = detail::same("binary cross-entropy", logits, target);
  std::optional<at::Tensor> positive;
  if (pos_weight != 1) positive = at::tensor({pos_weight}, x.options().requires_grad(false));
  return detail::over_samples(at::binary_cross_entropy_with_logits(x, y, {}, positive, at::Reduction::None));
}

QUIX_INLINE Loss MeanSquaredError::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  const auto [x, y] = detail::same("the squared error", outputs, target);
  return detail::over_samples(at::mse_loss(x, y, at::Reduction::None));
}

QUIX_INLINE Loss MeanAbsoluteError::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  const auto [x, y] = detail::same("the absolute error", outputs, target);
  return detail::over_samples(at::l1_loss(x, y, at::Reduction::None));
}

QUIX_INLINE Loss Huber::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  const auto [x, y] = detail::same("Huber's loss", outputs, target);
  return detail::over_samples(at::huber_loss(x, y, at::Reduction::None, static_cast<double>(delta)));
}

QUIX_INLINE Loss FocalLoss::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  // A gamma below 1 has an infinite slope where nothing is left to learn.
  const auto easy = [&](const at::Tensor& rest) { return rest.clamp_min(1e-7).pow(static_cast<double>(gamma)); };
  if (detail::are_classes(logits, target)) {
    if (alpha >= 0)
      throw Error("loss.alpha",
                  "not applicable to class indices: it weighs positive against negative targets; remove it");
    const auto log_p = at::log_softmax(detail::full_precision(logits), 1);
    const auto counts = target.ne(ignore_index);
    const auto one = detail::with_classes(logits, target, ignore_index, [&] {
      return log_p.gather(1, target.to(at::kLong).where(counts, 0).unsqueeze(1)).squeeze(1);
    });
    const double share = static_cast<double>(target.size(0)) / static_cast<double>(target.numel());
    return {(easy(1 - one.exp()) * -one).where(counts, 0).sum() * share, counts.sum().item<double>() * share};
  }
  const auto [x, y] = detail::same("the focal loss", logits, target);
  const auto cross = at::binary_cross_entropy_with_logits(x, y, {}, {}, at::Reduction::None);
  const auto p = x.sigmoid();
  auto losses = cross * easy(1 - (p * y + (1 - p) * (1 - y)));
  if (alpha >= 0) losses = losses * (alpha * y + (1 - alpha) * (1 - y));
  return detail::over_samples(losses);
}

QUIX_INLINE Loss Dice::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  const bool classes = detail::are_classes(logits, target);
  const auto n = logits.size(0);
  at::Tensor p, y;
  if (classes) {
    p = at::softmax(detail::full_precision(logits), 1);
    // Ignored class indices count neither as prediction nor as target.
    const auto counts = target.ne(ignore_index);
    y = detail::with_classes(logits, target, ignore_index, [&] {
      return at::one_hot(target.to(at::kLong).where(counts, 0), logits.size(1)).movedim(-1, 1).to(p.scalar_type());
    });
    p = p * counts.unsqueeze(1), y = y * counts.unsqueeze(1);
  } else {
    const auto same = detail::same("Dice", logits, target);
    p = same.outputs.sigmoid(), y = same.target;
  }
  // Of each sample and class: over what is left of the shape.
  const auto channels = classes ? logits.size(1) : detail::question_count(logits);
  p = p.reshape({n, channels, -1}), y = y.reshape({n, channels, -1});
  const auto both = (p * y).sum(2), total = p.sum(2) + y.sum(2);
  const auto dice = (1 - (2 * both + smooth) / (total + smooth)).mean(1).sum();
  const auto weight = static_cast<double>(n);
  if (cross_entropy == 0) return {dice, weight};
  auto cross =
      classes ? CrossEntropy{.ignore_index = ignore_index}(logits, target) : BinaryCrossEntropy{}(logits, target);
  const auto entropy = cross.sum * (weight / std::max(cross.weight, 1e-12));
  return {dice + entropy * cross_entropy, weight, {{"dice", dice.detach()}, {"cross_entropy", entropy.detach()}}};
}

}  // namespace quix
