#pragma once

#include <algorithm>
#include <cstdio>

#include <archive.h>
#include <archive_entry.h>

#include <quix/cfg/json.hpp>
#include <quix/data/tar.hpp>
#include <quix/data/writer.hpp>
#include <quix/io/file.hpp>

namespace quix {

struct Writer::FoldState {
  using Archive = std::unique_ptr<archive, decltype(&archive_write_free)>;

  std::string name;
  std::uint64_t shards = 0, samples = 0, in_shard = 0, bytes = 0;
  std::filesystem::path path;  ///< of the open shard, when whole
  Archive tar{nullptr, &archive_write_free};
  std::string last_key;

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
    char number[16];
    std::snprintf(number, sizeof number, "_%04u.tar", static_cast<unsigned>(shards));
    path = folder / (name + number);
    tar.reset(archive_write_new());
    check(archive_write_set_format_pax_restricted(
        tar.get()));  // ustar, with pax headers only where ustar does not suffice
    check(archive_write_set_bytes_per_block(tar.get(), 10240));
    check(archive_write_set_bytes_in_last_block(tar.get(), 10240));  // as tar and Python's tarfile end an archive
    check(archive_write_open_filename(tar.get(), aside().c_str()));
    ++shards, in_shard = 0, bytes = 0;
  }
  void close() {
    if (!tar) return;
    check(archive_write_close(tar.get()));
    tar.reset();
    std::error_code code;
    std::filesystem::rename(aside(), path, code);
    if (code) throw Error(path.string(), "cannot be renamed: " + code.message());
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
  if (std::filesystem::exists(folder_ / "config.json"))
    throw Error(folder_.string(), "holds a dataset already (config.json); remove it first, or write to another folder");
  io::make_folder(folder_);
}

QUIX_INLINE Writer::Writer(Writer&&) noexcept = default;

QUIX_INLINE Writer::~Writer() {
  for (auto& [name, fold] : folds_)
    if (fold) fold->drop();
}

QUIX_INLINE void Writer::write(const std::string& fold, const std::string& key, const std::vector<Member>& members) {
  auto& state = folds_[fold];
  if (!state) {
    state = std::make_unique<FoldState>();
    state->name = fold;
    fold_order_.push_back(fold);
  }
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
  if (state->tar && (state->in_shard >= options_.max_samples || state->bytes >= options_.max_bytes)) state->close();
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

QUIX_INLINE void Writer::finish() {
  Node config{.kind = Node::Kind::map};
  Node metadata{.kind = Node::Kind::map};
  metadata.members = metadata_;
  for (const auto& name : fold_order_) {
    auto& fold = *folds_[name];
    fold.close();
    char pattern[48];
    std::snprintf(pattern, sizeof pattern, "_{0000..%04u}.tar", static_cast<unsigned>(fold.shards - 1));
    config.members.push_back({.key = name, .value = Node::quoted(name + pattern)});
    metadata.members.push_back({.key = "num_" + name, .value = Node::plain(std::to_string(fold.samples))});
  }
  Node extensions{.kind = Node::Kind::list};
  std::sort(suffixes_.begin(), suffixes_.end());
  for (const auto& suffix : suffixes_) extensions.items.push_back(Node::quoted(suffix));
  config.members.push_back({.key = "extensions", .value = std::move(extensions)});
  config.members.push_back({.key = "metadata", .value = std::move(metadata)});
  io::replace(folder_ / "config.json", json::write(config, 0));
}

}  // namespace quix
