#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix::io {

/// The formats of tensor files.
enum class TensorFormat : std::uint8_t { safetensors, pt };

/// The program that compressed a file (gzip, bzip2, xz, zstd, lz4), by its first six bytes; empty for other contents.
std::string_view compression(std::string_view begin);

/// The format of a tensor file, detected from its first bytes, not its name. Throws Error that names the kind of any
/// other file.
TensorFormat tensor_format(const File& file);

/// The kind of a placeholder for a file that was not fetched: "a Git LFS pointer, not the file itself; fetch that with
/// git lfs pull", or an HTML or XML page. Empty for other contents. `begin`: the first bytes.
std::string stand_in(std::string_view begin);
/// Throws Error when the file is such a placeholder.
void refuse_stand_in(const File& file);

}  // namespace quix::io

#ifndef QUIX_SEPARATE
#include <quix/io/format.ipp>
#endif
