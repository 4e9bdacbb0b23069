#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <c10/core/Event.h>
#include <c10/core/Stream.h>
#include <torch/types.h>

#include <quix/detail/separate.hpp>

namespace quix {

/// Copies that a GPU was told to make: host memory that they read has to live until they are done, and this waits for
/// that when it dies.
class PendingCopies {
 public:
  PendingCopies() = default;
  explicit PendingCopies(std::unique_ptr<c10::Event> done) : done_(done.release()) {}
  /// The event behind them; none on the CPU, which has none that are pending.
  const c10::Event* done() const { return done_.get(); }

 private:
  struct Wait {
    void operator()(c10::Event* done) const;
  };
  std::unique_ptr<c10::Event, Wait> done_;
};

/// A stream of a GPU beside the one that computes: copies on it overlap with kernels. By LibTorch's interface of all
/// devices with streams; on the CPU, which has none, work is simply done.
class CopyStream {
 public:
  explicit CopyStream(at::Device device);
  bool is_beside() const { return stream_.has_value(); }

  /// Queues what `work` queues, behind what was queued here before.
  PendingCopies run(const std::function<void()>& work) const;
  /// The computing stream waits for copies from here on, and the tensors that they made are its own. The CPU goes on.
  void join(const PendingCopies& copies, const std::vector<at::Tensor>& tensors) const;

 private:
  at::Device device_;
  std::optional<c10::Stream> stream_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/torch/copy_stream.ipp>
#endif
