#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <quix/data/csv.hpp>
#include <quix/data/listing.hpp>
#include <quix/detail/utf8.hpp>
#include <quix/io/file.hpp>
#include <quix/io/format.hpp>

namespace quix {
namespace detail {

inline std::string utf8_of_windows1252(std::string_view text) {
  // What differs from Latin-1; 0: not used, and read as Latin-1's control character.
  constexpr unsigned short high[32] = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
                                       0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
                                       0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                       0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char raw : text) {
    unsigned c = static_cast<unsigned char>(raw);
    if (c >= 0x80 && c < 0xa0 && high[c - 0x80]) c = high[c - 0x80];
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xc0 | c >> 6), out += static_cast<char>(0x80 | (c & 0x3f));
    } else {
      out += static_cast<char>(0xe0 | c >> 12), out += static_cast<char>(0x80 | (c >> 6 & 0x3f)),
          out += static_cast<char>(0x80 | (c & 0x3f));
    }
  }
  return out;
}

/// The complete text as a number.
inline std::optional<double> number_of(const std::string& cell) {
  if (cell.empty()) return {};
  char* end = nullptr;
  const auto value = std::strtod(cell.c_str(), &end);
  if (*end != '\0' || !std::isfinite(value)) return {};
  return value;
}

/// A class index: "7" and "7.0".
inline std::optional<std::int64_t> whole_of(const std::string& cell) {
  const auto digits = std::min(cell.find_first_not_of("0123456789"), cell.size());
  if (digits == 0 || digits > 9) return {};
  if (digits < cell.size() && (cell[digits] != '.' || cell.find_first_not_of('0', digits + 1) != cell.npos)) return {};
  return std::stoll(cell.substr(0, digits));
}

/// Whether a cell means a missing value, as pandas reads it, or - or ?.
inline bool is_missing(const std::string& cell) {
  return is_one_of(cell, {"NA", "N/A", "n/a", "#N/A", "<NA>", "NULL", "null", "None", "NaN", "nan", "-", "?"});
}

inline std::string trimmed(std::string_view cell) {
  const auto begin = cell.find_first_not_of(" \t");
  return begin == cell.npos ? std::string() : std::string(cell.substr(begin, cell.find_last_not_of(" \t") + 1 - begin));
}

/// Throws Error for a header of one column that another separator divides.
inline void require_commas(const CsvTable& table) {
  if (table.columns.size() != 1) return;
  for (const auto* separator : {";", "\t", "|"})
    if (table.columns[0].find(separator) != std::string::npos)
      throw Error(table.path.string(), "only one column, " + table.columns[0] +
                                           "; separate columns by commas instead of " +
                                           (*separator == '\t' ? std::string("tabs") : std::string(separator)) +
                                           ", and write decimals with a point");
}

/// Drops empty and index columns, and throws Error for unclear ones.
inline void settle_columns(CsvTable& table) {
  auto& columns = table.columns;
  const auto where = table.path.string();
  const auto drop = [&](std::size_t column) {
    const auto at = static_cast<std::ptrdiff_t>(column);
    columns.erase(columns.begin() + at);
    for (auto& row : table.rows) row.erase(row.begin() + at);
  };
  if (columns.size() > 1 && (columns[0].empty() || columns[0] == "Unnamed: 0") &&
      std::all_of(table.rows.begin(), table.rows.end(), [](const auto& row) { return whole_of(row[0]).has_value(); }))
    drop(0), table.has_index = true;
  for (std::size_t c = columns.size(); c-- > 0;)
    if (columns[c].empty() &&
        std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return row[c].empty(); }))
      drop(c);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].empty())
      throw Error(where, "column " + std::to_string(c + 1 + table.has_index) + " has no name; name it in the header");
    const auto first = std::find(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(c), columns[c]);
    if (*first == columns[c] && first != columns.begin() + static_cast<std::ptrdiff_t>(c))
      throw Error(where, "duplicate column " + columns[c] + ", as column " +
                             std::to_string(first - columns.begin() + 1 + table.has_index) + " and column " +
                             std::to_string(c + 1 + table.has_index) + "; rename or remove one");
  }
}

}  // namespace detail

