#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <quix/cfg.hpp>
#include <quix/data.hpp>
#include <quix/data/files.hpp>

#include "output.hpp"
#include "report.hpp"

namespace quix::tool {

struct ImportOptions {
  std::filesystem::path source{};
  std::filesystem::path dataset{};
  std::string classes{};
  std::string target = "label";
  std::map<std::string, std::string> map{};
  std::vector<std::string> ignore{};
  std::optional<SplitSource::Kind> format{};
  bool dry_run = false;
  WriteOptions write{};

  static constexpr std::array notes = {
      quix::note<&ImportOptions::source>("directory, or CSV file", {.required = true, .positional = true}),
      quix::note<&ImportOptions::dataset>("directory of the dataset that is written",
                                          {.required = true, .positional = true}),
      quix::note<&ImportOptions::classes>("names of the classes, separated by commas, for config.json", {}),
      quix::note<&ImportOptions::target>("CSV: the column that holds the class", {}),
      quix::note<&ImportOptions::map>("directories of splits, where their names do not show them: train=Training; "
                                      "train=. makes every directory a class"),
      quix::note<&ImportOptions::ignore>("directories to leave out"),
      quix::note<&ImportOptions::format>("csv, idx or folders, where FOLDER holds several; none: detect it"),
      quix::note<&ImportOptions::dry_run>("show what would become what, and write nothing"),
  };
};

/// Prints what becomes what, and writes it. Returns the fields of a sample; none after a dry run.
std::vector<SampleField> import_images(const std::filesystem::path& folder, const std::filesystem::path& dataset,
                                       const ImportOptions& options);

/// The tables in a directory that are named after splits.
std::vector<std::filesystem::path> tables_in(const std::filesystem::path& folder);
/// Throws Error for several of them.
[[noreturn]] void refuse_tables(const std::vector<std::filesystem::path>& tables);

Node list_of(const std::vector<std::string>& names);
/// The names of --classes for the classes found, which have `count` numbers and maybe names; else those. Throws Error
/// unless there are as many, all different, and not the found names in another order.
std::vector<std::string> class_names(const ImportOptions& options, const std::vector<std::string>& found,
                                     std::size_t count);
/// Throws Error unless a dataset's metadata has this list: what is appended must mean the same.
void require_same(const std::filesystem::path& dataset, const std::string& name, const std::vector<std::string>& list);

}  // namespace quix::tool
