#pragma once

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include <quix/cfg/json.hpp>
#include <quix/data/codec.hpp>
#include <quix/data/tar.hpp>

namespace quix {
namespace detail {

/// The 512 bytes before each member (POSIX.1-2001 ustar).
struct TarHeader {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2],
      user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};
static_assert(sizeof(TarHeader) == 512);

template <std::size_t N>
std::string_view field(const char (&chars)[N]) {
  return {chars, ::strnlen(chars, N)};
}

/// Octal, or base 256 when the first bit is set (GNU, for sizes from 8 GiB).
template <std::size_t N>
bool tar_number(const char (&chars)[N], std::uint64_t& value) {
  value = 0;
  if (static_cast<unsigned char>(chars[0]) & 0x80) {
    for (std::size_t i = 0; i < N; ++i) {
      if (value >> 55) return false;
      value = value << 8 | (static_cast<unsigned char>(chars[i]) & (i == 0 ? 0x7fu : 0xffu));
    }
    return true;
  }
  std::size_t i = 0;
  while (i < N && chars[i] == ' ') ++i;
  for (; i < N && chars[i] >= '0' && chars[i] <= '7'; ++i) value = value << 3 | static_cast<unsigned>(chars[i] - '0');
  return i == N || chars[i] == '\0' || chars[i] == ' ';
}

inline bool checksum_matches(const TarHeader& header) {
  std::uint64_t written = 0;
  if (!tar_number(header.checksum, written)) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
  std::uint64_t sum = 8 * ' ';
  for (std::size_t i = 0; i < 512; ++i) sum += bytes[i];
  for (std::size_t i = 148; i < 156; ++i) sum -= bytes[i];
  return sum == written;
}

QUIX_INLINE bool split_member(std::string_view name, std::string_view& key, std::string_view& suffix) {
  const auto slash = name.rfind('/');
  const auto base = slash == name.npos ? 0 : slash + 1;
  const auto dot = name.find('.', base);
  if (dot == name.npos || dot == base || dot + 1 == name.size()) return false;
  key = name.substr(0, dot), suffix = name.substr(dot + 1);
  return true;
}

}  // namespace detail

QUIX_INLINE void TarScan::fail(std::uint64_t offset, const std::string& what) const {
  throw Error(file_.path().string(),
              what + " (at byte " + std::to_string(offset) + " of " + std::to_string(file_.size()) + ")");
}

QUIX_INLINE const std::byte* TarScan::window(std::uint64_t offset, std::size_t size) {
  if (offset >= buffer_offset_ && offset + size <= buffer_offset_ + buffer_size_)
    return buffer_.data() + (offset - buffer_offset_);
  if (offset + size > file_.size())
    fail(offset, "the tar archive is truncated: " + std::to_string(size) + " more bytes are expected");
  // Small members: read on, many at a time. Large ones: only what is asked for.
  const std::size_t ahead = span_.size <= 16384 ? std::size_t{1} << 18 : 4096;
  if (buffer_.size() < std::max(ahead, size)) buffer_.resize(std::max(ahead, size));
  buffer_offset_ = offset;
  buffer_size_ = file_.read(offset, buffer_.data(), std::max(ahead, size));
  if (buffer_size_ < size) fail(offset, "the tar archive became shorter while it was read");
  return buffer_.data();
}

QUIX_INLINE std::span<const std::byte> TarScan::bytes() { return {window(span_.offset, span_.size), span_.size}; }

