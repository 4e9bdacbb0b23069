#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/data/image.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Image files in a folder for each class, `FOLDER/cat/1.jpg`, sorted by name; classes are numbered in the order of
/// their names.
class ClassFolders {
 public:
  ClassFolders() = default;
  /// Lists a fold's files. Throws Error for a class that is not among `classes`, and when there are no images.
  ClassFolders(const std::filesystem::path& folder, const std::vector<std::string>& classes);

  std::size_t size() const { return classes_.size(); }
  std::int64_t class_of(std::size_t sample) const { return classes_[sample]; }
  /// Relative to the folder: "cat/1.jpg".
  std::string_view name(std::size_t sample) const {
    return {names_.data() + begins_[sample], begins_[sample + 1] - begins_[sample] - 1};
  }
  std::filesystem::path path(std::size_t sample) const { return folder_ / name(sample); }
  /// A whole file, in the buffer, which grows as needed.
  ByteView read(std::size_t sample, std::vector<std::byte>& buffer) const;

 private:
  std::filesystem::path folder_;
  std::string names_;  ///< each with a 0 at its end
  std::vector<std::size_t> begins_;
  std::vector<std::int64_t> classes_;
};

/// The folder of a fold of class folders: `ROOT/FOLD`, or by another of its usual names (training; valid, validation,
/// test), or for training ROOT itself when it has none of these. Empty when there is none.
std::filesystem::path find_class_folder(const std::filesystem::path& root, std::string_view fold);

/// The folders in a folder, sorted by name, without hidden ones.
std::vector<std::string> folders_in(const std::filesystem::path& folder);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/class_folders.ipp>
#endif
