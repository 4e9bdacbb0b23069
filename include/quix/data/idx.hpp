#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// An IDX file (MNIST's format), uncompressed or gzipped, of unsigned bytes.
struct Idx {
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;
};

/// Reads an IDX file. Throws Error for another format or a truncated file.
Idx read_idx(const std::filesystem::path& path);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/idx.ipp>
#endif
