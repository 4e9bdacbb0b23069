#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <set>
#include <utility>
#include <vector>

#include <quix/cfg/terminal.hpp>
#include <quix/run/summary.hpp>

namespace quix {

QUIX_INLINE std::uint64_t parameter_count(const torch::nn::Module& model) {
  std::uint64_t n = 0;
  std::set<const void*> seen;
  for (const auto& parameter : model.parameters())
    if (seen.insert(parameter.unsafeGetTensorImpl()).second) n += static_cast<std::uint64_t>(parameter.numel());
  return n;
}

namespace detail {

inline std::string shape_text(const at::Tensor& tensor) {
  std::string out;
  for (const auto d : tensor.sizes()) out += (out.empty() ? "" : "×") + std::to_string(d);
  return out.empty() ? "scalar" : out;
}

/// "1.5 MB"
inline std::string megabytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f MB", bytes < 10'000'000 ? 2 : 0, static_cast<double>(bytes) / 1e6);
  return text;
}

}  // namespace detail

QUIX_INLINE std::string describe(const torch::nn::Module& model) {
  struct Line {
    std::string name, type, shapes;
    std::uint64_t count = 0;
  };
  std::vector<Line> lines;
  std::uint64_t learns = 0, frozen = 0, buffers = 0, bytes = 0;
  std::set<const void*> seen;
  for (const auto& item : model.named_modules()) {
    const auto& module = *item.value();
    Line line{.name = item.key().empty() ? "(model)" : item.key(), .type = module.name(), .shapes = {}};
    // LibTorch's names are "torch::nn::LinearImpl".
    if (const auto colon = line.type.rfind(':'); colon != line.type.npos) line.type.erase(0, colon + 1);
    if (line.type.ends_with("Impl")) line.type.resize(line.type.size() - 4);
    for (const auto& parameter : module.named_parameters(/*recurse=*/false)) {
      const auto& tensor = parameter.value();
      line.shapes += (line.shapes.empty() ? "" : ", ") + parameter.key() + " " + detail::shape_text(tensor);
      const auto n = static_cast<std::uint64_t>(tensor.numel());
      line.count += n;
      if (!seen.insert(tensor.unsafeGetTensorImpl()).second) continue;
      (tensor.requires_grad() ? learns : frozen) += n;
      bytes += n * tensor.element_size();
    }
    for (const auto& buffer : module.buffers(/*recurse=*/false)) buffers += static_cast<std::uint64_t>(buffer.numel());
    if (line.count > 0) lines.push_back(std::move(line));
  }
  std::size_t names = 0, types = 0, shapes = 0;
  for (const auto& line : lines)
    names = std::max(names, line.name.size()), types = std::max(types, line.type.size()),
    shapes = std::max(shapes, line.shapes.size());
  std::string out;
  for (const auto& line : lines) {
    const auto count = grouped(line.count);
    out += left_aligned(line.name, names) + "  " + left_aligned(line.type, types) + "  " +
           left_aligned(line.shapes, shapes) + "  " + std::string(count.size() < 12 ? 12 - count.size() : 0, ' ') +
           count + "\n";
  }
  out +=
      grouped(learns + frozen) + " parameters (" + short_count(learns + frozen) + ", " + detail::megabytes(bytes) + ")";
  if (frozen) out += ", " + grouped(frozen) + " of them frozen";
  if (buffers) out += ", and " + grouped(buffers) + " numbers in buffers";
  return out + "\n";
}

}  // namespace quix
