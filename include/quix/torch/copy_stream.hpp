#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <c10/core/Event.h>
#include <c10/core/Stream.h>
#include <torch/types.h>

#include <quix/detail/separate.hpp>

namespace quix {

/// Queued copies of a GPU. Host memory that they read must live until they are complete; the destructor waits for that.
class PendingCopies {
 public:
  PendingCopies() = default;
  explicit PendingCopies(std::unique_ptr<c10::Event> done) : done_(done.release()) {}
  /// The event after the copies; none on the CPU, whose copies are never pending.
  const c10::Event* done() const { return done_.get(); }

 private:
  struct Wait {
    void operator()(c10::Event* done) const;
  };
  std::unique_ptr<c10::Event, Wait> done_;
};

/// A second GPU stream, whose copies overlap with kernels. Uses LibTorch's interface for all devices with streams; on
/// the CPU, which has none, work runs immediately.
class CopyStream {
 public:
  explicit CopyStream(at::Device device);
  bool is_async() const { return stream_.has_value(); }

  /// Queues the work of `work` after earlier work on this stream.
  template <class Work>
  PendingCopies run(const Work& work) const {
    const auto queue = begin();
    work();
    return queue.end();
  }
  /// Makes the compute stream wait for the queued copies, and hands it their tensors. The CPU continues.
  void join(const PendingCopies& copies, const std::vector<at::Tensor>& tensors) const;

 private:
  /// Makes the stream the current one for its lifetime. After an exception it waits for the queued work, which still
  /// reads memory.
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
