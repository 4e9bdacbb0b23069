#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <quix/io/dims.hpp>
#include <quix/io/dtype.hpp>
#include <quix/io/pickle.hpp>
#include <quix/io/stored_zip.hpp>

namespace quix::io {

/// The tensors in a file of Python's `torch.save` or `torch.jit.save`, read without running its code.
///
///     const quix::io::PtFile file("resnet18.pt");
///     for (const auto& [name, entry] : file.entries()) …      // "layer1.0.conv1.weight"
///
/// A name is the path of keys to a tensor, joined by dots, with indices in lists and tuples; that of a single tensor is
/// "". Attributes of objects are part of the path: a TensorDataset's tensors are `tensors.0`, `tensors.1`.
class PtFile {
 public:
  struct Entry {
    DType dtype = DType::f32;
    Dims shape, strides;
    std::uint64_t offset = 0;  ///< of the first element in the file
    std::uint64_t bytes() const { return static_cast<std::uint64_t>(shape.count()) * size_of(dtype); }
  };

  /// Throws Error for another format, a corrupt file, a big-endian file, a file of torch before 1.6, and a tensor
  /// beyond its storage.
  explicit PtFile(const std::filesystem::path& path);

  const std::map<std::string, Entry>& entries() const { return entries_; }
  /// The elements in row-major order, entry.bytes() long.
  void read(const Entry& entry, void* to) const;
  const std::filesystem::path& path() const { return zip_.file().path(); }

 private:
  void collect(const Pickle::Value& value, const std::string& name, int depth);
  bool add_tensor(const Pickle::Value& call, const std::string& name, int depth);
  [[noreturn]] void fail(const std::string& what) const;

  StoredZip zip_;
  std::string folder_;  // of the archive: "archive/"
  std::map<std::string, Entry> entries_;
  std::uint64_t visited_ = 0, most_visits_ = 0;
};

}  // namespace quix::io

#ifndef QUIX_SEPARATE
#include <quix/io/pt.ipp>
#endif
