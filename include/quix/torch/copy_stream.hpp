#pragma once

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
  template <class Work>
  PendingCopies run(const Work& work) const {
    const auto queue = begin();
    work();
    return queue.end();
  }
  /// The computing stream waits for copies from here on, and the tensors that they made are its own. The CPU goes on.
  void join(const PendingCopies& copies, const std::vector<at::Tensor>& tensors) const;

 private:
  /// While it lives the stream is the current one. Where it dies by an exception, it waits for what was queued: that
  /// still reads the memory that it was given.
  class Queue {
   public:
    Queue() = default;  // of the CPU
    explicit Queue(c10::Stream stream);
    PendingCopies end() const;

   private:
    struct Current;
    struct Leave {
      void operator()(Current* current) const;
    };
    std::unique_ptr<Current, Leave> current_;
  };
  Queue begin() const { return stream_ ? Queue(*stream_) : Queue(); }

  at::Device device_;
  std::optional<c10::Stream> stream_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/torch/copy_stream.ipp>
#endif
