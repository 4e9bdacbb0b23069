#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include <xxhash.h>

#include <quix/data/fields.hpp>
#include <quix/data/index.hpp>
#include <quix/data/parallel.hpp>

// Indices on disk: ours, and Python quix's.

namespace quix {
namespace detail {

/// The head of a binary index. Then, each filled up to 8 bytes: for each shard ShardEntry and its name, for each column
/// ColumnEntry and its suffix; then the rows.
struct IndexHead {
  char magic[8];
  std::uint64_t checksum;  ///< XXH3 of all that follows
  std::uint64_t bytes;     ///< of the whole file
  std::uint64_t samples;
  std::uint32_t shards, columns;
};
struct ShardEntry {
  std::uint64_t size;
  std::int64_t time;
  std::uint64_t name;  ///< length
};
struct ColumnEntry {
  std::uint64_t is_class;
  std::uint64_t present;  ///< samples that have it
  std::uint64_t suffix;   ///< length
};
QUIX_INLINE bool names_class(std::string_view suffix) {
  const auto last = suffix.substr(suffix.rfind('.') + 1);
  for (const std::string_view name : {"cls", "cls2", "index", "inx", "id", "class", "label"})
    if (last == name) return true;
  return false;
}

inline constexpr std::string_view index_magic = "quixidx1";

/// Reads structs and names from bytes that may lie.
class IndexReader {
 public:
  IndexReader(const std::byte* at, std::size_t size) : at_(at), left_(size) {}
  template <class T>
  bool take(T& value) {
    if (left_ < sizeof value) return false;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value, left_ -= sizeof value;
    return true;
  }
  bool take(std::string& text, std::uint64_t length) {
    const auto filled = (length + 7) / 8 * 8;
    if (length > 4096 || left_ < filled) return false;
    text.assign(reinterpret_cast<const char*>(at_), length);
    at_ += filled, left_ -= filled;
    return true;
  }
  const std::byte* at() const { return at_; }
  std::size_t left() const { return left_; }

 private:
  const std::byte* at_;
  std::size_t left_;
};

}  // namespace detail

QUIX_INLINE TarIndex TarIndex::open(const std::filesystem::path& folder, std::string_view fold,
                                    std::vector<std::filesystem::path> shards, std::vector<Column> columns,
                                    Options options) {
  TarIndex index;
  index.paths_ = std::move(shards), index.columns_ = std::move(columns);
  index.open_shards();
  if (index.load_binary(path_of(folder, fold), options.keep_partial)) return index;
  if (index.load_json(folder / (std::string(fold) + ".idx.json"), options.keep_partial)) return index;
  index.scan_all(options);
  return index;
}

QUIX_INLINE bool TarIndex::load_binary(const std::filesystem::path& path, bool keep_partial) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  io::Map map{io::File(path)};
  detail::IndexReader reader(map.data(), map.size());
  detail::IndexHead head{};
  if (!reader.take(head) || std::memcmp(head.magic, detail::index_magic.data(), 8) != 0 || head.bytes != map.size())
    return false;
  if (head.shards != paths_.size() || head.columns > 1024) return false;
  if (XXH3_64bits(map.data() + 16, map.size() - 16) != head.checksum) return false;
  for (std::size_t i = 0; i < head.shards; ++i) {
    detail::ShardEntry entry{};
    std::string name;
    if (!reader.take(entry) || !reader.take(name, entry.name)) return false;
    if (entry.size != files_[i].size() || entry.time != files_[i].time() || name != paths_[i].filename().string())
      return false;
  }
  std::vector<std::size_t> slots(columns_.size());
  bool all_present = true;
  for (std::size_t c = 0; c < head.columns; ++c) {
    detail::ColumnEntry entry{};
    std::string suffix;
    if (!reader.take(entry) || !reader.take(suffix, entry.suffix)) return false;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].suffix != suffix) continue;
      if (columns_[i].is_class != (entry.is_class != 0)) return false;  // asked for as bytes: the shards have them
      slots[i] = c + 1;
      all_present &= entry.present == head.samples;
    }
  }
  if (std::find(slots.begin(), slots.end(), 0u) != slots.end()) return false;  // scanning says what there is
  const auto stride = std::size_t{head.columns} + 1;
  if (head.samples > reader.left() / (8 * stride) || head.samples * stride * 8 != reader.left()) return false;
  file_ = std::move(map);
  rows_ = reinterpret_cast<const std::uint64_t*>(reader.at());
  size_ = head.samples, stride_ = stride, slots_ = std::move(slots), source_ = "index";
  if (all_present || keep_partial) return true;
  for (std::size_t s = 0; s < size_; ++s) {
    const auto* at = row(s);
    if (std::any_of(slots_.begin(), slots_.end(), [&](auto slot) { return at[slot] == missing; }))
      ++left_out_;
    else
      own_.insert(own_.end(), at, at + stride_);
  }
  rows_ = nullptr;
  complete();
  return true;
}

