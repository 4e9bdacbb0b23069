#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// Paths that a reader of files left out, by cause.
struct Omission {
  std::string cause;  ///< "files of type .gif"
  std::uint64_t count = 0;
  std::string first;  ///< path of the first one

  /// "files of type .gif: 2 (the first: a/b.gif)"
  std::string text() const;
};
/// Counts a path that is left out.
void count_omission(std::vector<Omission>& all, const std::string& cause, const std::filesystem::path& path);

/// Roles of directories whose names do not show them.
struct TreeOptions {
  std::map<std::string, std::string> map{};  ///< a split's directory, below the root: {"train", "Training"}; "." is all
  std::vector<std::string> ignore{};         ///< directories to leave out
};

/// The splits and classes of a directory of images by class. Splits are found in their usual spellings and in any case
/// (`Training`, `val`, `test_set`, `train_images`, `seg_train` next to `seg_test`), below directories that wrap them,
/// and in `images/` next to `annotations/`. Without split directories, all directories are classes of training.
struct ClassTree {
  struct Split {
    std::string name;  ///< "train", "val", "test", or as TreeOptions::map names it
    std::filesystem::path folder{};
    std::vector<std::string> classes{};  ///< directories that hold images, sorted
    bool flat = false;                   ///< images without class directories
    std::string place{};                 ///< of the folder below the root; "." is the root
  };
  /// A directory below the root that is not a class, and its role: "split train", "not data", …
  struct Entry {
    std::string path, role;
  };
  std::vector<Split> splits;
  std::vector<Entry> entries;

  /// The split; for "val" the split test if there is no val.
  const Split* find(std::string_view name) const;
};

/// Throws Error, naming --map and --ignore, when the splits are ambiguous.
ClassTree find_class_tree(const std::filesystem::path& root, const TreeOptions& options = {});

/// "train", "val" or "test" for a directory's name in one of their usual spellings; else empty.
std::string_view split_of_name(std::string_view name);
/// The only subdirectory of a directory without files; else empty.
std::filesystem::path wrapped_folder(const std::filesystem::path& folder);
/// The subdirectories of a directory, sorted by name, except those that are not data.
std::vector<std::string> folders_in(const std::filesystem::path& folder);

namespace detail {

/// Whether a directory's name shows that it contains images rather than being a class (`images`, `JPEGImages`), or data
/// that belongs to images (`annotations`, `masks`).
bool holds_images(std::string_view name);
bool holds_annotations(std::string_view name);
/// The split of each directory, by its name, or because its name differs from a neighbor's only in the split:
/// "seg_train" next to "seg_test". Empty for others.
std::vector<std::string> splits_of(const std::vector<std::string>& names);
/// The first six, joined by commas.
std::string some_names(const std::vector<std::string>& names);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/class_tree.ipp>
#endif
