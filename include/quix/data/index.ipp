#pragma once

#include <algorithm>

#include <quix/data/fields.hpp>
#include <quix/data/index.hpp>
#include <quix/data/parallel.hpp>
#include <quix/data/stream.hpp>

namespace quix {

/// What one shard holds.
struct TarIndex::Found {
  std::vector<std::uint64_t> rows;
  std::size_t left_out = 0;
  std::vector<std::string> suffixes;  ///< of members that nobody asked for
};

namespace detail {

/// Block and size of a member in one word. Throws Error for those that do not fit: beyond 2 TiB, or of 4 GiB.
inline std::uint64_t pack_span(Span span, const std::filesystem::path& shard, std::string_view name) {
  if (span.offset >> 41 || span.size >= 0xffffffff)
    throw Error(shard.string(), "the member " + std::string(name) +
                                    " is too large or lies too far for a sample: at most 4 GiB, in the first 2 TiB");
  return span.offset / 512 << 32 | span.size;
}

}  // namespace detail

QUIX_INLINE TarIndex::TarIndex(std::vector<std::filesystem::path> shards, std::vector<Column> columns, Options options)
    : paths_(std::move(shards)), columns_(std::move(columns)) {
  open_shards();
  scan_all(options);
}

QUIX_INLINE void TarIndex::scan_all(Options options) {
  own_.clear(), slots_.clear(), rows_ = nullptr, size_ = left_out_ = 0, source_ = "scan";
  for (std::size_t c = 0; c < columns_.size(); ++c) slots_.push_back(c + 1);
  stride_ = columns_.size() + 1;
  std::vector<Found> found(paths_.size());
  detail::in_parallel(paths_.size(), options.threads, [&](std::size_t i) {
    found[i] = scan(static_cast<std::uint32_t>(i));
    if (options.keep_partial) return;
    auto& rows = found[i].rows;
    std::size_t kept = 0;
    for (std::size_t at = 0; at < rows.size(); at += stride_) {
      if (std::find(rows.data() + at, rows.data() + at + stride_, missing) != rows.data() + at + stride_) {
        ++found[i].left_out;
        continue;
      }
      if (kept != at) std::copy_n(rows.data() + at, stride_, rows.data() + kept);
      kept += stride_;
    }
    rows.resize(kept);
  });
  std::size_t words = 0;
  std::vector<std::string> seen;
  for (const auto& part : found) {
    words += part.rows.size(), left_out_ += part.left_out;
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
  if (size_ == 0 && (left_out_ > 0 || !seen.empty())) {  // an empty fold is a fold
    std::string asked, there;
    for (const auto& column : columns_) asked += (asked.empty() ? "" : ", ") + column.suffix;
    for (const auto& suffix : seen) there += (there.empty() ? "" : ", ") + suffix;
    throw Error(paths_.front().string(), "no sample has all of the members " + asked + "; the shards hold " +
                                             (there.empty() ? "no other members" : "members ending in " + there));
  }
}

QUIX_INLINE void TarIndex::open_shards() {
  for (const auto& path : paths_) files_.emplace_back(path);
  // Compressed shards have no places to jump to: they are unpacked into memory, as long as there is enough of it.
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

QUIX_INLINE TarIndex::Found TarIndex::scan(std::uint32_t shard) const {
  Found out;
  const auto n = columns_.size();
  std::string key;
  std::vector<std::uint64_t> row(n + 1);
  const auto finish = [&] {
    if (!key.empty()) out.rows.insert(out.rows.end(), row.begin(), row.end());
  };
  TarScan tar(files_[shard]);
  while (tar.next()) {
    std::string_view member_key, suffix;
    if (!detail::split_member(tar.name(), member_key, suffix)) continue;
    if (member_key != key) {
      finish();
      key = member_key;
      std::fill(row.begin(), row.end(), missing);
      row[0] = std::uint64_t{shard} << 32 | detail::pack_span({tar.header(), 0}, paths_[shard], tar.name()) >> 32;
    }
    bool asked = false;
    for (std::size_t c = 0; c < n; ++c) {
      if (columns_[c].suffix != suffix) continue;
      asked = true;
      if (row[c + 1] != missing)
        throw Error(paths_[shard].string(), "the member " + tar.name() + " stands twice in one sample");
      if (!columns_[c].is_class) {
        row[c + 1] = detail::pack_span(tar.span(), paths_[shard], tar.name());
        continue;
      }
      try {
        if (tar.span().size > 64)
          throw Error("", "expected a class number, got " + std::to_string(tar.span().size) + " bytes");
        row[c + 1] = static_cast<std::uint64_t>(detail::parse_class(tar.bytes()));
      } catch (const Error& error) {
        throw Error(
            paths_[shard].string() + ", member " + tar.name() + " (offset " + std::to_string(tar.span().offset) + ")",
            error.problems().front().what);
      }
    }
    if (!asked && out.suffixes.size() < 20 &&
        std::find(out.suffixes.begin(), out.suffixes.end(), suffix) == out.suffixes.end())
      out.suffixes.emplace_back(suffix);
  }
  finish();
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
      throw Error("", "lies beyond the shard's end: the index lies, or the shard was cut");
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
  // Most names stand in the member's own header; only for others the extended ones are read.
  if (char name[257]; detail::read_plain_name(file, at, name) && detail::split_member(name, key, suffix)) {
    to.assign(key);
    return;
  }
  TarScan tar(file, at);
  to.assign(tar.next() && detail::split_member(tar.name(), key, suffix) ? key : "?");
}

QUIX_INLINE std::string TarIndex::describe(std::size_t sample, std::size_t column) const {
  std::string name = "?";
  try {
    name = key(sample);
  } catch (const Error&) {}  // the archive itself is damaged there
  return paths_[shard_of(sample)].string() + ", member " + name + "." + columns_[column].suffix +
         (columns_[column].is_class ? "" : " (offset " + std::to_string(span(sample, column).offset) + ")");
}

}  // namespace quix
