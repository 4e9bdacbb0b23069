#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>
#include <quix/io/file.hpp>

namespace quix::io {

/// The uncompressed members of a ZIP archive, as PyTorch stores tensors: their bytes can be read in place. Compressed
/// members are left out. Throws Error for a file that is corrupt or not a ZIP archive.
class StoredZip {
 public:
  struct Member {
    std::uint64_t offset = 0;  ///< of the data in the file
    std::uint64_t size = 0;
  };

  explicit StoredZip(const std::filesystem::path& path);

  const std::map<std::string, Member>& members() const { return members_; }
  const File& file() const { return file_; }

 private:
  [[noreturn]] void fail(const std::string& what) const;
  std::string bytes(std::uint64_t offset, std::uint64_t size, const char* what) const;

  File file_;
  std::map<std::string, Member> members_;
};

}  // namespace quix::io

#ifndef QUIX_SEPARATE
#include <quix/io/stored_zip.ipp>
#endif
