#pragma once

#include <torch/types.h>

#include <quix/torch/pinned.hpp>

namespace quix {

QUIX_INLINE std::shared_ptr<std::byte> allocate_pinned(std::size_t bytes) {
  auto tensor = std::make_shared<at::Tensor>(
      at::empty({static_cast<std::int64_t>(bytes)}, at::TensorOptions(at::kByte).pinned_memory(true)));
  return {tensor, static_cast<std::byte*>(tensor->data_ptr())};
}

}  // namespace quix
