#pragma once

#include <sstream>

#include <ATen/ops/argmax.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/shapes.hpp>

namespace quix::detail {

QUIX_INLINE void wrong_shapes(const char* where, const std::string& what, const at::Tensor& outputs,
                              const at::Tensor& target) {
  std::ostringstream text;
  text << what << "; got outputs " << outputs.sizes() << " and targets " << target.sizes();
  throw Error(where, text.str());
}

QUIX_INLINE bool are_classes(const at::Tensor& outputs, const at::Tensor& target) {
  if (at::isFloatingType(target.scalar_type()) || target.dim() + 1 != outputs.dim() || target.dim() < 1) return false;
  if (outputs.size(0) != target.size(0) || outputs.size(1) < 2) return false;
  for (std::int64_t d = 1; d < target.dim(); ++d)
    if (outputs.size(d + 1) != target.size(d)) return false;
  return true;
}

QUIX_INLINE bool are_soft_labels(const at::Tensor& outputs, const at::Tensor& target) {
  if (outputs.dim() < 2 || outputs.size(1) < 2 || !at::isFloatingType(target.scalar_type()) ||
      target.sizes() != outputs.sizes())
    return false;
  return outputs.dim() != 3 || target.sum(1).sub(1).abs().le(1e-2).all().item<bool>();
}

QUIX_INLINE at::Tensor largest_share(const at::Tensor& shares) {
  const auto [share, index] = shares.max(1);
  return index.where(share.ge(1 - shares.sum(1)), -100);
}

QUIX_INLINE std::int64_t question_count(const at::Tensor& outputs) {
  return outputs.dim() < 2 || outputs.dim() == 3 ? 1 : outputs.size(1);
}

QUIX_INLINE at::Tensor class_numbers(const char* where, const at::Tensor& outputs, const at::Tensor& target) {
  if (are_soft_labels(outputs, target)) return largest_share(target);
  const bool one_number = outputs.dim() <= 1 || (outputs.dim() == 2 && outputs.size(1) == 1);
  if (one_number && outputs.dim() > 0 && target.dim() > 0 && outputs.size(0) == target.size(0))
    wrong_shapes(where,
                 "the metric needs class predictions, but the model has one output per sample; use  quix::Auroc "
                 "metrics{}  for binary labels,  quix::RegressionErrors metrics{}  for real-valued targets, or  "
                 "quix::LossOnly metrics{}",
                 outputs, target);
  if (!are_classes(outputs, target))
    wrong_shapes(where,
                 "expected outputs [batch, classes, …] with two or more classes, and targets [batch, …] or soft labels",
                 outputs, target);
  return target.to(at::kLong);
}

QUIX_INLINE at::Tensor as_outputs(const char* where, const std::string& what, const at::Tensor& outputs,
                                  const at::Tensor& target) {
  auto shaped = target;
  if (target.dim() + 1 == outputs.dim()) {
    if (outputs.size(1) == 1) shaped = target.unsqueeze(1);
    if (shaped.sizes() != outputs.sizes() && outputs.size(-1) == 1) shaped = target.unsqueeze(-1);
  }
  if (shaped.sizes() != outputs.sizes())
    wrong_shapes(where, what + " needs outputs and targets of one shape", outputs, target);
  return shaped;
}

QUIX_INLINE at::Tensor full_precision(const at::Tensor& tensor) {
  return tensor.scalar_type() == at::kDouble ? tensor : tensor.to(at::kFloat);
}

}  // namespace quix::detail
