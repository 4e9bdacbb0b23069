#pragma once

#include <cstddef>
#include <memory>

#include <quix/detail/separate.hpp>

namespace quix {

/// Page-locked memory, from which copies to a GPU run by themselves, without the CPU waiting: for
/// LoaderOptions::allocate. A batch has to live until its copies are done: the loader fills its memory again. Throws
/// c10::Error without a GPU.
std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/torch/pinned.ipp>
#endif
