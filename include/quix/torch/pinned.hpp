#pragma once

#include <cstddef>
#include <memory>

#include <quix/detail/separate.hpp>

namespace quix {

/// Page-locked memory, from which copies to a GPU run asynchronously: for LoaderOptions::allocate. A batch must live
/// until its copies are complete: the loader fills its memory again. Throws c10::Error without a GPU.
std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/torch/pinned.ipp>
#endif
