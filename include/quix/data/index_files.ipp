#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include <xxhash.h>

#include <quix/data/dataset.hpp>
#include <quix/data/fields.hpp>
#include <quix/data/index.hpp>
#include <quix/data/parallel.hpp>

// The index on disk, and Python quix's.

namespace quix {
namespace detail {

/// The head of a binary index. Then, each filled up to 8 bytes: for each shard ShardEntry and its name, for each column
/// ColumnEntry and its suffix, for each note NoteEntry and the first entry's name; then the rows.
struct IndexHead {
  char magic[8];
  std::uint64_t checksum;  ///< XXH3 of all that follows
  std::uint64_t bytes;     ///< of the whole file
  std::uint64_t samples, not_adjacent;
  std::uint32_t shards, columns, notes, unused;
};
struct ShardEntry {
  std::uint64_t size;
  std::int64_t time, changed;
  std::uint64_t name;  ///< length
};
struct ColumnEntry {
  std::uint64_t is_class;
  std::uint64_t present;  ///< samples that have it
  std::uint64_t suffix;   ///< length
};
/// Of a shard's UnreadEntries.
struct NoteEntry {
  std::uint32_t shard, cause;
  std::uint64_t count;
  std::uint64_t first;  ///< length
};

QUIX_INLINE bool names_class(std::string_view suffix) {
  const auto last = suffix.substr(suffix.rfind('.') + 1);
  for (const std::string_view name : {"cls", "cls2", "index", "inx", "id", "class", "label"})
    if (last == name) return true;
  return false;
}

inline constexpr std::string_view index_magic = "quixidx2";

/// Reads structs and names from untrusted bytes.
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

QUIX_INLINE TarIndex TarIndex::open(const std::filesystem::path& folder, std::string_view split,
                                    std::vector<std::filesystem::path> shards, std::vector<Column> columns,
                                    Options options) {
  TarIndex index;
  index.paths_ = std::move(shards), index.columns_ = std::move(columns);
  index.open_shards();
  if (index.load_binary(path_of(folder, split), options.keep_partial)) return index;
  index.scan_all(options);
  return index;
}

QUIX_INLINE TarIndex TarIndex::open(const std::filesystem::path& dataset, std::string_view split,
                                    std::vector<Column> columns, Options options) {
  auto shards = find_shards(dataset, split);
  return is_one_folder(dataset) ? open(find_dataset(dataset), split, std::move(shards), std::move(columns), options)
                                : TarIndex(std::move(shards), std::move(columns), options);
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
  bool changed = false;
  for (std::size_t i = 0; i < head.shards; ++i) {
    detail::ShardEntry entry{};
    std::string name;
    if (!reader.take(entry) || !reader.take(name, entry.name)) return false;
    if (entry.size != files_[i].size() || entry.time != files_[i].time() || name != paths_[i].filename().string())
      return false;
    changed |= entry.changed != files_[i].changed();
  }
  std::vector<std::size_t> slots(columns_.size());
  bool all_present = true;
  for (std::size_t c = 0; c < head.columns; ++c) {
    detail::ColumnEntry entry{};
    std::string suffix;
    if (!reader.take(entry) || !reader.take(suffix, entry.suffix)) return false;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!detail::same_suffix(columns_[i].suffix, suffix)) continue;
      if (columns_[i].is_class != (entry.is_class != 0)) return false;  // requested as bytes: the shards have them
      slots[i] = c + 1;
      all_present &= entry.present == head.samples;
    }
  }
  if (std::find(slots.begin(), slots.end(), 0u) != slots.end()) return false;  // scanning reports the suffixes
  std::vector<UnreadEntries> unread(paths_.size());
  for (std::size_t i = 0; i < head.notes; ++i) {
    detail::NoteEntry entry{};
    std::string first;
    if (!reader.take(entry) || !reader.take(first, entry.first)) return false;
    if (entry.shard >= unread.size() || entry.cause >= unread[0].count.size()) return false;
    unread[entry.shard].count[entry.cause] = entry.count, unread[entry.shard].first[entry.cause] = first;
  }
  const auto stride = std::size_t{head.columns} + 1;
  if (head.samples > reader.left() / (8 * stride) || head.samples * stride * 8 != reader.left()) return false;
  file_ = std::move(map);
  rows_ = reinterpret_cast<const std::uint64_t*>(reader.at());
  size_ = head.samples, stride_ = stride, slots_ = std::move(slots), source_ = "index";
  if (changed && !matches_shards()) return false;
  std::vector<Partial> partial;
  for (std::size_t s = 0; !all_present && !keep_partial && s < size_; ++s) {
    const auto* at = row(s);
    std::uint64_t lacks = 0;
    for (std::size_t c = 0; c < slots_.size(); ++c)
      if (at[slots_[c]] == missing) lacks |= std::uint64_t{1} << std::min<std::size_t>(c, 63);
    if (!lacks) {
      own_.insert(own_.end(), at, at + stride_);
      continue;
    }
    // Keys are read only where a sample may have several rows.
    std::uint64_t hash = s;
    if (head.not_adjacent > 0) {
      const auto name = key(s);
      hash = XXH3_64bits_withSeed(name.data(), name.size(), shard_of(s));
    }
    partial.push_back({hash, lacks, at[0]});
  }
  if (!partial.empty()) {
    rows_ = nullptr;
    complete();
    count_partial(partial);
  }
  unread_ = std::move(unread);
  count_unread();
  return size_ > 0 || head.samples == 0;  // scanning reports why there are none
}

