#pragma once

#include <vector>

#include <quix/detail/separate.hpp>
#include <quix/torch/tensor.hpp>

namespace quix::detail {

/// Copies of a module's buffers (running means of batch normalization) from before a step, whose forward passes change
/// them. A skipped step restores them.
class BufferCopies {
 public:
  BufferCopies() = default;
  explicit BufferCopies(const NamedTensors& buffers);
  /// Copies the buffers.
  void keep();
  /// Restores the buffers from the copies.
  void restore();

 private:
  /// Buffers of one device and type, which a GPU copies with one kernel.
  struct Group {
    std::vector<at::Tensor> buffers, copies;
  };
  std::vector<Group> groups_;
};

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/proc/buffers.ipp>
#endif
