#pragma once

#include <vector>

#include <quix/detail/separate.hpp>
#include <quix/torch/tensor.hpp>

namespace quix::detail {

/// A module's buffers as they were before a step, whose forward passes change them (the running means of batch
/// normalization): what they are again when the step is skipped.
class BufferCopies {
 public:
  BufferCopies() = default;
  explicit BufferCopies(const NamedTensors& buffers);
  /// Copies them.
  void keep();
  /// Copies them back.
  void restore();

 private:
  /// Of one device and type: a GPU copies them by one kernel.
  struct Group {
    std::vector<at::Tensor> buffers, copies;
  };
  std::vector<Group> groups_;
};

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/proc/buffers.ipp>
#endif