/// Whether the checked samples are in the shards as in the index: evenly spaced ones, and the last of each shard.
QUIX_INLINE bool TarIndex::matches_shards() const {
  const auto step = std::max<std::size_t>(1, (size_ + 999) / 1000);
  try {
    for (std::size_t s = 0; s < size_; ++s)
      if ((s % step == 0 || s + 1 == size_ || shard_of(s) != shard_of(s + 1)) && !matches_shard(s)) return false;
  } catch (const Error&) {
    return false;
  }
  return true;
}

QUIX_INLINE bool TarIndex::matches_shard(std::size_t sample) const {
  const auto* at = row(sample);
  const auto shard = shard_of(sample);
  if (shard >= files_.size()) return false;
  TarScan tar(files_[shard], (at[0] & 0xffffffff) << 9);
  std::string key;
  std::size_t left = 0;
  for (const auto slot : slots_) left += at[slot] != missing;
  bool more = tar.next_member();
  for (key = tar.key(); more && tar.key() == key; more = tar.next_member())
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (!detail::same_suffix(columns_[c].suffix, tar.suffix())) continue;
      if (left-- == 0) return false;
      if (tar.is_link()) continue;  // whose data are elsewhere
      if (at[slots_[c]] != (columns_[c].is_class ? static_cast<std::uint64_t>(detail::parse_class(tar.bytes()))
                                                 : detail::pack_span(tar.span(), paths_[shard], tar.name())))
        return false;
    }
  const bool last = sample + 1 == size_ || shard_of(sample + 1) != shard;
  return left == 0 && more != last;
}

QUIX_INLINE void TarIndex::save(const std::filesystem::path& folder, std::string_view split,
                                const std::vector<std::filesystem::path>& shards) {
  // All suffixes, and those whose members are all class indices.
  struct Seen {
    std::map<std::string, bool> classes;
  };
  TarIndex index;
  index.paths_ = shards;
  index.open_shards();
  std::vector<Seen> seen(shards.size());
  detail::in_parallel(shards.size(), 0, [&](std::size_t i) {
    TarScan tar(index.files_[i]);
    while (tar.next_member()) {
      auto& is_class = seen[i].classes.emplace(tar.suffix(), detail::names_class(tar.suffix())).first->second;
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
  auto& columns = index.columns_;
  for (const auto& [suffix, is_class] : all) columns.push_back({.suffix = suffix, .is_class = is_class});
  index.scan_all({.threads = 0, .keep_partial = true});

  std::string out(sizeof(detail::IndexHead), '\0');
  const auto put = [&](const auto& value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); };
  const auto put_name = [&](const std::string& name) {
    out += name;
    out.append((8 - name.size() % 8) % 8, '\0');
  };
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const auto name = shards[i].filename().string();
    const auto& file = index.files_[i];
    put(detail::ShardEntry{file.size(), file.time(), file.changed(), name.size()});
    put_name(name);
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::uint64_t present = 0;
    for (std::size_t s = 0; s < index.size(); ++s) present += index.has(s, c);
    put(detail::ColumnEntry{columns[c].is_class, present, columns[c].suffix.size()});
    put_name(columns[c].suffix);
  }
  std::uint32_t notes = 0;
  for (std::uint32_t i = 0; i < shards.size(); ++i)
    for (std::uint32_t cause = 0; cause < index.unread_[i].count.size(); ++cause) {
      if (index.unread_[i].count[cause] == 0) continue;
      const auto first = index.unread_[i].first[cause].substr(0, 4096);
      put(detail::NoteEntry{i, cause, index.unread_[i].count[cause], first.size()});
      put_name(first);
      ++notes;
    }
  out.append(reinterpret_cast<const char*>(index.rows_), index.size_ * index.stride_ * 8);
  detail::IndexHead head{};
  std::memcpy(head.magic, detail::index_magic.data(), 8);
  head.bytes = out.size(), head.samples = index.size(), head.not_adjacent = index.not_adjacent_, head.notes = notes;
  head.shards = static_cast<std::uint32_t>(shards.size()), head.columns = static_cast<std::uint32_t>(columns.size());
  std::memcpy(out.data(), &head, sizeof head);
  head.checksum = XXH3_64bits(out.data() + 16, out.size() - 16);
  std::memcpy(out.data(), &head, sizeof head);
  io::replace(path_of(folder, split), out);
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
  /// A name; escapes stay as they are written.
  bool name(std::string_view& out) {
    if (!take('"')) return false;
    const auto* begin = at_;
    for (;;) {
      at_ = static_cast<const char*>(std::memchr(at_, '"', static_cast<std::size_t>(end_ - at_)));
      if (!at_) return at_ = end_, false;
      std::size_t slashes = 0;
      while (at_ - slashes != begin && at_[-1 - static_cast<std::ptrdiff_t>(slashes)] == '\\') ++slashes;
      if (slashes % 2 == 0) break;
      ++at_;
    }
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
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
/// it. Returns false for another format, or if a function returns false.
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
  if (!good) throw Error(path.string(), "not an index of Python quix");
  return members;
}

}  // namespace quix
