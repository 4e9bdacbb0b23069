#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include <quix/data/array.hpp>
#include <quix/io/safetensors.hpp>
#include <quix/torch/version.hpp>

// The only header that uses both the data layer's memory and tensors.

namespace quix {

at::ScalarType scalar_type(DType type);
DType dtype_of(at::ScalarType type);

/// The tensor of a sample's or batch's field. Copies nothing; the memory lives as long as the tensor.
at::Tensor operator*(const Array& array);

/// Tensors by name, in a fixed order: a module's parameters and buffers, an optimizer's state.
using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Writes tensors to a safetensors file and returns its SHA-256. Tensors of one shape that share memory are written
/// once; the metadata entry `alias.NAME` names the tensor whose bytes NAME shares.
std::string save_tensors(const std::filesystem::path& path, const NamedTensors& tensors);

/// Copies a file's tensors into the given ones, by name. The file is a safetensors file or one that Python's torch
/// saved (a state dict, or a whole module); its file name does not matter. Names, types and shapes must be equal.
/// Throws Error that lists missing and unexpected tensors and different shapes.
void load_tensors(const std::filesystem::path& path, const NamedTensors& into);

namespace detail {

/// Whether a tensor's elements are a dense block of the CPU's memory, in order, with the values that it shows.
bool is_plain(const at::Tensor& tensor);
/// Whether elements share memory, as after expand().
bool is_repeated(const at::Tensor& tensor);
/// Copies into a tensor whose elements may share memory; each is written once. Throws Error unless the values repeat in
/// the same way; `where` names them.
void copy_repeated(const at::Tensor& from, const at::Tensor& to, const std::string& where);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/torch/tensor.ipp>
#endif
