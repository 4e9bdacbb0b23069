#pragma once

#include <torch/version.h>

// The LibTorch version, and the differences between versions. Only this header checks it.

static_assert(TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 6),
              "quix: this LibTorch is older than 2.6. Get a newer one with  tools/deps --torch pip,  or name one with "
              "-DTorch_DIR=…");

namespace quix {

/// "2.13.0"
inline constexpr const char* libtorch_version = TORCH_VERSION;

}  // namespace quix