QUIX_INLINE void TarIndex::save(const std::filesystem::path& folder, std::string_view fold,
                                const std::vector<std::filesystem::path>& shards) {
  // Which suffixes there are, and which of them are class numbers throughout.
  struct Seen {
    std::map<std::string, bool> classes;
  };
  std::vector<Seen> seen(shards.size());
  detail::in_parallel(shards.size(), 0, [&](std::size_t i) {
    const io::File file(shards[i]);
    TarScan tar(file);
    while (tar.next()) {
      std::string_view key, suffix;
      if (!detail::split_member(tar.name(), key, suffix)) continue;
      auto& is_class = seen[i].classes.emplace(suffix, detail::names_class(suffix)).first->second;
      if (!is_class) continue;
      is_class = tar.span().size > 0 && tar.span().size <= 20;
      if (!is_class) continue;
      try {
        detail::parse_class(tar.bytes());
      } catch (const Error&) {
        is_class = false;
      }
    }
  });
  std::map<std::string, bool> all;
  for (const auto& part : seen)
    for (const auto& [suffix, is_class] : part.classes) {
      const auto at = all.emplace(suffix, is_class).first;
      at->second &= is_class;
    }
  std::vector<Column> columns;
  for (const auto& [suffix, is_class] : all) columns.push_back({.suffix = suffix, .is_class = is_class});
  const TarIndex index(shards, columns, {.threads = 0, .keep_partial = true});

  std::string out(sizeof(detail::IndexHead), '\0');
  const auto put = [&](const auto& value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); };
  const auto put_name = [&](const std::string& name) {
    out += name;
    out.append((8 - name.size() % 8) % 8, '\0');
  };
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const auto name = shards[i].filename().string();
    put(detail::ShardEntry{index.files_[i].size(), index.files_[i].time(), name.size()});
    put_name(name);
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::uint64_t present = 0;
    for (std::size_t s = 0; s < index.size(); ++s) present += index.has(s, c);
    put(detail::ColumnEntry{columns[c].is_class, present, columns[c].suffix.size()});
    put_name(columns[c].suffix);
  }
  out.append(reinterpret_cast<const char*>(index.rows_), index.size_ * index.stride_ * 8);
  detail::IndexHead head{};
  std::memcpy(head.magic, detail::index_magic.data(), 8);
  head.bytes = out.size(), head.samples = index.size();
  head.shards = static_cast<std::uint32_t>(shards.size()), head.columns = static_cast<std::uint32_t>(columns.size());
  std::memcpy(out.data(), &head, sizeof head);
  head.checksum = XXH3_64bits(out.data() + 16, out.size() - 16);
  std::memcpy(out.data(), &head, sizeof head);
  io::replace(path_of(folder, fold), out);
}

