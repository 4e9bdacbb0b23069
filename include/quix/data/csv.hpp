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

/// A table of comma-separated values (RFC 4180), whose first line names the columns; lines end with LF, CR LF or CR.
/// Drops blanks around unquoted cells, and unnamed columns that are an index (pandas writes one first) or empty (a
/// comma at the end of each line). A file that is not UTF-8 is read as Windows-1252, which contains Latin-1.
struct CsvTable {
  std::filesystem::path path;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;  ///< of each row in the file, from 1
  bool has_index = false;          ///< a first column without a name was dropped
  bool is_utf8 = true;             ///< the encoding of the file

  /// The index of a column. Throws Error that lists the columns.
  std::size_t column(std::string_view name) const;
  /// A cell as a number; NaN if empty. Throws Error naming line and column for other text and infinite numbers.
  float number(std::size_t row, std::size_t column) const;
  /// Throws Error when one of these columns names images.
  void refuse_images(const std::vector<std::size_t>& of) const;
  /// Losses of converting these columns to float32, one sentence per kind: missing cells, rounded integers.
  std::vector<std::string> remarks(const std::vector<std::size_t>& of) const;
};

/// The classes of a column: the numbers themselves if all cells are non-negative integers (3 and 3.0); else indices in
/// sorted order, numeric if all cells are numbers.
class CsvClasses {
 public:
  /// Throws Error, with its line, for an empty cell.
  CsvClasses(const CsvTable& training, std::size_t column);
  /// The class index of a cell of this or another table. Throws Error, with its line, for a class that the training
  /// table lacks.
  std::int64_t number(const CsvTable& table, std::size_t row, std::size_t column) const;
  /// Class names by index; empty if the cells are class indices.
  const std::vector<std::string>& names() const { return names_; }
  /// Different spellings of one class, a sentence per class: "01 and 1 are one class".
  const std::vector<std::string>& merged() const { return merged_; }

 private:
  void find_merged(const CsvTable& training, std::size_t column);

  bool whole_;
  std::vector<std::string> names_;
  std::vector<double> values_;  ///< of the names, if all are numbers
  std::vector<std::string> merged_;
};

/// Reads a table. Throws Error for a file without rows, an open quote, rows of another length than the header, a
/// duplicate or unnamed column, another separator than the comma, and UTF-16.
CsvTable read_csv(const std::filesystem::path& path);
/// Reads a table from its text; `path` is its name in errors.
CsvTable parse_csv(std::string text, const std::filesystem::path& path);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/csv.ipp>
#endif
