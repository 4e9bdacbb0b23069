#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/dims.hpp>
#include <quix/io/dtype.hpp>

namespace quix::io {

/// The header of an NPY file (NumPy's format, versions 1 to 3).
struct NpyHeader {
  DType dtype = DType::f32;
  Dims shape;
  bool fortran = false;   ///< the first dimension runs fastest
  bool swapped = false;   ///< the byte order is not this machine's
  std::size_t begin = 0;  ///< of the data

  std::size_t data_bytes() const { return static_cast<std::size_t>(shape.count()) * size_of(dtype); }
};

/// Reads the header. Throws Error when it is corrupt, when the data are truncated, and for Python objects, strings and
/// more than eight dimensions.
NpyHeader read_npy_header(std::span<const std::byte> file);

/// Copies the data in row-major order and this machine's byte order into `to`, header.data_bytes() long.
void read_npy(std::span<const std::byte> file, const NpyHeader& header, std::byte* to);

/// The bytes of `numpy.save` for row-major data: version 1, or 2 when the header does not fit it. Throws Error for
/// bf16, which NumPy lacks.
std::vector<std::byte> write_npy(DType dtype, const Dims& shape, const std::byte* data);

}  // namespace quix::io

#ifndef QUIX_SEPARATE
#include <quix/io/npy.ipp>
#endif
