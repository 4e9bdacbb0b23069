#pragma once

#include <algorithm>
#include <cstring>

#include <ATen/ops/_foreach_copy.h>

#include <quix/proc/buffers.hpp>

namespace quix::detail {

/// Copies the tensors of one group. On the CPU by memcpy: an ATen operation costs more than a few hundred bytes.
inline void copy_group(const std::vector<at::Tensor>& from, const std::vector<at::Tensor>& to) {
  if (is_repeated(to[0])) {
    copy_repeated(from[0], to[0], "a buffer of the module");
  } else if (to[0].device().is_cpu()) {
    for (std::size_t i = 0; i < to.size(); ++i)
      if (is_plain(to[i]) && is_plain(from[i]))
        std::memcpy(to[i].mutable_data_ptr(), from[i].const_data_ptr(), from[i].nbytes());
      else
        to[i].copy_(from[i]);
  } else {
    at::_foreach_copy_(to, from, /*non_blocking=*/true);
  }
}

QUIX_INLINE BufferCopies::BufferCopies(const NamedTensors& buffers) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, buffer] : buffers) {
    if (!buffer.defined() || buffer.layout() != at::kStrided) continue;
    const auto alike = [&one = buffer](const Group& group) {
      const auto& first = group.buffers[0];
      return first.device() == one.device() && first.scalar_type() == one.scalar_type() && !is_repeated(first);
    };
    auto group = is_repeated(buffer) ? groups_.end() : std::find_if(groups_.begin(), groups_.end(), alike);
    if (group == groups_.end()) group = groups_.insert(groups_.end(), Group{});
    group->buffers.push_back(buffer);
    group->copies.push_back(buffer.detach().clone());
  }
}

QUIX_INLINE void BufferCopies::keep() {
  const at::NoGradGuard no_grad;
  for (const auto& [buffers, copies] : groups_) copy_group(buffers, copies);
}

QUIX_INLINE void BufferCopies::restore() {
  const at::NoGradGuard no_grad;
  for (const auto& [buffers, copies] : groups_) copy_group(copies, buffers);
}

}  // namespace quix::detail
