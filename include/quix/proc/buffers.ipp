#pragma once

#include <cstring>

#include <quix/proc/buffers.hpp>

namespace quix::detail {

/// On the CPU a copy of a few hundred bytes, without the price of an operation.
inline void copy_buffer(const at::Tensor& to, const at::Tensor& from) {
  if (to.device().is_cpu() && from.device().is_cpu() && to.scalar_type() == from.scalar_type() &&
      to.sizes() == from.sizes() && to.is_contiguous() && from.is_contiguous())
    std::memcpy(to.mutable_data_ptr(), from.const_data_ptr(), from.nbytes());
  else
    to.copy_(from, /*non_blocking=*/true);
}

QUIX_INLINE BufferCopies::BufferCopies(const NamedTensors& buffers) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, buffer] : buffers) {
    if (!buffer.defined()) continue;
    buffers_.push_back(buffer);
    copies_.push_back(buffer.detach().clone());
  }
}

QUIX_INLINE void BufferCopies::keep() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < buffers_.size(); ++i) copy_buffer(copies_[i], buffers_[i]);
}

QUIX_INLINE void BufferCopies::restore() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < buffers_.size(); ++i) copy_buffer(buffers_[i], copies_[i]);
}

}  // namespace quix::detail