namespace detail {

/// {"train_0000.tar": {".png": {"s0": 0, …}, …}, …} read without a tree: 77 MB for 1.28 M samples of two members.
class IdxJson {
 public:
  explicit IdxJson(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool take(char c) {
    blank();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  /// A name without escapes; false also for one with them.
  bool name(std::string_view& out) {
    if (!take('"')) return false;
    const auto* stop = static_cast<const char*>(std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
    if (!stop) return false;
    out = {at_, static_cast<std::size_t>(stop - at_)};
    if (out.find('\\') != out.npos) return false;
    at_ = stop + 1;
    return take(':');
  }
  bool number(std::uint64_t& out) {
    blank();
    const auto* begin = at_;
    for (out = 0; at_ != end_ && *at_ >= '0' && *at_ <= '9' && out < std::uint64_t{1} << 59; ++at_)
      out = out * 10 + static_cast<unsigned>(*at_ - '0');
    return at_ != begin;
  }
  bool done() {
    blank();
    return at_ == end_;
  }

 private:
  void blank() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  const char* at_;
  const char* end_;
};

/// Calls shard(name) for each shard that the JSON lists, also an empty one, and entry(suffix, key, offset) for all in
/// it. False where it is no such index, or where a function says so.
template <class Shard, class Entry>
bool read_idx_json(std::string_view text, Shard&& shard, Entry&& entry) {
  IdxJson json(text);
  if (!json.take('{')) return false;
  for (bool first = true; !json.take('}'); first = false) {
    std::string_view name;
    if ((!first && !json.take(',')) || !json.name(name) || !json.take('{') || !shard(name)) return false;
    for (bool first_suffix = true; !json.take('}'); first_suffix = false) {
      std::string_view suffix;
      if ((!first_suffix && !json.take(',')) || !json.name(suffix) || !json.take('{')) return false;
      if (suffix.starts_with('.')) suffix.remove_prefix(1);
      for (bool first_key = true; !json.take('}'); first_key = false) {
        std::string_view key;
        std::uint64_t offset = 0;
        if ((!first_key && !json.take(',')) || !json.name(key) || !json.number(offset) || !entry(suffix, key, offset))
          return false;
      }
    }
  }
  return json.done();
}

}  // namespace detail

QUIX_INLINE std::size_t TarIndex::parse_json(const std::filesystem::path& path) {
  const io::Map map{io::File(path)};
  std::size_t members = 0;
  const bool good = detail::read_idx_json(
      {reinterpret_cast<const char*>(map.data()), map.size()}, [](std::string_view) { return true; },
      [&](std::string_view, std::string_view, std::uint64_t) { return ++members > 0; });
  if (!good) throw Error(path.string(), "is no index of Python quix");
  return members;
}

QUIX_INLINE bool TarIndex::load_json(const std::filesystem::path& path, bool keep_partial) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  const io::File file(path);
  for (const auto& shard : files_)
    if (shard.time() > file.time()) return false;  // written after the index
  const io::Map map(file);
  struct Entry {
    std::string_view key;
    std::uint64_t offset;
  };
  std::vector<std::vector<std::vector<Entry>>> listed(paths_.size());  // of each shard and column
  std::vector<bool> known(paths_.size());
  std::size_t shard = 0, column = 0;
  std::string_view last;
  const bool good = detail::read_idx_json(
      {reinterpret_cast<const char*>(map.data()), map.size()},
      [&](std::string_view name) {
        shard = static_cast<std::size_t>(
            std::find_if(paths_.begin(), paths_.end(), [&](const auto& p) { return p.filename().string() == name; }) -
            paths_.begin());
        if (shard == paths_.size()) return false;  // it is about other shards
        known[shard] = true;
        listed[shard].resize(columns_.size());
        last = {};
        return true;
      },
      [&](std::string_view suffix, std::string_view key, std::uint64_t offset) {
        if (suffix.data() != last.data()) {
          last = suffix;
          column = static_cast<std::size_t>(
              std::find_if(columns_.begin(), columns_.end(), [&](const auto& c) { return c.suffix == suffix; }) -
              columns_.begin());
        }
        if (column < columns_.size()) listed[shard][column].push_back({key, offset});
        return offset % 512 == 0 && offset < files_[shard].size();
      });
  if (!good || std::find(known.begin(), known.end(), false) != known.end()) return false;

  // The offsets are those of headers: each is read for its size, and its name has to be the listed one.
  const auto n = columns_.size();
  std::vector<Found> found(paths_.size());
  std::vector<char> lies(paths_.size());
  detail::in_parallel(paths_.size(), 0, [&](std::size_t shard) {
    auto& columns = listed[shard];
    std::map<std::string_view, std::vector<std::uint64_t>> rows;
    for (std::size_t c = 0; c < n; ++c)
      for (const auto& entry : columns[c]) {
        TarScan tar(files_[shard], entry.offset);
        std::string_view key, suffix;
        if (!tar.next() || tar.header() != entry.offset || !detail::split_member(tar.name(), key, suffix) ||
            key != entry.key || suffix != columns_[c].suffix) {
          lies[shard] = 1;
          return;
        }
        auto& row = rows[entry.key];
        if (row.empty()) row.assign(n + 1, missing), row[0] = ~std::uint64_t{0};
        row[0] = std::min(row[0], std::uint64_t{shard} << 32 | entry.offset / 512);
        row[c + 1] = columns_[c].is_class ? static_cast<std::uint64_t>(detail::parse_class(tar.bytes()))
                                          : detail::pack_span(tar.span(), paths_[shard], tar.name());
      }
    std::vector<const std::vector<std::uint64_t>*> order;
    for (const auto& [key, row] : rows)
      if (keep_partial || std::find(row.begin(), row.end(), missing) == row.end())
        order.push_back(&row);
      else
        ++found[shard].left_out;
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return (*a)[0] < (*b)[0]; });
    for (const auto* row : order) found[shard].rows.insert(found[shard].rows.end(), row->begin(), row->end());
  });
  if (std::find(lies.begin(), lies.end(), 1) != lies.end()) return false;
  stride_ = n + 1;
  slots_.clear();
  for (std::size_t c = 0; c < n; ++c) slots_.push_back(c + 1);
  for (const auto& part : found) {
    own_.insert(own_.end(), part.rows.begin(), part.rows.end());
    left_out_ += part.left_out;
  }
  complete();
  source_ = "idx.json";
  return size_ > 0;
}

}  // namespace quix
