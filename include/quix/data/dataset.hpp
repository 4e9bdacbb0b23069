#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// The shards of a fold: as config.json says (Python quix's and ours), else every `FOLD*.tar` of the folder, sorted.
/// A relative folder is looked for here, in `data/`, and in the folders of $QUIX_DATA.
std::vector<std::filesystem::path> find_shards(const std::filesystem::path& dataset, std::string_view fold);
/// Whether the dataset has that fold. Throws Error when there is no such dataset.
bool has_fold(const std::filesystem::path& dataset, std::string_view fold);
std::filesystem::path find_dataset(const std::filesystem::path& dataset);

/// "a_{08..10}.tar" is a_08.tar, a_09.tar, a_10.tar; the width is that of the first number.
std::vector<std::string> expand_braces(const std::string& pattern);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/dataset.ipp>
#endif
