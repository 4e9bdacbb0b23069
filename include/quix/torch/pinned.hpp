#pragma once

#include <cstddef>
#include <memory>

#include <torch/types.h>

namespace quix {

/// Page-locked memory, from which copies to a GPU run by themselves, beside the computation: for
/// LoaderOptions::allocate. Throws c10::Error without a GPU.
inline std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes) {
  auto tensor = std::make_shared<at::Tensor>(
      at::empty({static_cast<std::int64_t>(bytes)}, at::TensorOptions(at::kByte).pinned_memory(true)));
  return {tensor, static_cast<std::byte*>(tensor->data_ptr())};
}

}  // namespace quix
