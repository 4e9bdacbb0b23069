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
  std::vector<std::string> names{};  ///< by class index; empty if only the count is declared
  std::string suffix = "cls";        ///< suffix of the class members: cls, or the only class suffix of the dataset

  bool operator==(const DeclaredClasses&) const = default;
};

/// The classes in config.json of a dataset's folder: `"classes"`, there or in its `"metadata"`, is a list of names, a
/// map from name to index, or a count; `"num_classes"` is a count. Datasets joined by `::` must not declare different
/// classes; if one is a pattern of shards, nothing is declared. Throws Error for joined datasets that declare different
/// classes, for a map whose indices are not 0 … n-1 and for a count below 1.
DeclaredClasses declared_classes(const std::filesystem::path& dataset);

/// "5", or "5 (sandal)" if the class has a name.
std::string class_text(std::int64_t number, const std::vector<std::string>& names);

namespace detail {

/// Why training rejects a class index; empty if it is valid. `known`: the number of classes of the run, or else
/// declared; 0: unknown. `samples`: number of samples of the split.
std::string class_fault(std::int64_t number, std::int64_t known, bool of_run, std::size_t samples);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/class_names.ipp>
#endif
