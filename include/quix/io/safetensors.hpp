#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/io/dtype.hpp>
#include <quix/io/file.hpp>

namespace quix::io {

/// A tensor to write: contiguous bytes in C order, which it does not own.
struct TensorView {
  std::string name;
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  const void* data = nullptr;

  std::size_t bytes() const {
    std::size_t n = size_of(dtype);
    for (auto d : shape) n *= static_cast<std::size_t>(d);
    return n;
  }
};

using Metadata = std::map<std::string, std::string>;

/// The header of a safetensors file: 8 bytes of length, then JSON, padded to 8. Tensors are placed by descending
/// alignment, then by name, as the reference writer does; `order` is the order of the tensors.
std::string safetensors_header(const std::vector<TensorView>& tensors, const Metadata& metadata,
                               std::vector<std::size_t>& order);

/// Writes a safetensors file, synced to disk, and returns the SHA-256 of its bytes.
std::string write_safetensors(const std::filesystem::path& path, const std::vector<TensorView>& tensors,
                              const Metadata& metadata = {{"format", "pt"}});

/// A safetensors file open for reading. Checks the whole header: bounds, holes, overlaps, sizes.
class Safetensors {
 public:
  struct Entry {
    DType dtype = DType::f32;
    std::vector<std::int64_t> shape;
    std::uint64_t offset = 0;  ///< in the file
    std::uint64_t bytes = 0;
  };

  explicit Safetensors(const std::filesystem::path& path);

  const std::map<std::string, Entry>& entries() const { return entries_; }
  const Metadata& metadata() const { return metadata_; }
  void read(const Entry& entry, void* to) const { file_.read_all(entry.offset, to, entry.bytes); }
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  File file_;
  std::map<std::string, Entry> entries_;
  Metadata metadata_;
};

/// The SHA-256 of a file.
std::string hash_file(const std::filesystem::path& path);

}  // namespace quix::io

#ifndef QUIX_SEPARATE
#include <quix/io/safetensors.ipp>
#endif
