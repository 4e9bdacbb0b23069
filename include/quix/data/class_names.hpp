#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// The classes that a dataset declares.
struct DeclaredClasses {
  std::int64_t count = 0;            ///< 0: not declared
  std::vector<std::string> names{};  ///< by class number; empty where only the count is declared
  std::string suffix = "cls";        ///< of the members that hold them: cls, or the only class suffix of the dataset

  bool operator==(const DeclaredClasses&) const = default;
};

/// The classes in config.json of a dataset's folder: `"classes"`, there or in its `"metadata"`, is a list of names, a
/// map from name to number, or a count; `"num_classes"` is a count. Of datasets joined by `::` those that declare
/// classes must agree; where one is a pattern of shards, nothing is declared. Throws Error for joined datasets that
/// declare different classes, for a map whose numbers are not 0 … n-1 and for a count below 1.
DeclaredClasses declared_classes(const std::filesystem::path& dataset);

/// "5", or "5 (sandal)" where the class has a name.
std::string class_text(std::int64_t number, const std::vector<std::string>& names);

namespace detail {

/// Why training refuses a class number; empty where it does not. `known`: the number of classes, 0: unknown; of the run
/// or else declared. `samples`: those of the fold.
std::string class_fault(std::int64_t number, std::int64_t known, bool of_run, std::size_t samples);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/class_names.ipp>
#endif
