#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// The shards of a split: those in config.json (Python quix's and ours), if it lists any split, else every `SPLIT*.tar`
/// of the directory, sorted. Names of shards end with .tar, .tgz or .tar.gz, .xz, .bz2, .zst, .lz4, in any case, and do
/// not begin with a dot. Throws Error for a split without shards and for a directory with a shard's name. One tar
/// archive is a dataset too. Several datasets are joined by `::`. A name with `*`, `?` or `{` is a pattern of shards
/// instead of a directory: `data/{split}-{0000..0127}.tar`, `web/*.tar`; one without `{split}` belongs to the split
/// that its file name begins with, else to train. A relative directory is searched in the working directory, in
/// `data/`, and in the directories of $QUIX_DATA.
std::vector<std::filesystem::path> find_shards(const std::filesystem::path& dataset, std::string_view split);
/// Whether the dataset has the split. Throws Error when the dataset is not found.
bool has_split(const std::filesystem::path& dataset, std::string_view split);
/// The splits of a dataset. Of a directory: those in its config.json, else those in the names of its shards; of
/// archives and patterns: train, val and test, if they exist.
std::vector<std::string> find_splits(const std::filesystem::path& dataset);
[[deprecated("renamed quix::find_splits")]] inline std::vector<std::string> find_folds(
    const std::filesystem::path& dataset) {
  return find_splits(dataset);
}
/// Shards in a directory that its config.json does not list. With a split, only those whose names show it; with train,
/// also those of splits that config.json does not list. Empty for a dataset that is not one directory, or has no
/// config.json.
std::vector<std::filesystem::path> unlisted_shards(const std::filesystem::path& dataset, std::string_view split = {});
/// Files in a directory whose names resemble shards but are not: unfinished downloads, checksums, hidden files.
std::vector<std::filesystem::path> foreign_files(const std::filesystem::path& dataset);
/// The directory of a dataset: in the working directory, in `data/`, or in a directory of $QUIX_DATA. Throws Error when
/// not found and, with both paths, when the first has no shards and hides one that does.
std::filesystem::path find_dataset(const std::filesystem::path& dataset);
/// Whether a dataset is one directory: not an archive, a pattern, or several datasets.
bool is_one_folder(const std::filesystem::path& dataset);

/// Brace expansion as in a shell: "a_{08..10}.tar" is a_08.tar, a_09.tar, a_10.tar, the width being that of the first
/// number, and "{train,val}.tar" is train.tar, val.tar; nested and repeated. Other braces are literal. Throws Error for
/// a range that counts down, and for more than ten million names.
std::vector<std::string> expand_braces(const std::string& pattern);

namespace detail {

/// Whether a name or pattern contains a shard's extension, as unfinished downloads and checksums do.
bool resembles_shard(std::string_view name);
/// The splits that config.json lists and their patterns, in its order. Without any, names of shards show the splits.
std::vector<std::pair<std::string, std::string>> listed_splits(const std::filesystem::path& folder);
/// The parts of datasets joined by `::`.
std::vector<std::string> parts_of(const std::filesystem::path& dataset);
/// The directories that match a dataset's name, in search order.
std::vector<std::filesystem::path> found_places(const std::filesystem::path& dataset);
/// The first of them. Throws Error when not found.
std::filesystem::path find_place(const std::filesystem::path& dataset);
/// The pattern of the shards in a directory's subdirectories; empty if there are none.
std::string nested_pattern(const std::filesystem::path& folder);
/// Throws Error: the first has no data to read, but another directory of that name does.
[[noreturn]] void hides(const std::filesystem::path& first, const std::filesystem::path& other);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/dataset.ipp>
#endif
