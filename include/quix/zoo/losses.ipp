#pragma once

#include <sstream>

#include <ATen/ops/cross_entropy_loss.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/losses.hpp>

namespace quix {

QUIX_INLINE Loss CrossEntropy::operator()(const at::Tensor& logits, const at::Tensor& target) const {
  const bool shares = target.dim() == 2 && target.sizes() == logits.sizes();
  if (logits.dim() != 2 || (target.dim() != 1 && !shares) || logits.size(0) != target.size(0)) {
    std::ostringstream text;
    text << "cross-entropy takes logits [batch, classes] and class numbers [batch] or shares of classes [batch, "
            "classes]; the model gave "
         << logits.sizes() << ", the data " << target.sizes();
    throw Error("loss", text.str());
  }
  return {at::cross_entropy_loss(logits, target, {}, at::Reduction::Sum, -100, smoothing),
          static_cast<double>(target.size(0))};
}

}  // namespace quix
