#pragma once

#include <cstddef>
#include <cstdint>
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
};

/// What the cells of a column mean as classes: their own numbers where all of them are whole numbers from 0, else the
/// place of a word among all words, sorted.
class CsvClasses {
 public:
  /// Throws Error, with its line, for an empty cell.
  CsvClasses(const CsvTable& training, std::size_t column);
  /// The class of a cell, of this table or of another one. Throws Error, with its line, for a word that the training
  /// table does not have.
  std::int64_t number(const CsvTable& table, std::size_t row, std::size_t column) const;
  /// Of classes by name; empty where they are numbers.
  const std::vector<std::string>& names() const { return names_; }

 private:
  bool numbered_;
  std::vector<std::string> names_;
};

/// Reads a whole table. Throws Error for a file without rows, an open quote, and rows of another length than the
/// header.
CsvTable read_csv(const std::filesystem::path& path);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/csv.ipp>
#endif