QUIX_INLINE bool TarScan::next() {
  std::string long_name;
  std::uint64_t long_size = 0;
  bool has_long_size = false;
  const auto round = [](std::uint64_t n) { return (n + 511) / 512 * 512; };
  for (;;) {
    if (at_ >= file_.size())
      fail(at_,
           file_.size() == 0 ? "the tar archive is empty" : "the tar archive is truncated: its end mark is missing");
    detail::TarHeader header;
    std::memcpy(&header, window(at_, 512), 512);
    if (header.name[0] == '\0' &&
        std::all_of(reinterpret_cast<const char*>(&header), reinterpret_cast<const char*>(&header) + 512,
                    [](char c) { return c == 0; }))
      return false;
    if (!detail::checksum_matches(header))
      fail(at_, at_ == 0 ? "this is no tar archive, or a compressed or damaged one"
                         : "a tar header is damaged (its checksum does not match)");
    std::uint64_t size = 0;
    if (!detail::tar_number(header.size, size)) fail(at_, "a tar header is damaged (no size)");
    const auto data = at_ + 512;
    const char type = header.type;
    const bool regular = type == '0' || type == '\0' || type == '7';
    if (has_long_size && type != 'x' && type != 'L' && type != 'K') size = long_size, has_long_size = false;
    if ((regular || type == 'x' || type == 'g' || type == 'L' || type == 'K' || type == 'S') &&
        (size > file_.size() || data + size > file_.size()))
      fail(at_, "the tar archive is truncated: the member " + std::string(detail::field(header.name)) + " of " +
                    std::to_string(size) + " bytes does not fit");
    if (type == 'S') fail(at_, "sparse files in a tar archive are not read");
    if (type == 'L' || type == 'x') {
      if (size > (1 << 20)) fail(at_, "an extended tar header is larger than 1 MiB");
      std::string text(reinterpret_cast<const char*>(window(data, size)), size);
      if (type == 'L') long_name = text.c_str();
      // pax records: "LENGTH KEY=VALUE\n"
      for (std::string_view rest = type == 'x' ? std::string_view(text) : std::string_view{};
           !rest.empty() && rest[0] != '\0';) {
        std::size_t length = 0;
        const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
        const auto digits = static_cast<std::size_t>(end - rest.data());
        if (code != std::errc{} || length > rest.size() || length < digits + 3 || rest[digits] != ' ' ||
            rest[length - 1] != '\n')
          fail(at_, "an extended tar header is damaged");
        const auto record = rest.substr(digits + 1, length - digits - 2);
        const auto equals = record.find('=');
        if (equals == record.npos) fail(at_, "an extended tar header is damaged");
        const auto key = record.substr(0, equals), value = record.substr(equals + 1);
        if (key == "path") long_name = value;
        if (key == "size") {
          const auto [stop, bad] = std::from_chars(value.data(), value.data() + value.size(), long_size);
          if (bad != std::errc{} || stop != value.data() + value.size())
            fail(at_, "an extended tar header is damaged (size)");
          has_long_size = true;
        }
        if (key.starts_with("GNU.sparse")) fail(at_, "sparse files in a tar archive are not read");
        rest.remove_prefix(length);
      }
    } else if (regular) {
      name_ = !long_name.empty() ? long_name : std::string(detail::field(header.name));
      if (long_name.empty() && std::memcmp(header.magic, "ustar", 6) == 0 && header.prefix[0])
        name_ = std::string(detail::field(header.prefix)) + "/" + name_;
      span_ = {data, size};
      at_ = data + round(size);
      return true;
    } else {
      long_name.clear();
      if (type >= '1' && type <= '6') size = 0;  // links, devices, folders, pipes have no data
    }
    at_ = data + round(size);
  }
}

QUIX_INLINE TarIndex::TarIndex(std::vector<std::filesystem::path> shards, std::vector<Column> columns)
    : paths_(std::move(shards)), columns_(std::move(columns)) {
  for (std::uint32_t i = 0; i < paths_.size(); ++i) {
    files_.emplace_back(paths_[i]);
    scan(i);
  }
  if (shard_of_.empty() && (left_out_ > 0 || !suffixes_seen_.empty())) {  // an empty fold is a fold
    std::string asked, seen;
    for (const auto& column : columns_) asked += (asked.empty() ? "" : ", ") + column.suffix;
    for (const auto& suffix : suffixes_seen_) seen += (seen.empty() ? "" : ", ") + suffix;
    throw Error(paths_.front().string(), "no sample has all of the members " + asked + "; the shards hold " +
                                             (seen.empty() ? "no members" : "members ending in " + seen));
  }
}

QUIX_INLINE void TarIndex::scan(std::uint32_t shard) {
  const auto n = columns_.size();
  std::string key;
  std::vector<Span> row(n);
  std::vector<bool> have(n);
  std::uint64_t header = 0;
  const auto finish = [&] {
    if (key.empty()) return;
    if (std::find(have.begin(), have.end(), false) == have.end()) {
      shard_of_.push_back(shard);
      headers_.push_back(header);
      spans_.insert(spans_.end(), row.begin(), row.end());
    } else {
      ++left_out_;
    }
  };
  TarScan tar(files_[shard]);
  while (tar.next()) {
    std::string_view member_key, suffix;
    if (!detail::split_member(tar.name(), member_key, suffix)) continue;
    if (member_key != key) {
      finish();
      key = member_key;
      header = tar.span().offset;
      std::fill(have.begin(), have.end(), false);
    }
    bool asked = false;
    for (std::size_t c = 0; c < n; ++c) {
      if (columns_[c].suffix != suffix) continue;
      asked = true;
      if (have[c]) throw Error(paths_[shard].string(), "the member " + tar.name() + " stands twice in one sample");
      have[c] = true;
      row[c] = tar.span();
      if (!columns_[c].is_class) continue;
      try {
        if (row[c].size > 64) throw Error("", "expected a class number, got " + std::to_string(row[c].size) + " bytes");
        row[c].offset = static_cast<std::uint64_t>(detail::parse_class(tar.bytes()));
      } catch (const Error& error) {
        throw Error(
            paths_[shard].string() + ", member " + tar.name() + " (offset " + std::to_string(tar.span().offset) + ")",
            error.problems().front().what);
      }
    }
    if (!asked && suffixes_seen_.size() < 20 &&
        std::find(suffixes_seen_.begin(), suffixes_seen_.end(), suffix) == suffixes_seen_.end())
      suffixes_seen_.emplace_back(suffix);
  }
  finish();
}

