#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <quix/data/csv.hpp>
#include <quix/io/file.hpp>

namespace quix {

QUIX_INLINE CsvTable read_csv(const std::filesystem::path& path) {
  CsvTable table{.path = path, .columns = {}, .rows = {}, .lines = {}};
  const auto text = io::read_text(path);
  std::vector<std::string> cells(1);
  std::size_t line = 1, begin = 1;  // of the file; where this row began
  bool quoted = false, any = false;
  const auto where = [&] { return path.string() + ":" + std::to_string(begin); };
  const auto end_row = [&] {
    if (!any && cells.size() == 1 && cells[0].empty()) return;  // an empty line
    if (table.columns.empty())
      table.columns = cells;
    else if (cells.size() != table.columns.size())
      throw Error(where(),
                  "has " + std::to_string(cells.size()) + " cells, the header " + std::to_string(table.columns.size()));
    else
      table.rows.push_back(cells), table.lines.push_back(begin);
    cells.assign(1, {}), any = false;
  };
  for (std::size_t i = text.starts_with("\xef\xbb\xbf") ? 3 : 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    if (c == '"' && (quoted || cells.back().empty())) {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"')
        cells.back() += text[++i];
      else
        quoted = !quoted, any = true;
    } else if (quoted) {
      cells.back() += c;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      end_row();
      begin = line;
    } else if (c != '\r' || (i + 1 < text.size() && text[i + 1] != '\n')) {
      cells.back() += c;
    }
  }
  if (quoted) throw Error(where(), "has a quote without an end");
  end_row();
  if (table.rows.empty()) throw Error(path.string(), "holds no rows below a header");
  return table;
}

QUIX_INLINE std::size_t CsvTable::column(std::string_view name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  std::string names;
  for (const auto& one : columns) names += (names.empty() ? "" : ", ") + one;
  throw Error(path.string(), "has no column " + std::string(name) + "; there are " + names);
}

QUIX_INLINE float CsvTable::number(std::size_t row, std::size_t column) const {
  const auto& cell = rows[row][column];
  if (cell.empty()) return std::nanf("");
  char* end = nullptr;
  const auto value = std::strtof(cell.c_str(), &end);
  if (*end != '\0')
    throw Error(path.string() + ":" + std::to_string(lines[row]),
                "expected a number in column " + columns[column] + ", got " + cell);
  return value;
}

namespace detail {

inline bool is_whole(const std::string& cell) {
  return !cell.empty() && cell.size() < 10 && cell.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace detail

QUIX_INLINE CsvClasses::CsvClasses(const CsvTable& training, std::size_t column)
    : numbered_(std::all_of(training.rows.begin(), training.rows.end(),
                            [&](const auto& row) { return detail::is_whole(row[column]); })) {
  if (numbered_) return;
  for (std::size_t r = 0; r < training.rows.size(); ++r) {
    if (training.rows[r][column].empty())
      throw Error(training.path.string() + ":" + std::to_string(training.lines[r]),
                  "has no class: its cell in column " + training.columns[column] + " is empty");
    names_.push_back(training.rows[r][column]);
  }
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

QUIX_INLINE std::int64_t CsvClasses::number(const CsvTable& table, std::size_t row, std::size_t column) const {
  const auto& cell = table.rows[row][column];
  const auto known = std::lower_bound(names_.begin(), names_.end(), cell);
  if (numbered_ ? !detail::is_whole(cell) : known == names_.end() || *known != cell)
    throw Error(
        table.path.string() + ":" + std::to_string(table.lines[row]),
        "has in column " + table.columns[column] + " the class " + cell + ", which the training table does not have");
  return numbered_ ? std::stoll(cell) : known - names_.begin();
}

}  // namespace quix
