#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/detail/separate.hpp>

namespace quix {

/// A table of comma-separated values (RFC 4180), whose first line names the columns.
struct CsvTable {
  std::filesystem::path path;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;  ///< of each row in the file, from 1

  /// The number of a column. Throws Error naming the columns that there are.
  std::size_t column(std::string_view name) const;
  /// A cell as a number; NaN for an empty one. Throws Error naming line and column.
  float number(std::size_t row, std::size_t column) const;
  /// Whether all cells of a column are whole numbers from 0: classes that are numbered already.
  bool is_numbered(std::size_t column) const;
  /// The words of a column, sorted, each once: classes by name.
  std::vector<std::string> words(std::size_t column) const;
};

/// Reads a whole table. Throws Error for a file without rows, an open quote, and rows of another length than the
/// header.
CsvTable read_csv(const std::filesystem::path& path);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/csv.ipp>
#endif
