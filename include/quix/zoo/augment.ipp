#pragma once

#include <string>

#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tensor.h>

#include <quix/cfg/error.hpp>
#include <quix/zoo/augment.hpp>

namespace quix {

QUIX_INLINE at::Tensor Normalize::operator()(const at::Tensor& images) const {
  if (images.scalar_type() != at::kByte) return images;
  const auto channels = static_cast<std::size_t>(images.dim() > 1 ? images.size(1) : 1);
  const auto fits = [&](const std::vector<float>& v) { return v.size() == 1 || v.size() == channels; };
  if (!fits(mean) || !fits(std))
    throw Error("augment",
                "mean and std take one number, or one for each of the " + std::to_string(channels) + " channels");
  auto out = images.to(at::kFloat);
  if (mean.size() == 1 && std.size() == 1) {
    // (x/255 - mean)/std as one multiplication and, where needed, one addition.
    out.mul_(1.0 / (255.0 * std[0]));
    if (mean[0] != 0) out.sub_(mean[0] / std[0]);
    return out;
  }
  const auto column = [&](auto&& value) {
    std::vector<float> values(channels);
    for (std::size_t c = 0; c < channels; ++c)
      values[c] = value(mean[mean.size() == 1 ? 0 : c], std[std.size() == 1 ? 0 : c]);
    return at::tensor(values).view({1, static_cast<std::int64_t>(channels), 1, 1});
  };
  out.mul_(column([](float, float s) { return 1.0f / (255.0f * s); }));
  return out.sub_(column([](float m, float s) { return m / s; }));
}

}  // namespace quix
