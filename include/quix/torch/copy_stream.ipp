#pragma once

#include <exception>
#include <memory>
#include <utility>

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <quix/torch/copy_stream.hpp>

namespace quix {

QUIX_INLINE void PendingCopies::Wait::operator()(c10::Event* done) const {
  const std::unique_ptr<c10::Event> owner(done);
  try {
    done->synchronize();
  } catch (const std::exception&) {  // the GPU failed: the next call reports it
  }
}

QUIX_INLINE CopyStream::CopyStream(at::Device device) : device_(device) {
  if (device.is_cpu()) return;
  const c10::impl::VirtualGuardImpl streams(device.type());
  if (!device.has_index()) device_ = streams.getDevice();
  stream_ = streams.getStreamFromGlobalPool(device_);
}

struct CopyStream::Queue::Current {
  c10::Stream stream;
  c10::StreamGuard guard;
  std::unique_ptr<c10::Event> done;
};

QUIX_INLINE CopyStream::Queue::Queue(c10::Stream stream)
    : current_(new Current{stream, c10::StreamGuard(stream), std::make_unique<c10::Event>(stream.device_type())}) {}

QUIX_INLINE void CopyStream::Queue::Leave::operator()(Current* current) const {
  const std::unique_ptr<Current> owner(current);
  if (!current->done) return;
  current->done->record(current->stream);
  PendingCopies{std::move(current->done)};
}

QUIX_INLINE PendingCopies CopyStream::Queue::end() const {
  if (!current_) return {};
  current_->done->record(current_->stream);
  return PendingCopies(std::move(current_->done));
}

QUIX_INLINE void CopyStream::join(const PendingCopies& copies, const std::vector<at::Tensor>& tensors) const {
  if (!copies.done()) return;
  const auto computing = c10::impl::VirtualGuardImpl(device_.type()).getStream(device_);
  copies.done()->block(computing);
  // Their memory is the side stream's: it may be used again only when the kernels that read it are done.
  for (const auto& tensor : tensors) tensor.record_stream(computing);
}

}  // namespace quix
