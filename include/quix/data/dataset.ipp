#pragma once

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <utility>

#include <glob.h>

#include <quix/cfg/json.hpp>
#include <quix/data/braces.ipp>
#include <quix/data/dataset.hpp>
#include <quix/data/listing.hpp>
#include <quix/io/file.hpp>

namespace quix {

namespace detail {

/// The directories of $QUIX_DATA.
inline std::vector<std::filesystem::path> data_roots() {
  std::vector<std::filesystem::path> out;
  const char* variable = std::getenv("QUIX_DATA");
  std::string_view rest = variable ? variable : "";
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    if (end) out.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

/// The paths where a dataset is searched: the working directory, `data/`, and the directories of $QUIX_DATA.
inline std::vector<std::filesystem::path> places_of(const std::filesystem::path& dataset) {
  std::vector<std::filesystem::path> out{dataset};
  if (!dataset.is_relative()) return out;
  out.push_back("data" / dataset);
  for (const auto& root : data_roots()) out.push_back(root / dataset);
  return out;
}

QUIX_INLINE std::vector<std::filesystem::path> found_places(const std::filesystem::path& dataset) {
  auto places = places_of(dataset);
  std::error_code ignored;
  std::erase_if(places, [&](const auto& place) { return !std::filesystem::is_directory(place, ignored); });
  return places;
}

/// Throws Error: found at none of the paths.
[[noreturn]] inline void refuse_missing(const std::string& what, const std::filesystem::path& name) {
  std::string looked;
  for (const auto& place : places_of(name)) looked += (looked.empty() ? "" : ", ") + place.string();
  throw Error("data.path", what + " not found; searched " + looked +
                               "; pass --data.path DIR, or set QUIX_DATA to the directory of datasets");
}

QUIX_INLINE std::filesystem::path find_place(const std::filesystem::path& dataset) {
  if (dataset.empty())
    throw Error("data.path", "missing dataset; set it to a directory of tar shards, like  --data.path fashion-mnist");
  if (const auto places = found_places(dataset); !places.empty()) return places[0];
  refuse_missing("dataset " + dataset.string(), dataset);
}

[[noreturn]] QUIX_INLINE void hides(const std::filesystem::path& first, const std::filesystem::path& other) {
  throw Error(first.string(), "no data to read, but hides " + other.string() + ", which has data; name " +
                                  other.string() + ", or rename " + first.string());
}

/// Bytes of the end that a shard's name has, `.tar` or `.tar.gz` in any case; 0 for other names and hidden files.
inline std::size_t shard_end(std::string_view name) {
  if (name.starts_with('.')) return 0;
  const auto low = lower_case(name);
  for (const std::string_view end : {".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar.lz4"})
    if (low.ends_with(end)) return end.size();
  return 0;
}

/// Whether a file's name is that of a shard; compressed ones too.
inline bool is_shard(std::string_view name) { return shard_end(name) > 0; }

QUIX_INLINE bool resembles_shard(std::string_view name) {
  const auto low = lower_case(name);
  return low.find(".tar") != low.npos || low.find(".tgz") != low.npos;
}

/// Whether a directory is a dataset of shards: a directory of the same name may contain raw files.
inline bool holds_shards(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (fs::exists(folder / "config.json", code)) return true;
  fs::directory_iterator at(folder, code);
  for (; !code && at != fs::directory_iterator(); at.increment(code))
    if (is_shard(at->path().filename().string())) return true;
  return false;
}

/// Whether a name begins with a word: "val_0" and "val" with val, "values" not.
inline bool begins_with(std::string_view name, std::string_view word) {
  return name.starts_with(word) &&
         (name.size() == word.size() || !std::isalpha(static_cast<unsigned char>(name[word.size()])));
}

/// The split of the word that a name begins with; empty for other words.
inline std::string_view split_at_begin(std::string_view name) {
  for (const std::string_view word : {"train", "test", "val", "valid", "validation"})
    if (begins_with(name, word)) return word.starts_with("val") ? "val" : word;
  return {};
}

/// The split of the first word in a name that is one: "imagenet-train-0.tar".
inline std::string_view split_in_name(std::string_view name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool begins = at == 0 || !std::isalpha(static_cast<unsigned char>(name[at - 1]));
    if (const auto split = begins ? split_at_begin(name.substr(at)) : std::string_view{}; !split.empty()) return split;
  }
  return {};
}

/// The split of a shard by its name: "train_0001.tar" and "train_0001 (1).tar" are of train, and so is "0001.tar".
inline std::string split_of(std::string_view name) {
  if (const auto word = split_at_begin(name); !word.empty()) return std::string(word);
  std::string split(name.substr(0, name.size() - shard_end(name)));
  split.resize(split.find_last_not_of("0123456789_-") + 1);
  return split.empty() ? "train" : split;
}

QUIX_INLINE std::vector<std::pair<std::string, std::string>> listed_splits(const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto config = folder / "config.json";
  if (!std::filesystem::exists(config)) return out;
  for (const auto& member : json::parse(io::read_text(config), config.string()).members)
    if (member.value.kind == Node::Kind::quoted && resembles_shard(member.value.text))
      out.emplace_back(member.key, member.value.text);
  return out;
}

/// The shards of a split; none when the dataset does not have it.
inline std::vector<std::filesystem::path> shards_of(const std::filesystem::path& folder, std::string_view split) {
  namespace fs = std::filesystem;
  std::vector<fs::path> shards;
  if (const auto listed = listed_splits(folder); !listed.empty()) {
    for (const auto& [name, pattern] : listed)
      if (name == split)  // Python quix writes "/train_{0000..0001}.tar" with a stray slash
        for (const auto& shard : expand_braces(pattern.substr(pattern.starts_with('/') ? 1 : 0)))
          shards.push_back(folder / shard);
    return shards;
  }
  std::vector<fs::path> part;  // of a split: "train_extra_0.tar" is of train, and of train_extra where that is named
  each_entry(folder, [&](const auto& entry, const std::string& name) {
    if (!is_shard(name)) return;
    if (split_of(name) == split) shards.push_back(entry.path());
    if (begins_with(name, split)) part.push_back(entry.path());
  });
  if (shards.empty()) shards = std::move(part);
  std::sort(shards.begin(), shards.end());
  return shards;
}

QUIX_INLINE std::string nested_pattern(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  for (fs::directory_iterator at(folder, code); !code && at != fs::directory_iterator(); at.increment(code)) {
    std::error_code ignored;
    if (!at->is_directory(ignored)) continue;
    for (fs::directory_iterator in(at->path(), ignored); !ignored && in != fs::directory_iterator();
         in.increment(ignored))
      if (const auto name = in->path().filename().string(); is_shard(name))
        return (folder / "*" / ("*" + name.substr(name.size() - shard_end(name)))).string();
  }
  return {};
}

inline bool is_pattern(std::string_view text) { return text.find_first_of("*?{") != text.npos; }

/// Whether it is a tar archive by its name, and not a folder of such a name.
inline bool is_archive(const std::filesystem::path& path) {
  if (!is_shard(path.filename().string())) return false;
  std::error_code ignored;
  for (const auto& place : places_of(path))
    if (std::filesystem::is_directory(place, ignored)) return false;
  return true;
}

/// Whether a part of a dataset names shards instead of a folder.
inline bool names_shards(const std::string& part) { return is_pattern(part) || is_archive(part); }

/// Whether a file is of a split: by the word that its name begins with, or else its folder's. One that has none is of
/// training.
inline bool is_of_split(const std::filesystem::path& file, std::string_view split) {
  const auto name = file.filename().string(), parent = file.parent_path().filename().string();
  if (begins_with(name, split)) return true;
  if (const auto word = split_in_name(name); !word.empty()) return word == split;
  if (begins_with(parent, split)) return true;
  const auto word = split_at_begin(parent);
  return word.empty() ? split == "train" : word == split;
}

/// Replaces `{split}`, and its old name `{fold}`, by a split's name. Whether there was one.
inline bool put_split(std::string& pattern, std::string_view split) {
  bool found = false;
  for (const std::string_view word : {"{split}", "{fold}"})
    for (auto at = pattern.find(word); at != pattern.npos; at = pattern.find(word, at + split.size()))
      pattern.replace(at, word.size(), split), found = true;
  return found;
}

/// The files that a pattern names, in its order; `*` and `?` sorted. Here, in `data/`, or in a folder of $QUIX_DATA.
inline std::vector<std::filesystem::path> shards_of_pattern(std::string pattern, std::string_view split) {
  namespace fs = std::filesystem;
  const bool archive = !is_pattern(pattern), says = put_split(pattern, split);
  const auto names = expand_braces(pattern);
  const auto wanted = [&](const fs::path& file) { return says || is_of_split(file, split); };
  auto places = places_of("");
  if (!fs::path(pattern).is_relative()) places = {""};
  std::vector<fs::path> some;  // of a place that lacks some: opening one says which
  for (const auto& place : places) {
    std::vector<fs::path> out;
    bool all = true, any = false;
    for (const auto& name : names) {
      const auto path = place / name;
      std::error_code ignored;
      if (name.find_first_of("*?") == std::string::npos) {
        if (!wanted(path)) continue;
        const bool there = fs::exists(path, ignored);
        all &= there, any |= there;
        out.push_back(path);
        continue;
      }
      glob_t found{};
      if (::glob(path.c_str(), 0, nullptr, &found) == 0)
        for (std::size_t k = 0; k < found.gl_pathc; ++k)
          if (wanted(found.gl_pathv[k])) out.emplace_back(found.gl_pathv[k]), any = true;
      ::globfree(&found);
    }
    if (any && all) return out;
    if (any && some.empty()) some = std::move(out);
  }
  if (some.empty() && archive && wanted(pattern)) {
    refuse_missing("archive " + pattern, pattern);
  }
  return some;
}

QUIX_INLINE std::vector<std::string> parts_of(const std::filesystem::path& dataset) {
  std::vector<std::string> out;
  auto rest = dataset.string();
  for (auto at = rest.find("::"); at != std::string::npos; at = rest.find("::")) {
    out.push_back(rest.substr(0, at));
    rest.erase(0, at + 2);
  }
  out.push_back(rest);
  return out;
}

inline std::vector<std::filesystem::path> all_shards_of(const std::filesystem::path& dataset, std::string_view split) {
  std::vector<std::filesystem::path> out;
  for (const auto& part : parts_of(dataset)) {
    const auto some = names_shards(part) ? shards_of_pattern(part, split) : shards_of(find_dataset(part), split);
    out.insert(out.end(), some.begin(), some.end());
  }
  std::error_code ignored;
  for (const auto& shard : out)
    if (std::filesystem::is_directory(shard, ignored))
      throw Error(shard.string(), "a directory, not a tar archive; rename it or move it elsewhere");
  return out;
}

}  // namespace detail

QUIX_INLINE std::filesystem::path find_dataset(const std::filesystem::path& dataset) {
  auto first = detail::find_place(dataset);
  if (const auto places = detail::found_places(dataset); places.size() > 1 && !detail::holds_shards(first))
    for (const auto& other : places)
      if (detail::holds_shards(other)) detail::hides(first, other);
  return first;
}

namespace detail {

inline std::vector<std::string> folds_of_folder(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  for (auto& [split, pattern] : listed_splits(folder)) out.push_back(std::move(split));
  if (!out.empty()) return out;
  each_entry(folder, [&](const auto&, const std::string& name) {
    if (!is_shard(name)) return;
    const auto split = split_of(name);
    if (std::find(out.begin(), out.end(), split) == out.end()) out.push_back(split);
  });
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace detail

QUIX_INLINE std::vector<std::string> find_splits(const std::filesystem::path& dataset) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& split) {
    if (std::find(out.begin(), out.end(), split) == out.end()) out.push_back(split);
  };
  for (const auto& part : detail::parts_of(dataset)) {
    if (detail::names_shards(part)) {
      for (const auto* split : {"train", "val", "test"})
        if (!detail::shards_of_pattern(part, split).empty()) add(split);
    } else {
      for (const auto& split : detail::folds_of_folder(find_dataset(part))) add(split);
    }
  }
  return out;
}

QUIX_INLINE std::vector<std::filesystem::path> unlisted_shards(const std::filesystem::path& dataset,
                                                               std::string_view split) {
  namespace fs = std::filesystem;
  std::vector<fs::path> out;
  if (!is_one_folder(dataset)) return out;
  const auto folder = find_dataset(dataset);
  const auto splits = detail::listed_splits(folder);
  if (splits.empty()) return out;
  std::vector<fs::path> listed;
  for (const auto& [name, pattern] : splits)
    for (const auto& shard : detail::shards_of(folder, name)) listed.push_back(shard.lexically_normal());
  std::sort(listed.begin(), listed.end());
  const auto wanted = [&](const std::string& shown) {
    return split.empty() || shown == split ||
           (split == "train" &&
            std::none_of(splits.begin(), splits.end(), [&](const auto& one) { return one.first == shown; }));
  };
  detail::each_entry(folder, [&](const auto& entry, const std::string& name) {
    if (!detail::is_shard(name) || !wanted(detail::split_of(name))) return;
    if (!std::binary_search(listed.begin(), listed.end(), entry.path().lexically_normal())) out.push_back(entry.path());
  });
  std::sort(out.begin(), out.end());
  return out;
}

QUIX_INLINE std::vector<std::filesystem::path> foreign_files(const std::filesystem::path& dataset) {
  namespace fs = std::filesystem;
  std::vector<fs::path> out;
  if (!is_one_folder(dataset)) return out;
  std::error_code code;
  fs::directory_iterator at(find_dataset(dataset), code);
  for (; !code && at != fs::directory_iterator(); at.increment(code))
    if (const auto name = at->path().filename().string(); detail::resembles_shard(name) && !detail::is_shard(name))
      out.push_back(at->path());
  std::sort(out.begin(), out.end());
  return out;
}

QUIX_INLINE bool is_one_folder(const std::filesystem::path& dataset) {
  return detail::parts_of(dataset).size() == 1 && !detail::names_shards(dataset.string());
}

QUIX_INLINE bool has_split(const std::filesystem::path& dataset, std::string_view split) {
  return !detail::all_shards_of(dataset, split).empty();
}

QUIX_INLINE std::vector<std::filesystem::path> find_shards(const std::filesystem::path& dataset,
                                                           std::string_view split) {
  auto shards = detail::all_shards_of(dataset, split);
  if (!shards.empty()) return shards;
  const auto splits = find_splits(dataset);
  std::string others;
  for (const auto& other : splits) others += (others.empty() ? "; there are shards of " : ", ") + other;
  if (!is_one_folder(dataset))
    throw Error("data.path", "no shards of the split " + std::string(split) + " match " + dataset.string() + others);
  const auto folder = find_dataset(dataset);
  const std::string wanted(split);
  for (const auto& shard : unlisted_shards(dataset, wanted))
    if (const auto name = shard.filename().string(); detail::split_of(name) == wanted)
      throw Error(folder.string(), "config.json does not list the split " + wanted + ", but the directory holds " +
                                       name + "; add the split to config.json");
  const auto nested = detail::nested_pattern(folder);
  const auto like =
      std::find_if(splits.begin(), splits.end(), [&](const auto& other) { return other.find(wanted) != other.npos; });
  if (like != splits.end()) {
    const auto at = like->find(wanted);
    others += "; name splits within names by  " +
              (folder / (like->substr(0, at) + "{split}" + like->substr(at + wanted.size()) + "*.tar")).string();
  }
  throw Error(folder.string(), "split " + wanted + " not found: neither a config.json that names it nor files " +
                                   wanted + "*.tar" + others +
                                   (nested.empty() ? "" : "; subdirectories hold shards: name them by  " + nested));
}

}  // namespace quix