QUIX_INLINE CsvTable parse_csv(std::string text, const std::filesystem::path& path) {
  CsvTable table{.path = path, .columns = {}, .rows = {}, .lines = {}};
  if (const auto what = io::stand_in(text); !what.empty()) throw Error(path.string(), what);
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") || text.find('\0') != std::string::npos)
    throw Error(path.string(), "UTF-16 or binary, not plain text; save it as UTF-8");
  if (!detail::is_utf8(text)) text = detail::utf8_of_windows1252(text), table.is_utf8 = false;
  std::vector<std::string> cells(1);
  std::size_t line = 1, begin = 1;  // of the file; where this row began
  bool quoted = false, any = false, was_quoted = false;
  const auto where = [&] { return path.string() + ":" + std::to_string(begin); };
  const auto end_cell = [&] {
    if (!std::exchange(was_quoted, false)) cells.back() = detail::trimmed(cells.back());
  };
  const auto end_row = [&] {
    end_cell();
    if (!any && cells.size() == 1 && cells[0].empty()) return;  // an empty line
    const auto count = cells.size(), wanted = table.columns.size();
    if (table.columns.empty()) {
      table.columns = cells;
      detail::require_commas(table);
    } else {
      if (count == wanted + 1 && cells.back().empty())
        cells.pop_back();  // a comma at the line's end
      else if (count + 1 == wanted && table.columns.back().empty())
        cells.emplace_back();  // one at the header's end alone
      else if (count != wanted)
        throw Error(where(), "has " + std::to_string(count) + " cells, the header " + std::to_string(wanted));
      table.rows.push_back(cells), table.lines.push_back(begin);
    }
    cells.assign(1, {}), any = false;
  };
  for (std::size_t i = text.starts_with("\xef\xbb\xbf") ? 3 : 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool ends_line = c == '\n' || (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
    if (ends_line) ++line;
    if (c == '"' && (quoted || detail::trimmed(cells.back()).empty()) && !was_quoted) {
      if (quoted && i + 1 < text.size() && text[i + 1] == '"')
        cells.back() += text[++i];
      else if (quoted)
        quoted = false, was_quoted = true;
      else
        quoted = true, any = true, cells.back().clear();
    } else if (quoted) {
      cells.back() += c;
    } else if (c == ',') {
      end_cell();
      cells.emplace_back();
    } else if (ends_line) {
      end_row();
      begin = line;
    } else if (c != '\r') {
      if (was_quoted && (c == ' ' || c == '\t')) continue;
      cells.back() += c;
    }
  }
  if (quoted) throw Error(where(), "unclosed quote");
  end_row();
  if (table.rows.empty()) throw Error(path.string(), "no rows below the header");
  detail::settle_columns(table);
  return table;
}

QUIX_INLINE CsvTable read_csv(const std::filesystem::path& path) { return parse_csv(io::read_text(path), path); }

QUIX_INLINE std::size_t CsvTable::column(std::string_view name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  std::string names;
  for (const auto& one : columns) names += (names.empty() ? "" : ", ") + one;
  throw Error(path.string(), "column " + std::string(name) + " not found; columns: " + names);
}

QUIX_INLINE float CsvTable::number(std::size_t row, std::size_t column) const {
  const auto& cell = rows[row][column];
  if (cell.empty()) return std::nanf("");
  char* end = nullptr;
  const auto value = std::strtof(cell.c_str(), &end);
  if (*end != '\0')
    throw Error(path.string() + ":" + std::to_string(lines[row]),
                "expected a number in column " + columns[column] + ", got " + cell);
  if (std::isinf(value))
    throw Error(path.string() + ":" + std::to_string(lines[row]),
                "column " + columns[column] + " holds " + cell +
                    ", which is infinite in float32; write a finite number, or leave the cell empty");
  return value;
}

QUIX_INLINE void CsvTable::refuse_images(const std::vector<std::size_t>& of) const {
  for (const auto c : of)
    if (const auto& cell = rows[0][c]; detail::is_image_name(cell))
      throw Error(
          path.string(),
          "column " + columns[c] + " names images (" + cell +
              "), and tables of images are not read; sort the images into directories named after their classes");
}

QUIX_INLINE std::vector<std::string> CsvTable::remarks(const std::vector<std::size_t>& of) const {
  struct Kind {
    const char* what;
    std::size_t count = 0, line = 0, column = 0;
  };
  Kind kinds[] = {{"cells that are empty or nan, read as NaN"}, {"integers above 16,777,216 that float32 rounds"}};
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (const auto c : of) {
      const auto& cell = rows[r][c];
      const double value = cell.empty() ? std::nan("") : std::strtod(cell.c_str(), nullptr);
      const bool rounds = std::isfinite(value) && std::abs(value) > 1 << 24 && value == std::floor(value) &&
                          static_cast<double>(static_cast<float>(value)) != value;
      if (!std::isnan(value) && !rounds) continue;
      auto& kind = kinds[rounds];
      if (kind.count++ == 0) kind.line = lines[r], kind.column = c;
    }
  std::vector<std::string> out;
  for (const auto& kind : kinds)
    if (kind.count > 0)
      out.push_back(std::string(kind.what) + ": " + std::to_string(kind.count) + " (the first: line " +
                    std::to_string(kind.line) + ", column " + columns[kind.column] + ")");
  return out;
}

QUIX_INLINE CsvClasses::CsvClasses(const CsvTable& training, std::size_t column)
    : whole_(std::all_of(training.rows.begin(), training.rows.end(),
                         [&](const auto& row) { return detail::whole_of(row[column]).has_value(); })) {
  find_merged(training, column);
  if (whole_) return;
  std::vector<std::pair<double, std::string>> numbers;
  std::optional<std::size_t> odd;  // row of nan or an infinite number
  std::size_t odds = 0;
  for (std::size_t r = 0; r < training.rows.size(); ++r) {
    const auto& cell = training.rows[r][column];
    if (cell.empty())
      throw Error(training.path.string() + ":" + std::to_string(training.lines[r]),
                  "missing class: the cell in column " + training.columns[column] + " is empty");
    names_.push_back(cell);
    char* end = nullptr;
    if (const auto value = detail::number_of(cell))
      numbers.emplace_back(*value, cell);
    else if (detail::is_missing(cell) || (!std::isfinite(std::strtod(cell.c_str(), &end)) && *end == '\0'))
      odd = odd.value_or(r), ++odds;
  }
  if (odd && !numbers.empty() && numbers.size() + odds == names_.size())
    throw Error(training.path.string() + ":" + std::to_string(training.lines[*odd]),
                "invalid class " + names_[*odd] + " in column " + training.columns[column] +
                    ", whose other classes are numbers; write its class, or remove the row");
  if (numbers.size() == names_.size()) {
    names_.clear();
    std::stable_sort(numbers.begin(), numbers.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [value, name] : numbers)
      if (values_.empty() || values_.back() != value) values_.push_back(value), names_.push_back(std::move(name));
    return;
  }
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

QUIX_INLINE void CsvClasses::find_merged(const CsvTable& training, std::size_t column) {
  std::map<double, std::set<std::string>> cells;
  for (const auto& row : training.rows) {
    const auto value = detail::number_of(row[column]);
    if (!value) return;  // words, compared as they are
    cells[*value].insert(row[column]);
  }
  for (const auto& [value, spellings] : cells) {
    if (spellings.size() < 2) continue;
    std::string text;
    for (auto at = spellings.begin(); at != spellings.end(); ++at)
      text += (at == spellings.begin() ? "" : std::next(at) == spellings.end() ? " and " : ", ") + *at;
    merged_.push_back("column " + training.columns[column] + ": " + text + " are one class");
  }
}

QUIX_INLINE std::int64_t CsvClasses::number(const CsvTable& table, std::size_t row, std::size_t column) const {
  const auto& cell = table.rows[row][column];
  if (whole_) {
    if (const auto number = detail::whole_of(cell)) return *number;
  } else if (!values_.empty()) {
    const auto value = detail::number_of(cell);
    const auto known = value ? std::lower_bound(values_.begin(), values_.end(), *value) : values_.end();
    if (known != values_.end() && *known == *value) return known - values_.begin();
  } else {
    const auto known = std::lower_bound(names_.begin(), names_.end(), cell);
    if (known != names_.end() && *known == cell) return known - names_.begin();
  }
  throw Error(table.path.string() + ":" + std::to_string(table.lines[row]),
              "class " + cell + " in column " + table.columns[column] + " not found in the training table");
}

}  // namespace quix
