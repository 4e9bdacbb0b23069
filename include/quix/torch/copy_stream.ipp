#pragma once

#include <exception>

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <quix/torch/copy_stream.hpp>

namespace quix {

QUIX_INLINE void PendingCopies::Wait::operator()(c10::Event* done) const {
  const std::unique_ptr<c10::Event> owner(done);
  try {
    done->synchronize();
  } catch (const std::exception&) {  // the GPU failed: the next call to it says so
  }
}

QUIX_INLINE CopyStream::CopyStream(at::Device device) : device_(device) {
  if (device.is_cpu()) return;
  const c10::impl::VirtualGuardImpl streams(device.type());
  if (!device.has_index()) device_ = streams.getDevice();
  stream_ = streams.getStreamFromGlobalPool(device_);
}

QUIX_INLINE PendingCopies CopyStream::run(const std::function<void()>& work) const {
  if (!stream_) {
    work();
    return {};
  }
  const c10::StreamGuard guard(*stream_);
  auto done = std::make_unique<c10::Event>(device_.type());
  try {
    work();
  } catch (...) {  // what was queued before still reads the memory that it was given
    done->record(*stream_);
    PendingCopies{std::move(done)};
    throw;
  }
  done->record(*stream_);
  return PendingCopies(std::move(done));
}

QUIX_INLINE void CopyStream::join(const PendingCopies& copies, const std::vector<at::Tensor>& tensors) const {
  if (!copies.done()) return;
  const auto computing = c10::impl::VirtualGuardImpl(device_.type()).getStream(device_);
  copies.done()->block(computing);
  // Their memory is the side stream's: it may be used again only when the kernels that read it are done.
  for (const auto& tensor : tensors) tensor.record_stream(computing);
}

}  // namespace quix
