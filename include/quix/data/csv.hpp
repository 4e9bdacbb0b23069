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
/// Blanks around cells without quotes are dropped, and so are columns without a name that are an index (pandas writes
/// one first) or empty (a comma at the end of each line). A file that is not UTF-8 is read as Windows-1252, which
/// contains Latin-1.
struct CsvTable {
  std::filesystem::path path;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;  ///< of each row in the file, from 1
  bool has_index = false;          ///< a first column without a name was dropped
  bool is_utf8 = true;             ///< as it was found

  /// The number of a column. Throws Error naming the columns that there are.
  std::size_t column(std::string_view name) const;
  /// A cell as a number; NaN for an empty one. Throws Error naming line and column, also for an infinite one.
  float number(std::size_t row, std::size_t column) const;
  /// Throws Error where one of these columns names images.
  void refuse_images(const std::vector<std::size_t>& of) const;
  /// What is lost when these columns become float32, one sentence for each kind: missing cells, rounded whole numbers.
  std::vector<std::string> remarks(const std::vector<std::size_t>& of) const;
};

/// What the cells of a column mean as classes: their own numbers where all of them are whole numbers from 0 (3 and
/// 3.0); else the place among all, sorted: numbers as numbers where all of them are, words as words.
class CsvClasses {
 public:
  /// Throws Error, with its line, for an empty cell.
  CsvClasses(const CsvTable& training, std::size_t column);
  /// The class of a cell, of this table or of another one. Throws Error, with its line, for a word that the training
  /// table does not have.
  std::int64_t number(const CsvTable& table, std::size_t row, std::size_t column) const;
  /// Of classes by name; empty where they are numbers from 0.
  const std::vector<std::string>& names() const { return names_; }
  /// Cells that differ and are one class, a sentence for each class: "01 and 1 are one class".
  const std::vector<std::string>& merged() const { return merged_; }

 private:
  void find_merged(const CsvTable& training, std::size_t column);

  bool whole_;
  std::vector<std::string> names_;
  std::vector<double> values_;  ///< of the names, where all are numbers
  std::vector<std::string> merged_;
};

/// Reads a whole table. Throws Error for a file without rows, an open quote, rows of another length than the header,
/// a column that comes twice or has no name, another separator than the comma, and UTF-16.
CsvTable read_csv(const std::filesystem::path& path);
/// Reads a table from its text; `path` is what errors call it.
CsvTable parse_csv(std::string text, const std::filesystem::path& path);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/csv.ipp>
#endif
