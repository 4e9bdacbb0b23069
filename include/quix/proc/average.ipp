#pragma once

#include <algorithm>

#include <ATen/ops/zeros.h>

#include <quix/proc/average.hpp>
#include <quix/proc/kernels.hpp>

namespace quix {

QUIX_INLINE AveragedWeights::AveragedWeights(const NamedTensors& parameters, const NamedTensors& buffers, Buffers rule)
    : rule_(rule), updates_(at::zeros({}, at::TensorOptions(at::kLong))) {
  keep(parameters);
  parameters_ = weights_.size();
  keep(buffers);
}

QUIX_INLINE void AveragedWeights::keep(const NamedTensors& tensors) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : tensors) {
    if (std::any_of(weights_.begin(), weights_.end(),
                    [tensor = tensor](const auto& known) { return known.second.is_same(tensor); }))
      continue;
    weights_.emplace_back(name, tensor);
    averages_.push_back(tensor.detach().clone());
  }
}

QUIX_INLINE std::int64_t AveragedWeights::updates() const { return *updates_.const_data_ptr<std::int64_t>(); }

QUIX_INLINE void AveragedWeights::update(double decay) {
  const at::NoGradGuard no_grad;
  if (updates() == 0) decay = 0;
  ++*updates_.mutable_data_ptr<std::int64_t>();
  spans_.clear();
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const auto &value = weights_[i].second, &average = averages_[i];
    const bool copied =
        decay == 0 || !at::isFloatingType(value.scalar_type()) || (i >= parameters_ && rule_ == Buffers::copy);
    if (copied)
      average.copy_(value);
    else if (value.device().is_cpu() && value.scalar_type() == at::kFloat && value.is_non_overlapping_and_dense() &&
             value.strides() == average.strides())
      spans_.push_back({.parameter = average.mutable_data_ptr<float>(),
                        .gradient = value.mutable_data_ptr<float>(),
                        .size = value.numel()});
    else
      average.lerp_(value, 1 - decay);
  }
  detail::kernel_average(spans_, static_cast<float>(decay));
}

QUIX_INLINE void AveragedWeights::swap() {
  if (updates() == 0) return;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    auto& weight = weights_[i].second;
    const auto value = weight.detach();
    weight.set_data(averages_[i]);
    averages_[i] = value;
  }
}

QUIX_INLINE NamedTensors AveragedWeights::state() const {
  NamedTensors out;
  for (std::size_t i = 0; i < weights_.size(); ++i) out.emplace_back("average." + weights_[i].first, averages_[i]);
  out.emplace_back("average_updates", updates_);
  return out;
}

QUIX_INLINE double Ema::decay_at(std::int64_t updates, const Progress& p) const {
  if (static_cast<std::int64_t>(p.steps) % std::max(every, 1) != 0) return -1;
  if (p.steps < warmup.steps(p)) return 0;
  double out = decay;
  if (adjust) {
    const double epochs = p.total / std::max(p.per_epoch, 1.0);
    out = 1 - std::min(1.0, (1 - out) * p.samples * every / std::max(epochs, 1.0));
  }
  const auto n = static_cast<double>(updates);
  return ramp ? std::min(out, (1 + n) / (10 + n)) : out;
}

QUIX_INLINE double Swa::decay_at(std::int64_t updates, const Progress& p) const {
  const double from = p.steps - start.steps(p), length = std::max(every.steps(p), 1.0);
  // One update per interval, in its first step.
  if (from < 0 || std::floor(from / length) == std::floor((from - 1) / length)) return -1;
  const auto n = static_cast<double>(updates);
  return n / (n + 1);
}

}  // namespace quix
