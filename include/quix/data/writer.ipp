#pragma once

#include <algorithm>
#include <cstdio>

#include <archive.h>
#include <archive_entry.h>

#include <quix/cfg/json.hpp>
#include <quix/data/dataset.hpp>
#include <quix/data/index.hpp>
#include <quix/data/tar.hpp>
#include <quix/data/writer.hpp>
#include <quix/io/file.hpp>

namespace quix {

struct Writer::FoldState {
  using Archive = std::unique_ptr<archive, decltype(&archive_write_free)>;

  std::string name;
  std::uint64_t shards = 0, samples = 0, in_shard = 0, bytes = 0;
  std::uint64_t finished = 0;  ///< samples in whole shards
  std::filesystem::path path;  ///< of the open shard, when whole
  Archive tar{nullptr, &archive_write_free};
  std::string last_key;

  /// Of the next shard.
  std::string shard_name() const {
    char number[16];
    std::snprintf(number, sizeof number, "_%04u.tar", static_cast<unsigned>(shards));
    return name + number;
  }
  std::filesystem::path aside() const {
    auto out = path;
    out += ".part";
    return out;
  }
  void check(int code) const {
    if (code < ARCHIVE_WARN)
      throw Error(path.string(),
                  std::string("cannot be written: ") +
                      (archive_error_string(tar.get()) ? archive_error_string(tar.get()) : "unknown reason"));
  }
  void open(const std::filesystem::path& folder) {
    path = folder / shard_name();
    tar.reset(archive_write_new());
    check(archive_write_set_format_pax_restricted(
        tar.get()));  // ustar, with pax headers only where ustar does not suffice
    check(archive_write_set_bytes_per_block(tar.get(), 10240));
    check(archive_write_set_bytes_in_last_block(tar.get(), 10240));  // as tar and Python's tarfile end an archive
    check(archive_write_open_filename(tar.get(), aside().c_str()));
    in_shard = 0, bytes = 0;
  }
  void close() {
    if (!tar) return;
    check(archive_write_close(tar.get()));
    tar.reset();
    std::error_code code;
    std::filesystem::rename(aside(), path, code);
    if (code) throw Error(path.string(), "cannot be renamed: " + code.message());
    ++shards, finished = samples;
  }
  void drop() {
    if (!tar) return;
    archive_write_fail(tar.get());
    tar.reset();
    std::error_code ignored;
    std::filesystem::remove(aside(), ignored);
  }
};

QUIX_INLINE Writer::Writer(std::filesystem::path folder, WriterOptions options)
    : folder_(std::move(folder)), options_(options) {
  const bool there = std::filesystem::exists(folder_ / "config.json");
  if (there && !options_.append)
    throw Error(folder_.string(),
                "holds a dataset already (config.json); remove it first, write to another folder, or append to it");
  io::make_folder(folder_);
  if (there) resume();
}

/// What an earlier writer finished: folds, shards, samples, and the facts in "metadata".
QUIX_INLINE void Writer::resume() {
  const auto path = folder_ / "config.json";
  const auto config = json::parse(io::read_text(path), path.string());
  for (const auto& member : config.members) {
    const auto& name = member.key;
    const auto& value = member.value;
    if (name == "extensions") {
      for (const auto& suffix : value.items) suffixes_.push_back(suffix.text);
    } else if (name == "metadata") {
      for (const auto& fact : value.members)
        if (!fact.key.starts_with("num_")) metadata_.push_back(fact);
    } else if (value.kind == Node::Kind::quoted) {
      auto& state = fold(name);
      for (const auto& shard : find_shards(folder_, name)) {
        if (shard.filename().string() != state.shard_name())
          throw Error(shard.string(), "is not named as this writer names shards (" + state.shard_name() +
                                          "), so nothing can be appended");
        const io::File file(shard);
        TarScan tar(file);
        while (tar.next()) {
          std::string_view key, suffix;
          if (!detail::split_member(tar.name(), key, suffix)) continue;
          if (key == state.last_key) continue;
          state.last_key = key;
          ++state.samples;
        }
        ++state.shards;
      }
    }
  }
}

QUIX_INLINE Writer::FoldState& Writer::fold(const std::string& name) {
  auto& state = folds_[name];
  if (!state) {
    state = std::make_unique<FoldState>();
    state->name = name;
    fold_order_.push_back(name);
  }
  return *state;
}

QUIX_INLINE std::uint64_t Writer::samples(const std::string& name) const {
  const auto at = folds_.find(name);
  return at == folds_.end() ? 0 : at->second->samples;
}

QUIX_INLINE Writer::Writer(Writer&&) noexcept = default;

QUIX_INLINE Writer::~Writer() {
  for (auto& [name, fold] : folds_)
    if (fold) fold->drop();
}

QUIX_INLINE void Writer::write(const std::string& fold_name, const std::string& key,
                               const std::vector<Member>& members) {
  auto* state = &fold(fold_name);
  if (members.empty()) throw Error(folder_.string(), "the sample " + key + " has no members");
  std::uint64_t bytes = 0;
  for (const auto& [suffix, data] : members) {
    std::string_view found_key, found_suffix;
    const auto name = key + "." + suffix;
    if (!detail::split_member(name, found_key, found_suffix) || found_key != key || suffix.starts_with('.'))
      throw Error(folder_.string(), "the member name " + name + " would not be read back as key " + key +
                                        ": a key has no dot in its file name, a suffix no leading dot");
    bytes += data.size();
  }
  if (key == state->last_key) throw Error(folder_.string(), "the key " + key + " comes twice in a row");
  state->last_key = key;
  if (state->tar && (state->in_shard >= options_.max_samples || state->bytes >= options_.max_bytes)) {
    state->close();
    write_config();
  }
  if (!state->tar) state->open(folder_);
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), &archive_entry_free);
  for (const auto& [suffix, data] : members) {
    archive_entry_clear(entry.get());
    archive_entry_set_pathname_utf8(entry.get(), (key + "." + suffix).c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(data.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), options_.time, 0);
    state->check(archive_write_header(state->tar.get(), entry.get()));
    if (archive_write_data(state->tar.get(), data.data(), data.size()) != static_cast<la_ssize_t>(data.size()))
      state->check(ARCHIVE_FATAL);
    if (std::find(suffixes_.begin(), suffixes_.end(), suffix) == suffixes_.end()) suffixes_.push_back(suffix);
  }
  ++state->samples, ++state->in_shard, state->bytes += bytes;
}