QUIX_INLINE std::span<const std::byte> TarIndex::read(std::size_t sample, std::size_t column,
                                                      std::vector<std::byte>& buffer) const {
  const auto span = at(sample, column);
  if (buffer.size() < span.size) buffer.resize(span.size);
  files_[shard_of_[sample]].read_all(span.offset, buffer.data(), span.size);
  return {buffer.data(), span.size};
}

QUIX_INLINE std::string TarIndex::key(std::size_t sample) const {
  // The first member's header stands before its data; a long name needs the scan from the extension header, so scan
  // anew.
  const auto& file = files_[shard_of_[sample]];
  TarScan tar(file);
  std::string_view key, suffix;
  while (tar.next())
    if (tar.span().offset == headers_[sample] && detail::split_member(tar.name(), key, suffix)) return std::string(key);
  return "?";
}

QUIX_INLINE std::string TarIndex::describe(std::size_t sample, std::size_t column) const {
  return paths_[shard_of_[sample]].string() + ", member " + key(sample) + "." + columns_[column].suffix +
         (columns_[column].is_class ? "" : " (offset " + std::to_string(at(sample, column).offset) + ")");
}

QUIX_INLINE std::vector<std::string> expand_braces(const std::string& pattern) {
  const auto open = pattern.rfind('{');
  const auto dots = open == std::string::npos ? open : pattern.find("..", open);
  const auto close = dots == std::string::npos ? dots : pattern.find('}', dots);
  if (close == std::string::npos) return {pattern};
  const auto first_text = pattern.substr(open + 1, dots - open - 1),
             last_text = pattern.substr(dots + 2, close - dots - 2);
  std::uint64_t first = 0, last = 0;
  const auto number = [](const std::string& text, std::uint64_t& value) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc{} && end == text.data() + text.size();
  };
  if (!number(first_text, first) || !number(last_text, last)) return {pattern};
  if (last >= first && last - first >= 10'000'000) throw Error(pattern, "names more than ten million shards");
  std::vector<std::string> out;
  for (auto i = first; i <= last; ++i) {
    auto digits = std::to_string(i);
    if (digits.size() < first_text.size()) digits.insert(0, first_text.size() - digits.size(), '0');
    out.push_back(pattern.substr(0, open) + digits + pattern.substr(close + 1));
  }
  return out;
}

QUIX_INLINE std::filesystem::path find_dataset(const std::filesystem::path& dataset) {
  namespace fs = std::filesystem;
  if (dataset.empty())
    throw Error("data.path", "names no dataset; set it to a folder of tar shards, like  --data.path fashion-mnist");
  std::vector<fs::path> places{dataset};
  if (dataset.is_relative()) {
    places.push_back("data" / dataset);
    const char* variable = std::getenv("QUIX_DATA");
    std::string_view rest = variable ? variable : "";
    while (!rest.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      if (end) places.push_back(fs::path(rest.substr(0, end)) / dataset);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  std::string looked;
  for (const auto& place : places) {
    std::error_code ignored;
    if (fs::is_directory(place, ignored)) return place;
    looked += (looked.empty() ? "" : ", ") + place.string();
  }
  throw Error("data.path", "no dataset " + dataset.string() + "; looked for the folders " + looked +
                               ". Name another with --data.path, or set QUIX_DATA to where datasets lie");
}

namespace detail {

/// The shards of a fold; none when the dataset does not have it.
inline std::vector<std::filesystem::path> shards_of(const std::filesystem::path& folder, std::string_view fold) {
  namespace fs = std::filesystem;
  std::vector<fs::path> shards;
  if (const auto config = folder / "config.json"; fs::exists(config)) {
    const auto root = json::parse(io::read_text(config), config.string());
    if (const Node* pattern = root.find(fold); pattern && pattern->kind == Node::Kind::quoted) {
      // Python quix writes "/train_{0000..0001}.tar": the slash belongs to nothing.
      for (const auto& name : expand_braces(pattern->text.substr(pattern->text.starts_with('/') ? 1 : 0)))
        shards.push_back(folder / name);
      return shards;
    }
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(fold) && name.ends_with(".tar")) shards.push_back(entry.path());
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

}  // namespace detail

QUIX_INLINE bool has_fold(const std::filesystem::path& dataset, std::string_view fold) {
  return !detail::shards_of(find_dataset(dataset), fold).empty();
}

QUIX_INLINE std::vector<std::filesystem::path> find_shards(const std::filesystem::path& dataset,
                                                           std::string_view fold) {
  const auto folder = find_dataset(dataset);
  auto shards = detail::shards_of(folder, fold);
  if (shards.empty())
    throw Error(folder.string(), "holds no fold " + std::string(fold) +
                                     ": neither a config.json that names it nor files " + std::string(fold) + "*.tar");
  return shards;
}

}  // namespace quix
