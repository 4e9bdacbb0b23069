#pragma once

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string_view>

#include <ATen/ops/tensor.h>

#include <quix/run/sums.hpp>

namespace quix::detail {

QUIX_INLINE Sums& Sums::operator+=(const Sums& other) {
  loss += other.loss;
  parts += other.parts;
  metrics.resize(std::max(metrics.size(), other.metrics.size()));
  for (std::size_t i = 0; i < other.metrics.size(); ++i) add(metrics[i], other.metrics[i]);
  return *this;
}

/// "epoch.metric.0003": in the order of their numbers also where names are sorted.
inline std::string numbered_sum(const std::string& what, std::size_t i) {
  char number[16];
  std::snprintf(number, sizeof number, ".%04u", static_cast<unsigned>(i));
  return what + number;
}

QUIX_INLINE NamedTensors Sums::saved(const std::string& prefix) const {
  const auto tensor = [](const std::vector<double>& numbers) { return at::tensor(numbers, at::kDouble); };
  NamedTensors out{{prefix + ".loss", tensor({loss.sum, loss.weight})}};
  for (std::size_t i = 0; i < parts.size(); ++i)
    out.emplace_back(numbered_sum(prefix + ".part", i) + "." + parts[i].first,
                     tensor({parts[i].second.sum, parts[i].second.weight}));
  for (std::size_t i = 0; i < metrics.size(); ++i)
    out.emplace_back(numbered_sum(prefix + ".metric", i), tensor(metrics[i]));
  return out;
}

QUIX_INLINE Sums Sums::restored(const NamedTensors& tensors, const std::string& prefix) {
  Sums out;
  for (const auto& [name, tensor] : tensors) {  // in the order of names
    if (!name.starts_with(prefix + ".")) continue;
    const auto rest = std::string_view(name).substr(prefix.size() + 1);
    const auto* begin = tensor.const_data_ptr<double>();
    const Counts numbers(begin, begin + tensor.numel());
    const bool pair = numbers.size() == 2;
    if (rest == "loss" && pair) out.loss = {numbers[0], numbers[1]};
    if (rest.starts_with("part.") && rest.size() > 10 && pair)
      out.parts.emplace_back(rest.substr(10), Measure{numbers[0], numbers[1]});
    if (rest.starts_with("metric.")) out.metrics.push_back(numbers);
  }
  return out;
}

QUIX_INLINE Sums Sums::of_names(const Totals& totals, const std::string& prefix) {
  Sums out;
  for (const auto& [name, measure] : totals) {
    if (!name.starts_with(prefix)) continue;
    const auto rest = std::string_view(name).substr(prefix.size());
    if (rest == "loss") out.loss = measure;
    if (rest.starts_with("part.")) out.parts.emplace_back(rest.substr(5), measure);
    std::size_t m = 0;
    if (!rest.starts_with("metric.") ||
        std::from_chars(rest.data() + 7, rest.data() + rest.size(), m).ec != std::errc{} || m > 1000)
      continue;
    out.metrics.resize(std::max(out.metrics.size(), m + 1));
    out.metrics[m].push_back(measure.sum);
    if (!rest.ends_with(".last")) out.metrics[m].push_back(measure.weight);
  }
  return out;
}

}  // namespace quix::detail
