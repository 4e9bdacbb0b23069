#pragma once

#include <algorithm>
#include <sstream>

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

namespace quix {
namespace detail {

[[noreturn]] inline void wrong_shapes(const std::string& takes, const at::Tensor& outputs, const at::Tensor& target) {
  std::ostringstream text;
  text << takes << "; the model gave " << outputs.sizes() << ", the data " << target.sizes();
  throw Error("loss", text.str());
}

/// Targets as the outputs' shape and type: [B] as [B, 1] where the outputs are that.
inline at::Tensor as_outputs(const char* name, const at::Tensor& outputs, const at::Tensor& target) {
  const auto shaped = target.dim() + 1 == outputs.dim() && outputs.size(-1) == 1 ? target.unsqueeze(-1) : target;
  if (shaped.sizes() != outputs.sizes())
    wrong_shapes(std::string(name) + " takes outputs and targets of one shape", outputs, target);
  return shaped.to(outputs.scalar_type());
}

/// A loss of each number as that of samples: the sum over samples of their means.
inline Loss over_samples(const at::Tensor& losses) {
  const auto n = losses.dim() > 0 ? losses.size(0) : 1;
  return {losses.sum() * (static_cast<double>(n) / static_cast<double>(std::max<std::int64_t>(losses.numel(), 1))),
          static_cast<double>(n)};
}

/// Whether some class number is this one: usually none, and looking must cost nothing beside the loss.
inline bool any_is(const at::Tensor& target, std::int64_t number) {
  if (!target.device().is_cpu() || target.scalar_type() != at::kLong || !target.is_contiguous())
    return target.eq(number).any().item<bool>();
  const auto* begin = target.const_data_ptr<std::int64_t>();
  return std::find(begin, begin + target.numel(), number) != begin + target.numel();
}

inline bool are_classes(const at::Tensor& logits, const at::Tensor& target) {
  if (at::isFloatingType(target.scalar_type()) || target.dim() + 1 != logits.dim() || target.dim() < 1) return false;
  if (logits.size(0) != target.size(0)) return false;
  for (std::int64_t d = 1; d < target.dim(); ++d)
    if (logits.size(d + 1) != target.size(d)) return false;
  return true;
}

}  // namespace detail

QUIX_INLINE Loss CrossEntropy::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  const bool shares = logits.dim() >= 2 && at::isFloatingType(target.scalar_type()) && target.sizes() == logits.sizes();
  if (logits.dim() < 2 || (!shares && !detail::are_classes(logits, target)))
    detail::wrong_shapes(
        "cross-entropy takes logits [batch, classes] and class numbers [batch] or shares of classes [batch, classes]",
        logits, target);
  at::Tensor weights;
  if (!class_weights.empty()) {
    if (static_cast<std::int64_t>(class_weights.size()) != logits.size(1))
      throw Error("loss.class_weights", "are " + std::to_string(class_weights.size()) + ", and there are " +
                                            std::to_string(logits.size(1)) + " classes");
    weights = at::tensor(class_weights, logits.options().requires_grad(false));
  }
  const auto sum =
      at::cross_entropy_loss(logits, target, weights, at::Reduction::Sum, ignore, static_cast<double>(smoothing));
  // The mean of PyTorch: weighted by the weights of the classes that are there.
  double weight = static_cast<double>(logits.numel()) / static_cast<double>(logits.size(1));
  if (!shares && (weights.defined() || detail::any_is(target, ignore))) {
    const auto counts = target.ne(ignore);
    weight = weights.defined() ? weights.index_select(0, target.masked_select(counts)).sum().item<double>()
                               : counts.sum().item<double>();
  }
  return {sum, weight};
}

QUIX_INLINE Loss BinaryCrossEntropy::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  const auto shaped = detail::as_outputs("binary cross-entropy", logits, target);
  std::optional<at::Tensor> positive;
  if (positive_weight != 1) positive = at::tensor({positive_weight}, logits.options().requires_grad(false));
  return detail::over_samples(at::binary_cross_entropy_with_logits(logits, shaped, {}, positive, at::Reduction::None));
}

QUIX_INLINE Loss MeanSquaredError::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  return detail::over_samples(
      at::mse_loss(outputs, detail::as_outputs("the squared error", outputs, target), at::Reduction::None));
}

QUIX_INLINE Loss MeanAbsoluteError::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  return detail::over_samples(
      at::l1_loss(outputs, detail::as_outputs("the absolute error", outputs, target), at::Reduction::None));
}

QUIX_INLINE Loss Huber::operator()(const at::Tensor& outputs, const at::Tensor& target) const {
  return detail::over_samples(at::huber_loss(outputs, detail::as_outputs("Huber's loss", outputs, target),
                                             at::Reduction::None, static_cast<double>(delta)));
}

QUIX_INLINE Loss FocalLoss::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  if (detail::are_classes(logits, target)) {
    const auto log_p = at::log_softmax(logits, 1).gather(1, target.unsqueeze(1)).squeeze(1);
    return detail::over_samples((1 - log_p.exp()).pow(gamma) * -log_p);
  }
  const auto y = detail::as_outputs("the focal loss", logits, target);
  const auto cross = at::binary_cross_entropy_with_logits(logits, y, {}, {}, at::Reduction::None);
  const auto p = logits.sigmoid();
  auto losses = cross * (1 - (p * y + (1 - p) * (1 - y))).pow(gamma);
  if (alpha >= 0) losses = losses * (alpha * y + (1 - alpha) * (1 - y));
  return detail::over_samples(losses);
}

QUIX_INLINE Loss Dice::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  const bool classes = detail::are_classes(logits, target);
  const auto n = logits.size(0);
  at::Tensor p, y;
  if (classes) {
    p = at::softmax(logits, 1);
    y = at::one_hot(target, logits.size(1)).movedim(-1, 1).to(logits.scalar_type());
  } else {
    y = detail::as_outputs("Dice", logits, target);
    p = logits.sigmoid();
    if (p.dim() < 2) p = p.unsqueeze(1), y = y.unsqueeze(1);
  }
  // Of each sample and class: over what is left of the shape.
  p = p.reshape({n, p.size(1), -1}), y = y.reshape({n, y.size(1), -1});
  const auto both = (p * y).sum(2), total = p.sum(2) + y.sum(2);
  const auto dice = (1 - (2 * both + smooth) / (total + smooth)).mean(1).sum();
  const auto weight = static_cast<double>(n);
  if (cross_entropy == 0) return {dice, weight};
  auto cross = classes ? CrossEntropy{}(logits, target) : BinaryCrossEntropy{}(logits, target);
  const auto entropy = cross.sum * (weight / cross.weight);
  return {dice + entropy * cross_entropy, weight, {{"dice", dice.detach()}, {"cross_entropy", entropy.detach()}}};
}

}  // namespace quix
