#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/dims.hpp>
#include <quix/io/dtype.hpp>

namespace quix {

/// Python quix's run-length coding of integer arrays: a byte for the types, the shape, a table of values, and runs.
/// It is not COCO's.
struct RleHeader {
  DType dtype = DType::u8;
  Dims shape;
  DType runs = DType::u8;                 ///< of table indices and run lengths
  std::size_t table = 0;                  ///< values in the table
  std::size_t count = 0;                  ///< runs
  std::size_t table_at = 0, runs_at = 0;  ///< in the file
};

/// Throws Error when the bytes are corrupt or not of an integer type.
RleHeader read_rle_header(std::span<const std::byte> file);
/// Decodes into shape.count() elements, row-major. Throws Error when the runs do not fill the shape exactly.
void read_rle(std::span<const std::byte> file, const RleHeader& header, std::byte* to);
/// Encodes row-major integers, byte for byte as the Python package does. An empty array cannot be encoded.
std::vector<std::byte> write_rle(DType dtype, const Dims& shape, const std::byte* data);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/rle.ipp>
#endif
