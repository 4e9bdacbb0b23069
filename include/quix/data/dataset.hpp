#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// The shards of a fold: as config.json says (Python quix's and ours), where it lists any fold, else every `FOLD*.tar`
/// of the folder, sorted. Names of shards end with .tar, .tgz or .tar.gz, .xz, .bz2, .zst, .lz4, in any case, and do
/// not begin with a dot. Throws Error for a fold without shards and for a directory of such a name. One tar archive is
/// a dataset too. Several datasets are joined by `::`. A name with `*`, `?` or `{` is a pattern of shards instead of a
/// folder: `data/{fold}-{0000..0127}.tar`, `web/*.tar`; one without `{fold}` is the training fold's, or that of the
/// fold its file name begins with. A relative folder is looked for here, in `data/`, and in the folders of $QUIX_DATA.
std::vector<std::filesystem::path> find_shards(const std::filesystem::path& dataset, std::string_view fold);
/// Whether the dataset has that fold. Throws Error when there is no such dataset.
bool has_fold(const std::filesystem::path& dataset, std::string_view fold);
/// The folds of a dataset. Of a folder: those that its config.json names, else those that the names of its shards show;
/// of archives and patterns: train, val and test, where there are some.
std::vector<std::string> find_folds(const std::filesystem::path& dataset);
/// Shards that a folder holds and its config.json does not list; with a fold, those whose names show it, and with train
/// also those of folds that config.json does not list. Empty for a dataset that is not one folder, or has no
/// config.json.
std::vector<std::filesystem::path> unlisted_shards(const std::filesystem::path& dataset, std::string_view fold = {});
/// Files of a folder that resemble shards and are not, by their names: unfinished downloads, checksums, hidden files.
std::vector<std::filesystem::path> foreign_files(const std::filesystem::path& dataset);
/// The one directory of a dataset that is a directory: here, in `data/`, or in a folder of $QUIX_DATA. Throws Error
/// when there is none and, with both paths, when the first one holds no shards and hides one that does.
std::filesystem::path find_dataset(const std::filesystem::path& dataset);
/// Whether a dataset is one folder: not an archive, not a pattern, and not several.
bool is_one_folder(const std::filesystem::path& dataset);

/// As a shell does it: "a_{08..10}.tar" is a_08.tar, a_09.tar, a_10.tar, the width being that of the first number, and
/// "{train,val}.tar" is train.tar, val.tar; within one another and several in a row. Other braces mean themselves.
/// Throws Error for a range that counts down, and for more than ten million names.
std::vector<std::string> expand_braces(const std::string& pattern);

namespace detail {

/// Whether a name or pattern contains the end of a shard's name, as unfinished downloads and checksums do.
bool resembles_shard(std::string_view name);
/// The splits that config.json lists and their patterns, in its order. Without any, names of shards show the splits.
std::vector<std::pair<std::string, std::string>> listed_folds(const std::filesystem::path& folder);
/// The parts of datasets joined by `::`.
std::vector<std::string> parts_of(const std::filesystem::path& dataset);
/// The directories that a dataset's name may mean, in the order in which they are looked for.
std::vector<std::filesystem::path> found_places(const std::filesystem::path& dataset);
/// The first of them. Throws Error when there is none.
std::filesystem::path find_place(const std::filesystem::path& dataset);
/// The pattern of the shards in a folder's subdirectories; empty where these hold none.
std::string nested_pattern(const std::filesystem::path& folder);
/// Throws Error: the first holds nothing to read, and another one of that name does.
[[noreturn]] void hides(const std::filesystem::path& first, const std::filesystem::path& other);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/dataset.ipp>
#endif
