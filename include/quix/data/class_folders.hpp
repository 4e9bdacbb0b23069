#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/data/class_tree.hpp>
#include <quix/data/image.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Image files in a directory for each class, `FOLDER/cat/1.jpg`, sorted by name; classes are numbered in the order of
/// their names. Files of other types, linked directories below a class and images outside of classes are left out, and
/// counted; names that are not data (is_junk) are not.
class ClassFolders {
 public:
  ClassFolders() = default;
  /// Lists a split's files. `classes` are those of training. Throws Error for a class that is not among them, and when
  /// there are no images.
  ClassFolders(const ClassTree::Split& split, const std::vector<std::string>& classes);
  /// The directories in `folder` are its classes.
  ClassFolders(const std::filesystem::path& folder, const std::vector<std::string>& classes);

  std::size_t size() const { return classes_.size(); }
  /// Names by class index.
  const std::vector<std::string>& class_names() const { return class_names_; }
  std::int64_t class_of(std::size_t sample) const { return classes_[sample]; }
  /// Relative to the folder: "cat/1.jpg".
  std::string_view name(std::size_t sample) const {
    return {names_.data() + begins_[sample], begins_[sample + 1] - begins_[sample] - 1};
  }
  std::filesystem::path path(std::size_t sample) const { return folder_ / name(sample); }
  /// A whole file, in the buffer, which grows as needed.
  ByteView read(std::size_t sample, std::vector<std::byte>& buffer) const;
  /// Files in the split's directory that are not samples, by cause; the most frequent first.
  const std::vector<Omission>& left_out() const { return left_out_; }
  /// Counts a path elsewhere that is left out with this split.
  void leave_out(const std::string& cause, const std::filesystem::path& path);
  /// Names that are not data.
  std::uint64_t junk() const { return junk_; }

 private:
  void list(const std::filesystem::path& below, std::vector<std::string>& files);

  std::filesystem::path folder_;
  std::string names_;  ///< each with a 0 at its end
  std::vector<std::size_t> begins_;
  std::vector<std::int64_t> classes_;
  std::vector<Omission> left_out_;
  std::uint64_t junk_ = 0;
  std::vector<std::string> class_names_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/class_folders.ipp>
#endif
