#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include <xxhash.h>

#include <quix/data/fields.hpp>
#include <quix/data/index.hpp>
#include <quix/data/parallel.hpp>
#include <quix/data/stream.hpp>

namespace quix {

/// A run of members that lacks some column.
struct TarIndex::Partial {
  std::uint64_t shard_and_key;  ///< a hash
  std::uint64_t lacks;          ///< columns, a bit for each; the last bit stands for all from the 64th on
  std::uint64_t place;          ///< as row()[0]
  bool bad_class = false;       ///< an invalid class index, which count_unread() reports
};

/// The contents of one shard.
struct TarIndex::Found {
  std::vector<std::uint64_t> rows;
  std::vector<Partial> partial;
  UnreadEntries unread;
  std::vector<std::string> suffixes;  ///< of members that were not requested
};

QUIX_INLINE std::string LeftOut::text() const {
  return printable(std::to_string(count) + " " + what + (first.empty() ? "" : " (the first: " + first + ")"));
}

namespace detail {

/// Block and size of a member in one word. Throws Error if they do not fit: beyond 2 TiB, or at least 4 GiB.
inline std::uint64_t pack_span(Span span, const std::filesystem::path& shard, std::string_view name) {
  if (span.offset >> 41 || span.size >= 0xffffffff)
    throw Error(shard.string(),
                "the member " + std::string(name) +
                    " is too large or too far into the shard: the limits are 4 GiB, in the first 2 TiB");
  return span.offset / 512 << 32 | span.size;
}

}  // namespace detail

QUIX_INLINE TarIndex::TarIndex(std::vector<std::filesystem::path> shards, std::vector<Column> columns, Options options)
    : paths_(std::move(shards)), columns_(std::move(columns)) {
  open_shards();
  scan_all(options);
}

QUIX_INLINE void TarIndex::scan_all(Options options) {
  own_.clear(), slots_.clear(), unread_.clear(), causes_.clear();
  rows_ = nullptr, size_ = left_out_ = not_adjacent_ = 0, source_ = "scan";
  for (std::size_t c = 0; c < columns_.size(); ++c) slots_.push_back(c + 1);
  stride_ = columns_.size() + 1;
  std::vector<Found> found(paths_.size());
  detail::in_parallel(paths_.size(), options.threads, [&](std::size_t i) {
    found[i] = scan(static_cast<std::uint32_t>(i), options.skip_bad);
    if (options.keep_partial || found[i].partial.empty()) return;
    auto& rows = found[i].rows;
    std::size_t kept = 0;
    for (std::size_t at = 0; at < rows.size(); at += stride_) {
      if (std::find(rows.data() + at, rows.data() + at + stride_, missing) != rows.data() + at + stride_) continue;
      if (kept != at) std::copy_n(rows.data() + at, stride_, rows.data() + kept);
      kept += stride_;
    }
    rows.resize(kept);
  });
  std::size_t words = 0;
  std::vector<std::string> seen;
  std::vector<Partial> partial;
  for (auto& part : found) {
    words += part.rows.size();
    partial.insert(partial.end(), part.partial.begin(), part.partial.end());
    unread_.push_back(std::move(part.unread));
    for (const auto& suffix : part.suffixes)
      if (std::find(seen.begin(), seen.end(), suffix) == seen.end()) seen.push_back(suffix);
  }
  if (found.size() == 1)
    own_ = std::move(found[0].rows);
  else {
    own_.reserve(words);
    for (auto& part : found) {
      own_.insert(own_.end(), part.rows.begin(), part.rows.end());
      std::vector<std::uint64_t>().swap(part.rows);
    }
  }
  complete();
  count_partial(partial);
  if (options.keep_partial) left_out_ = 0, causes_.clear();
  count_unread();
  if (size_ == 0 && (left_out_ > 0 || !seen.empty())) {  // an empty split is valid
    std::string asked, there, why;
    for (const auto& column : columns_) asked += (asked.empty() ? "" : ", ") + column.suffix;
    for (const auto& suffix : seen) there += (there.empty() ? "" : ", ") + suffix;
    for (const auto& cause : causes_) why += "; " + cause.text();
    throw Error(paths_.front().string(), "no sample has all of the members " + asked + "; the shards hold " +
                                             (there.empty() ? "no other members" : "members ending in " + there) + why);
  }
}

/// Counts samples by their missing members. Several groups of one key are a sample whose members are not adjacent.
QUIX_INLINE void TarIndex::count_partial(std::vector<Partial>& partial) {
  struct Count {
    std::uint64_t count = 0, first = ~std::uint64_t{0};
    void add(std::uint64_t place) { ++count, first = std::min(first, place); }
  };
  Count apart;
  std::map<std::uint64_t, Count> lacking;
  std::sort(partial.begin(), partial.end(), [](const Partial& a, const Partial& b) {
    return std::pair(a.shard_and_key, a.place) < std::pair(b.shard_and_key, b.place);
  });
  for (std::size_t i = 0, end; i < partial.size(); i = end) {
    bool bad_class = partial[i].bad_class;
    for (end = i + 1; end < partial.size() && partial[end].shard_and_key == partial[i].shard_and_key; ++end)
      bad_class |= partial[end].bad_class;
    if (bad_class) {  // the one cause
      ++left_out_;
      continue;
    }
    (end - i > 1 ? apart : lacking[partial[i].lacks]).add(partial[i].place);
  }
  const auto add = [&](const Count& of, const std::string& one, const std::string& many) {
    if (of.count == 0) return;
    left_out_ += of.count;
    causes_.push_back(
        {of.count, true, of.count == 1 ? one : many, paths_[of.first >> 32].string() + ", key " + key_at(of.first)});
  };
  not_adjacent_ = apart.count;
  add(apart, "sample has members that are not adjacent in the archive",
      "samples have members that are not adjacent in the archive");
  std::vector<std::pair<std::uint64_t, Count>> order(lacking.begin(), lacking.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  constexpr std::size_t most = 5;  // with many columns there may be many combinations
  Count others;
  for (std::size_t i = most; i < order.size(); ++i)
    others.count += order[i].second.count, others.first = std::min(others.first, order[i].second.first);
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i) {
    std::string names;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (order[i].first >> std::min<std::size_t>(c, 63) & 1) names += (names.empty() ? "" : ", ") + columns_[c].suffix;
    add(order[i].second, "sample lacks " + names, "samples lack " + names);
  }
  add(others, "sample lacks other members", "samples lack other combinations of members");
}

QUIX_INLINE void detail::add_unread(std::vector<LeftOut>& causes, const std::filesystem::path& shard,
                                    const UnreadEntries& unread) {
  constexpr std::string_view texts[][2] = {
      {"file is not part of a sample: its name has no key or no suffix",
       "files are not part of a sample: their names have no key or no suffix"},
      {"link leads to no file of the archive", "links lead to no file of the archive"},
      {"entry is a device, a pipe or of an unknown type", "entries are devices, pipes or of unknown types"},
      {"sample is after the end mark of the archive", "samples are after the end marks of archives"},
      {"member is not a class index", "members are not class indices"}};
  for (std::size_t i = 0; i < unread.count.size(); ++i) {
    if (unread.count[i] == 0) continue;
    const auto same = std::find_if(causes.begin(), causes.end(), [&](const auto& cause) {
      return cause.what == texts[i][0] || cause.what == texts[i][1];
    });
    if (same != causes.end())
      same->count += unread.count[i], same->what = texts[i][1];
    else
      causes.push_back({unread.count[i], static_cast<Unread>(i) == Unread::after_end,
                        std::string(texts[i][unread.count[i] > 1]), shard.string() + ", member " + unread.first[i]});
  }
}

QUIX_INLINE void TarIndex::count_unread() {
  for (std::size_t i = 0; i < unread_.size(); ++i) {
    left_out_ += unread_[i].count[static_cast<std::size_t>(Unread::after_end)];
    detail::add_unread(causes_, paths_[i], unread_[i]);
  }
}

QUIX_INLINE void TarIndex::open_shards() {
  for (const auto& path : paths_) files_.emplace_back(path);
  // Compressed shards have no random access: they are unpacked into memory while there is enough of it.
  std::vector<std::size_t> packed;
  for (std::size_t i = 0; i < files_.size(); ++i)
    if (is_compressed(files_[i])) packed.push_back(i);
  if (!packed.empty()) {
    const auto share = half_of_free_memory() / packed.size();
    detail::in_parallel(packed.size(), 0,
                        [&](std::size_t i) { files_[packed[i]] = unpacked(files_[packed[i]], share); });
  }
  for (std::size_t c = 0; c < columns_.size(); ++c)
    if (columns_[c].mapped) mapped_columns_.push_back(c);
  if (!mapped_columns_.empty())
    for (const auto& file : files_) maps_.emplace_back(file);
}

QUIX_INLINE void TarIndex::complete() {
  if (!own_.empty() || !rows_) rows_ = own_.data(), size_ = own_.size() / stride_;
}

QUIX_INLINE TarIndex::Found TarIndex::scan(std::uint32_t shard, bool skip_bad) const {
  Found out;
  const auto n = columns_.size();
  std::string key;
  std::vector<std::uint64_t> row(n + 1);
  bool bad_class = false;
  const auto finish = [&] {
    if (key.empty()) return;
    out.rows.insert(out.rows.end(), row.begin(), row.end());
    std::uint64_t lacks = 0;
    for (std::size_t c = 0; c < n; ++c)
      if (row[c + 1] == missing) lacks |= std::uint64_t{1} << std::min<std::size_t>(c, 63);
    if (lacks) out.partial.push_back({XXH3_64bits_withSeed(key.data(), key.size(), shard), lacks, row[0], bad_class});
  };
  TarScan tar(files_[shard]);
  while (tar.next_member()) {
    const auto& suffix = tar.suffix();
    if (tar.key() != key) {
      finish();
      key = tar.key();
      std::fill(row.begin(), row.end(), missing);
      bad_class = false;
      row[0] = std::uint64_t{shard} << 32 | detail::pack_span({tar.header(), 0}, paths_[shard], tar.name()) >> 32;
    }
    bool asked = false;
    for (std::size_t c = 0; c < n; ++c) {
      if (!detail::same_suffix(columns_[c].suffix, suffix)) continue;
      asked = true;
      if (row[c + 1] != missing)
        throw Error(paths_[shard].string(), "the member " + tar.name() + ": duplicate member in one sample");
      if (!columns_[c].is_class) {
        row[c + 1] = detail::pack_span(tar.span(), paths_[shard], tar.name());
        continue;
      }
      try {
        if (tar.span().size > 64)
          throw Error("", "expected a class index, got " + std::to_string(tar.span().size) + " bytes");
        row[c + 1] = static_cast<std::uint64_t>(detail::parse_class(tar.bytes()));
      } catch (const Error& error) {
        const auto& what = error.problems().front().what;
        if (!skip_bad)
          throw Error(
              paths_[shard].string() + ", member " + tar.name() + " (offset " + std::to_string(tar.span().offset) + ")",
              what);
        out.unread.add(Unread::bad_class, tar.name() + ": " + what);
        bad_class = true;
      }
    }
    if (!asked && out.suffixes.size() < 20 &&
        std::find(out.suffixes.begin(), out.suffixes.end(), suffix) == out.suffixes.end())
      out.suffixes.emplace_back(suffix);
  }
  finish();
  constexpr auto bad = static_cast<std::size_t>(Unread::bad_class);
  auto unread = tar.unread();
  unread.count[bad] = out.unread.count[bad], unread.first[bad] = out.unread.first[bad];
  out.unread = std::move(unread);
  return out;
}

QUIX_INLINE Span TarIndex::span(std::size_t sample, std::size_t column) const {
  const auto packed = row(sample)[slots_[column]];
  return {(packed >> 32) << 9, packed & 0xffffffff};
}

QUIX_INLINE ByteView TarIndex::read(std::size_t sample, std::size_t column, std::vector<std::byte>& buffer) const {
  const auto where = span(sample, column);
  const auto shard = shard_of(sample);
  if (columns_[column].mapped) {
    if (where.offset + where.size > maps_[shard].size())
      throw Error("", "beyond the shard's end: the index is wrong, or the shard is truncated");
    return {maps_[shard].data() + where.offset, where.size};
  }
  if (buffer.size() < where.size) buffer.resize(where.size);
  files_[shard].read_all(where.offset, buffer.data(), where.size);
  return {buffer.data(), where.size};
}

QUIX_INLINE std::string TarIndex::key(std::size_t sample) const {
  std::string out;
  key(sample, out);
  return out;
}

QUIX_INLINE void TarIndex::key(std::size_t sample, std::string& to) const {
  const auto& file = files_[shard_of(sample)];
  const auto at = (row(sample)[0] & 0xffffffff) << 9;
  std::string_view key, suffix;
  // Most names are in the member's header; extended headers are read only for the others.
  if (detail::read_plain_name(file, at, to) && detail::split_member(to, key, suffix))
    to.resize(key.size());
  else
    to = key_at(row(sample)[0]);
}

QUIX_INLINE std::string TarIndex::key_at(std::uint64_t place) const {
  TarScan tar(files_[place >> 32], (place & 0xffffffff) << 9);
  std::string_view key, suffix;
  return std::string(tar.next() && detail::split_member(tar.name(), key, suffix) ? key : "?");
}

QUIX_INLINE std::string TarIndex::describe(std::size_t sample, std::size_t column) const {
  std::string name = "?";
  try {
    name = key(sample);
  } catch (const Error&) {}  // the archive itself is corrupt there
  return paths_[shard_of(sample)].string() + ", member " + name + "." + columns_[column].suffix +
         (columns_[column].is_class ? "" : " (offset " + std::to_string(span(sample, column).offset) + ")");
}

}  // namespace quix
