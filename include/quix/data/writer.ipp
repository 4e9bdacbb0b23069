#pragma once

#include <algorithm>
#include <cstdio>

#include <quix/cfg/json.hpp>
#include <quix/data/dataset.hpp>
#include <quix/data/index.hpp>
#include <quix/data/tar.hpp>
#include <quix/data/tar_sink.hpp>
#include <quix/data/writer.hpp>
#include <quix/io/file.hpp>

namespace quix {

namespace detail {

QUIX_INLINE std::vector<Node::Member> facts_of(const Node& config) {
  std::vector<Node::Member> out;
  const auto* metadata = config.find("metadata");
  const auto is_split = [](const Node::Member& member) {
    return member.value.kind == Node::Kind::quoted && resembles_shard(member.value.text);
  };
  if (metadata) out = metadata->members;
  std::erase_if(out, [&](const auto& fact) {
    return std::any_of(config.members.begin(), config.members.end(),
                       [&](const auto& member) { return is_split(member) && fact.key == "num_" + member.key; });
  });
  for (const auto& member : config.members)  // also next to "metadata"
    if (!is_split(member) && member.key != "extensions" && member.key != "metadata" &&
        !(metadata && metadata->find(member.key)))
      out.push_back(member);
  return out;
}

QUIX_INLINE std::string split_name_problem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name == "metadata" || name == "extensions") return "has another meaning in config.json";
  if (name[0] == '.') return "begins with a dot";
  for (const unsigned char c : name)
    if (c <= ' ' || std::string_view("/\\{}*?[]\":,").find(static_cast<char>(c)) != std::string_view::npos)
      return std::string("has ") +
             (c == ' '  ? "a blank"
              : c < ' ' ? "a control character"
                        : std::string(1, static_cast<char>(c))) +
             " in it";
  return {};
}

}  // namespace detail

struct Writer::SplitState {
  std::string name;
  std::uint64_t before = 0;  ///< existing shards
  std::uint64_t shards = 0, samples = 0, in_shard = 0, bytes = 0;
  std::uint64_t finished = 0;  ///< samples in complete shards
  std::filesystem::path path;  ///< of the open shard, when complete
  TarSink tar;
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
  void open(const std::filesystem::path& folder) {
    path = folder / shard_name();
    tar = TarSink(aside());
    in_shard = 0, bytes = 0;
  }
  void close() {
    if (!tar) return;
    tar.close();
    std::error_code code;
    std::filesystem::rename(aside(), path, code);
    if (code) throw Error(path.string(), "cannot be renamed: " + code.message());
    io::sync_folder(path.parent_path());
    ++shards, finished = samples;
  }
  void drop() {
    if (!tar) return;
    tar = TarSink();
    std::error_code ignored;
    std::filesystem::remove(aside(), ignored);
  }
};

QUIX_INLINE Writer::Writer(std::filesystem::path folder, WriterOptions options)
    : folder_(std::move(folder)), options_(options) {
  const bool there = std::filesystem::exists(folder_ / "config.json");
  if (there && !options_.append)
    throw Error(
        folder_.string(),
        "contains a dataset already (config.json); remove it first, write to another directory, or append to it");
  io::make_folder(options_.staging.empty() ? folder_ : options_.staging);
  if (there) resume();
}

/// What an earlier writer finished: splits, shards, samples, and the facts in "metadata".
QUIX_INLINE void Writer::resume() {
  const auto path = folder_ / "config.json";
  const auto config = json::parse(io::read_text(path), path.string());
  metadata_ = detail::facts_of(config);
  for (const auto& member : config.members) {
    const auto& name = member.key;
    const auto& value = member.value;
    if (name == "extensions") {
      for (const auto& suffix : value.items) suffixes_.push_back(suffix.text);
    } else if (value.kind == Node::Kind::quoted && detail::resembles_shard(value.text)) {
      auto& state = split(name);
      for (const auto& shard : find_shards(folder_, name)) {
        if (shard.filename().string() != state.shard_name())
          throw Error(shard.string(), "does not match this writer's shard names (" + state.shard_name() +
                                          "), so nothing can be appended");
        const io::File file(shard);
        TarScan tar(file);
        while (tar.next_member()) {
          if (tar.key() == state.last_key) continue;
          state.last_key = tar.key();
          ++state.samples;
        }
        ++state.shards, ++state.before;
      }
    }
  }
}

QUIX_INLINE Writer::SplitState& Writer::split(const std::string& name) {
  auto& state = splits_[name];
  if (!state) {
    if (const auto problem = detail::split_name_problem(name); !problem.empty()) {
      splits_.erase(name);
      throw Error(folder_.string(), "the name of the split \"" + name + "\" " + problem + "; write letters and digits");
    }
    state = std::make_unique<SplitState>();
    state->name = name;
    split_order_.push_back(name);
  }
  return *state;
}

QUIX_INLINE std::uint64_t Writer::samples(const std::string& name) const {
  const auto at = splits_.find(name);
  return at == splits_.end() ? 0 : at->second->samples;
}

QUIX_INLINE Writer::Writer(Writer&&) noexcept = default;

QUIX_INLINE Writer::~Writer() {
  for (auto& [name, split] : splits_)
    if (split) split->drop();
}

