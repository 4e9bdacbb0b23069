#pragma once

#include <cstdint>

namespace quix {

/// Action for a sample that cannot be decoded.
enum class OnError : std::uint8_t {
  stop,     ///< throw an error with shard, member and offset
  skip,     ///< a row of zeros that does not count; positions do not change
  replace,  ///< use another sample, which depends only on the position
};

}  // namespace quix
