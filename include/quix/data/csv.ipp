#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

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

QUIX_INLINE bool CsvTable::is_numbered(std::size_t column) const {
  return std::all_of(rows.begin(), rows.end(), [&](const auto& row) {
    const auto& cell = row[column];
    return !cell.empty() && cell.size() < 10 && cell.find_first_not_of("0123456789") == std::string::npos;
  });
}

QUIX_INLINE std::vector<std::string> CsvTable::words(std::size_t column) const {
  std::set<std::string> out;
  for (const auto& row : rows) out.insert(row[column]);
  return {out.begin(), out.end()};
}

}  // namespace quix