QUIX_INLINE void Writer::write(const std::string& split_name, const std::string& key,
                               const std::vector<Member>& members) {
  auto* state = &split(split_name);
  if (members.empty()) throw Error(folder_.string(), "the sample " + key + " has no members");
  std::uint64_t bytes = 0;
  for (const auto& [suffix, data] : members) {
    std::string_view found_key, found_suffix;
    const auto name = key + "." + suffix;
    if (!detail::split_member(name, found_key, found_suffix) || found_key != key || suffix.starts_with('.'))
      throw Error(folder_.string(), "the member name " + name + " cannot be read back as key " + key +
                                        ": a key has no dot in its file name, a suffix no leading dot");
    if (!detail::is_utf8(suffix))
      throw Error(folder_.string(), "the suffix of " + name + " is not UTF-8, and config.json names suffixes");
    TarSink::check(folder_, name, data.size());
    bytes += data.size();
  }
  if (key == state->last_key) throw Error(folder_.string(), "duplicate key " + key);
  state->last_key = key;
  if (state->tar && (state->in_shard >= options_.max_samples || state->bytes >= options_.max_bytes)) {
    state->close();
    if (options_.staging.empty()) write_config();
  }
  if (!state->tar) state->open(options_.staging.empty() ? folder_ : options_.staging);
  for (const auto& [suffix, data] : members) {
    state->tar.add(key + "." + suffix, data, options_.time);
    if (std::find(suffixes_.begin(), suffixes_.end(), suffix) == suffixes_.end()) suffixes_.push_back(suffix);
  }
  ++state->samples, ++state->in_shard, state->bytes += bytes;
}

QUIX_INLINE void Writer::describe(const std::string& name, Node value) {
  std::erase_if(metadata_, [&](const auto& member) { return member.key == name; });
  metadata_.push_back({.key = name, .value = std::move(value)});
}

QUIX_INLINE void Writer::write_config() const {
  Node config{.kind = Node::Kind::map};
  Node metadata{.kind = Node::Kind::map};
  metadata.members = metadata_;
  for (const auto& name : split_order_) {
    const auto& split = *splits_.at(name);
    if (split.shards == 0) continue;
    char pattern[48];
    std::snprintf(pattern, sizeof pattern, "_{0000..%04u}.tar", static_cast<unsigned>(split.shards - 1));
    config.members.push_back({.key = name, .value = Node::quoted(name + pattern)});
    std::erase_if(metadata.members, [&](const auto& fact) { return fact.key == "num_" + name; });
    metadata.members.push_back({.key = "num_" + name, .value = Node::plain(std::to_string(split.finished))});
  }
  Node extensions{.kind = Node::Kind::list};
  auto suffixes = suffixes_;
  std::sort(suffixes.begin(), suffixes.end());
  for (const auto& suffix : suffixes) extensions.items.push_back(Node::quoted(suffix));
  config.members.push_back({.key = "extensions", .value = std::move(extensions)});
  config.members.push_back({.key = "metadata", .value = std::move(metadata)});
  io::replace(folder_ / "config.json", json::write(config, 0));
}

/// {"train_0000.tar": {".png": {"s0": 0, …}, …}, …}: the offset of each member's header, read from the shards.
QUIX_INLINE void Writer::write_index(const SplitState& split) const {
  const auto shards = find_shards(folder_, split.name);
  std::string out = "{";
  for (const auto& shard : shards) {
    const io::File file(shard);
    TarScan tar(file);
    std::vector<std::pair<std::string, std::string>> suffixes;  // in the order of first writing
    while (tar.next_member()) {
      const auto suffix = std::string_view(tar.name()).substr(tar.key().size() + 1);  // Python quix does not lower it
      auto at =
          std::find_if(suffixes.begin(), suffixes.end(), [&](const auto& entry) { return entry.first == suffix; });
      if (at == suffixes.end()) at = suffixes.insert(suffixes.end(), {std::string(suffix), ""});
      at->second += (at->second.empty() ? "" : ", ") + json::quote(tar.key()) + ": " + std::to_string(tar.header());
    }
    out += (out.size() > 1 ? ", " : "") + json::quote(shard.filename().string()) + ": {";
    for (std::size_t i = 0; i < suffixes.size(); ++i)
      out += (i ? ", " : "") + json::quote("." + suffixes[i].first) + ": {" + suffixes[i].second + "}";
    out += "}";
  }
  io::replace(folder_ / (split.name + ".idx.json"), out + "}");
  TarIndex::save(folder_, split.name, shards);
}

/// Moves the shards from the staging directory into the dataset and lists them: all, or none.
QUIX_INLINE void Writer::publish() {
  io::make_folder(folder_);
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> moved;
  try {
    for (const auto& name : split_order_) {
      SplitState split;
      split.name = name, split.shards = splits_.at(name)->before;
      for (; split.shards < splits_.at(name)->shards; ++split.shards) {
        const auto from = options_.staging / split.shard_name(), to = folder_ / split.shard_name();
        if (std::filesystem::exists(to))
          throw Error(to.string(),
                      "exists, and config.json does not list it: an append was interrupted here; remove it, and append "
                      "again");
        io::move_new(from, to);
        moved.emplace_back(from, to);
      }
    }
    io::sync_folder(folder_);
    write_config();
  } catch (const Error&) {
    std::error_code ignored;
    for (const auto& [from, to] : moved) std::filesystem::rename(to, from, ignored);
    throw;
  }
}

QUIX_INLINE void Writer::finish() {
  for (const auto& name : split_order_) splits_.at(name)->close();
  if (options_.staging.empty())
    write_config();
  else
    publish();
  for (const auto& name : split_order_)
    if (options_.index && splits_.at(name)->shards > 0) write_index(*splits_.at(name));
}

}  // namespace quix
