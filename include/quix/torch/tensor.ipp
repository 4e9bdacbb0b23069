#pragma once

#include <map>
#include <sstream>
#include <tuple>

#include <ATen/ops/empty.h>
#include <torch/types.h>

#include <quix/cfg/suggest.hpp>
#include <quix/io/format.hpp>
#include <quix/io/pt.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

QUIX_INLINE at::ScalarType scalar_type(DType type) {
  switch (type) {
    case DType::b8: return at::kBool;
    case DType::u8: return at::kByte;
    case DType::i8: return at::kChar;
    case DType::i16: return at::kShort;
    case DType::i32: return at::kInt;
    case DType::i64: return at::kLong;
    case DType::f16: return at::kHalf;
    case DType::bf16: return at::kBFloat16;
    case DType::f32: return at::kFloat;
    case DType::f64: return at::kDouble;
    case DType::u16: return at::kUInt16;
    case DType::u32: return at::kUInt32;
    case DType::u64: return at::kUInt64;
    case DType::c64: return at::kComplexFloat;
    case DType::c128: return at::kComplexDouble;
  }
  throw Error("", "unknown element type");
}

QUIX_INLINE DType dtype_of(at::ScalarType type) {
  for (int i = 0; i < dtype_count; ++i)
    if (scalar_type(static_cast<DType>(i)) == type) return static_cast<DType>(i);
  throw Error("", std::string("tensors of type ") + c10::toString(type) + " cannot be saved");
}

QUIX_INLINE at::Tensor operator*(const Array& array) {
  if (!array.data()) throw Error("", "empty field: not part of a batch");
  return at::from_blob(
      array.data(), at::IntArrayRef(array.shape().data(), array.shape().size()),
      at::IntArrayRef(array.strides().data(), array.strides().size()), [owner = array.owner()](void*) {},
      at::TensorOptions(scalar_type(array.dtype())));
}

QUIX_INLINE std::string save_tensors(const std::filesystem::path& path, const NamedTensors& tensors) {
  io::Metadata metadata{{"format", "pt"}};
  std::vector<io::TensorView> views;
  std::vector<at::Tensor> kept;
  std::map<std::tuple<const void*, std::vector<std::int64_t>, at::ScalarType>, std::string> seen;
  for (const auto& [name, tensor] : tensors) {
    const auto dense = tensor.detach().to(at::kCPU).contiguous().resolve_conj().resolve_neg();
    if (dense.numel() > 0) {
      const auto [known, is_new] =
          seen.try_emplace({dense.const_data_ptr(), dense.sizes().vec(), dense.scalar_type()}, name);
      if (!is_new) {
        metadata["alias." + name] = known->second;
        continue;
      }
    }
    kept.push_back(dense);
    views.push_back({.name = name,
                     .dtype = dtype_of(dense.scalar_type()),
                     .shape = dense.sizes().vec(),
                     .data = dense.const_data_ptr()});
  }
  return io::write_safetensors(path, views, metadata);
}

namespace detail {

QUIX_INLINE bool is_plain(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.is_contiguous() && !tensor.is_conj() && !tensor.is_neg();
}

QUIX_INLINE bool is_repeated(const at::Tensor& tensor) {
  for (std::int64_t d = 0; d < tensor.dim(); ++d)
    if (tensor.stride(d) == 0 && tensor.size(d) > 1) return true;
  return false;
}

QUIX_INLINE void copy_repeated(const at::Tensor& from, const at::Tensor& to, const std::string& where) {
  auto values = from, place = to;
  for (std::int64_t d = 0; d < to.dim(); ++d)
    if (to.stride(d) == 0 && to.size(d) > 1) values = values.narrow(d, 0, 1), place = place.narrow(d, 0, 1);
  if (!place.is_same(to) && !values.expand_as(from).equal(from))
    throw Error(where,
                "values differ, but the model's tensor repeats one (expand); give the model a tensor with separate "
                "memory:  .clone()");
  place.copy_(values);
}

/// `alias`: the tensor whose bytes a tensor shares.
template <class File, class Alias>
void load_from(const File& file, const NamedTensors& into, Alias&& alias) {
  const auto where = file.path().string();
  std::vector<Problem> problems;
  std::map<std::string_view, bool> used;
  for (const auto& [name, tensor] : into) {
    const auto entry = file.entries().find(alias(name));
    if (entry == file.entries().end()) {
      std::vector<std::string_view> names;
      for (const auto& [key, value] : file.entries()) names.push_back(key);
      const auto near = nearest(name, names);
      problems.push_back(
          {where, "has no tensor " + name + (near.empty() ? "" : "; the nearest name is " + std::string(near)), {}});
      continue;
    }
    used[entry->first] = true;
    const std::vector<std::int64_t> shape(entry->second.shape.begin(), entry->second.shape.end());
    if (at::IntArrayRef(shape) != tensor.sizes() || scalar_type(entry->second.dtype) != tensor.scalar_type()) {
      std::ostringstream text;
      text << "tensor " << name << " is " << name_of(entry->second.dtype) << " " << at::IntArrayRef(shape)
           << ", the model has " << name_of(dtype_of(tensor.scalar_type())) << " " << tensor.sizes();
      problems.push_back({where, text.str(), {}});
    }
  }
  for (const auto& [name, entry] : file.entries())
    if (!used[name]) problems.push_back({where, "unexpected tensor " + name, {}});
  if (!problems.empty()) throw Error(std::move(problems));
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : into) {
    if (tensor.numel() == 0) continue;
    const auto& entry = file.entries().at(alias(name));
    if (is_plain(tensor)) {
      file.read(entry, tensor.data_ptr());
    } else {
      auto dense =
          at::empty(tensor.sizes(), tensor.options().device(at::kCPU).memory_format(at::MemoryFormat::Contiguous));
      file.read(entry, dense.data_ptr());
      copy_repeated(dense, tensor, where + ", tensor " + name);
    }
  }
}

}  // namespace detail

QUIX_INLINE void load_tensors(const std::filesystem::path& path, const NamedTensors& into) {
  if (io::tensor_format(io::File(path)) == io::TensorFormat::pt)
    return detail::load_from(io::PtFile(path), into, [](const std::string& name) { return name; });
  const io::Safetensors file(path);
  detail::load_from(file, into, [&](const std::string& name) {
    const auto alias = file.metadata().find("alias." + name);
    return alias == file.metadata().end() ? name : alias->second;
  });
}

}  // namespace quix
