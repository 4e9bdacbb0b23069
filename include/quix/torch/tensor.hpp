#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include <quix/data/array.hpp>
#include <quix/io/safetensors.hpp>
#include <quix/torch/version.hpp>

// The one header that knows both the data layer's memory and tensors.

namespace quix {

at::ScalarType scalar_type(DType type);
DType dtype_of(at::ScalarType type);

/// The tensor of a sample's or batch's field. Copies nothing; the memory lives as long as the tensor.
at::Tensor operator*(const Array& array);

/// Tensors by name, in a fixed order: a module's parameters and buffers, an optimizer's state.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Writes tensors to a safetensors file and returns its SHA-256. Tensors of one shape that share memory are written
/// once; the metadata entry `alias.NAME` says whose bytes NAME has.
std::string save_tensors(const std::filesystem::path& path, const NamedTensors& tensors);

/// Copies a file's tensors into those given, by name: of a safetensors file, or of one that Python's torch saved (a
/// state dict, or a whole module), whatever its name. Names, types and shapes have to be the same. Throws Error naming
/// what is missing, unknown or of another shape.
void load_tensors(const std::filesystem::path& path, const NamedTensors& into);

namespace detail {

/// Whether a tensor's elements are a dense block of the CPU's memory, in order, with the values that it shows.
bool is_plain(const at::Tensor& tensor);
/// Whether several elements are one place of memory, as expand() makes them.
bool is_repeated(const at::Tensor& tensor);
/// Copies into a tensor that may be repeated: each place is written once. Throws Error where the values to write are
/// not repeated alike; `where` names them.
void copy_repeated(const at::Tensor& from, const at::Tensor& to, const std::string& where);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/torch/tensor.ipp>
#endif