QUIX_INLINE void Writer::describe(const std::string& name, Node value) {
  metadata_.push_back({.key = name, .value = std::move(value)});
}

QUIX_INLINE void Writer::write_config() const {
  Node config{.kind = Node::Kind::map};
  Node metadata{.kind = Node::Kind::map};
  metadata.members = metadata_;
  for (const auto& name : fold_order_) {
    const auto& fold = *folds_.at(name);
    if (fold.shards == 0) continue;
    char pattern[48];
    std::snprintf(pattern, sizeof pattern, "_{0000..%04u}.tar", static_cast<unsigned>(fold.shards - 1));
    config.members.push_back({.key = name, .value = Node::quoted(name + pattern)});
    metadata.members.push_back({.key = "num_" + name, .value = Node::plain(std::to_string(fold.finished))});
  }
  Node extensions{.kind = Node::Kind::list};
  auto suffixes = suffixes_;
  std::sort(suffixes.begin(), suffixes.end());
  for (const auto& suffix : suffixes) extensions.items.push_back(Node::quoted(suffix));
  config.members.push_back({.key = "extensions", .value = std::move(extensions)});
  config.members.push_back({.key = "metadata", .value = std::move(metadata)});
  io::replace(folder_ / "config.json", json::write(config, 0));
}

/// {"train_0000.tar": {".png": {"s0": 0, …}, …}, …}: where each member's header stands, read from the shards
/// themselves.
QUIX_INLINE void Writer::write_index(const FoldState& fold) const {
  const auto shards = find_shards(folder_, fold.name);
  std::string out = "{";
  for (const auto& shard : shards) {
    const io::File file(shard);
    TarScan tar(file);
    std::vector<std::pair<std::string, std::string>> suffixes;  // in the order of first writing
    while (tar.next()) {
      std::string_view key, suffix;
      if (!detail::split_member(tar.name(), key, suffix)) continue;
      auto at =
          std::find_if(suffixes.begin(), suffixes.end(), [&](const auto& entry) { return entry.first == suffix; });
      if (at == suffixes.end()) at = suffixes.insert(suffixes.end(), {std::string(suffix), ""});
      at->second += (at->second.empty() ? "" : ", ") + json::quote(key) + ": " + std::to_string(tar.header());
    }
    out += (out.size() > 1 ? ", " : "") + json::quote(shard.filename().string()) + ": {";
    for (std::size_t i = 0; i < suffixes.size(); ++i)
      out += (i ? ", " : "") + json::quote("." + suffixes[i].first) + ": {" + suffixes[i].second + "}";
    out += "}";
  }
  io::replace(folder_ / (fold.name + ".idx.json"), out + "}");
  TarIndex::save(folder_, fold.name, shards);
}

QUIX_INLINE void Writer::finish() {
  for (const auto& name : fold_order_) folds_.at(name)->close();
  write_config();
  for (const auto& name : fold_order_)
    if (options_.index && folds_.at(name)->shards > 0) write_index(*folds_.at(name));
}

}  // namespace quix
