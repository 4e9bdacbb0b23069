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

/// The fold of the word that a name begins with; empty for other words.
inline std::string_view fold_of_word(std::string_view name) {
  for (const std::string_view word : {"train", "test", "val", "valid", "validation"})
    if (begins_with(name, word)) return word.starts_with("val") ? "val" : word;
  return {};
}

/// The fold of the first word in a name that is one: "imagenet-train-0.tar".
inline std::string_view fold_in_name(std::string_view name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool begins = at == 0 || !std::isalpha(static_cast<unsigned char>(name[at - 1]));
    if (const auto fold = begins ? fold_of_word(name.substr(at)) : std::string_view{}; !fold.empty()) return fold;
  }
  return {};
}

/// The split of a shard by its name: "train_0001.tar" and "train_0001 (1).tar" are of train, and so is "0001.tar".
inline std::string fold_of(std::string_view name) {
  if (const auto word = fold_of_word(name); !word.empty()) return std::string(word);
  std::string fold(name.substr(0, name.size() - shard_end(name)));
  fold.resize(fold.find_last_not_of("0123456789_-") + 1);
  return fold.empty() ? "train" : fold;
}

QUIX_INLINE std::vector<std::pair<std::string, std::string>> listed_folds(const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto config = folder / "config.json";
  if (!std::filesystem::exists(config)) return out;
  for (const auto& member : json::parse(io::read_text(config), config.string()).members)
    if (member.value.kind == Node::Kind::quoted && resembles_shard(member.value.text))
      out.emplace_back(member.key, member.value.text);
  return out;
}

/// The shards of a fold; none when the dataset does not have it.
inline std::vector<std::filesystem::path> shards_of(const std::filesystem::path& folder, std::string_view fold) {
  namespace fs = std::filesystem;
  std::vector<fs::path> shards;
  if (const auto listed = listed_folds(folder); !listed.empty()) {
    for (const auto& [name, pattern] : listed)
      if (name == fold)  // Python quix writes "/train_{0000..0001}.tar" with a stray slash
        for (const auto& shard : expand_braces(pattern.substr(pattern.starts_with('/') ? 1 : 0)))
          shards.push_back(folder / shard);
    return shards;
  }
  std::vector<fs::path> part;  // of a split: "train_extra_0.tar" is of train, and of train_extra where that is named
  each_entry(folder, [&](const auto& entry, const std::string& name) {
    if (!is_shard(name)) return;
    if (fold_of(name) == fold) shards.push_back(entry.path());
    if (begins_with(name, fold)) part.push_back(entry.path());
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

/// Whether a file is of a fold: by the word that its name begins with, or else its folder's. One that has none is of
/// training.
inline bool is_of_fold(const std::filesystem::path& file, std::string_view fold) {
  const auto name = file.filename().string(), parent = file.parent_path().filename().string();
  if (begins_with(name, fold)) return true;
  if (const auto word = fold_in_name(name); !word.empty()) return word == fold;
  if (begins_with(parent, fold)) return true;
  const auto word = fold_of_word(parent);
  return word.empty() ? fold == "train" : word == fold;
}

/// The files that a pattern names, in its order; `*` and `?` sorted. Here, in `data/`, or in a folder of $QUIX_DATA.
inline std::vector<std::filesystem::path> shards_of_pattern(std::string pattern, std::string_view fold) {
  namespace fs = std::filesystem;
  const bool says = pattern.find("{fold}") != std::string::npos, archive = !is_pattern(pattern);
  for (auto at = pattern.find("{fold}"); at != std::string::npos; at = pattern.find("{fold}", at + fold.size()))
    pattern.replace(at, 6, fold);
  const auto names = expand_braces(pattern);
  const auto wanted = [&](const fs::path& file) { return says || is_of_fold(file, fold); };
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

inline std::vector<std::filesystem::path> all_shards_of(const std::filesystem::path& dataset, std::string_view fold) {
  std::vector<std::filesystem::path> out;
  for (const auto& part : parts_of(dataset)) {
    const auto some = names_shards(part) ? shards_of_pattern(part, fold) : shards_of(find_dataset(part), fold);
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
  for (auto& [fold, pattern] : listed_folds(folder)) out.push_back(std::move(fold));
  if (!out.empty()) return out;
  each_entry(folder, [&](const auto&, const std::string& name) {
    if (!is_shard(name)) return;
    const auto fold = fold_of(name);
    if (std::find(out.begin(), out.end(), fold) == out.end()) out.push_back(fold);
  });
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace detail

QUIX_INLINE std::vector<std::string> find_folds(const std::filesystem::path& dataset) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& fold) {
    if (std::find(out.begin(), out.end(), fold) == out.end()) out.push_back(fold);
  };
  for (const auto& part : detail::parts_of(dataset)) {
    if (detail::names_shards(part)) {
      for (const auto* fold : {"train", "val", "test"})
        if (!detail::shards_of_pattern(part, fold).empty()) add(fold);
    } else {
      for (const auto& fold : detail::folds_of_folder(find_dataset(part))) add(fold);
    }
  }
  return out;
}

QUIX_INLINE std::vector<std::filesystem::path> unlisted_shards(const std::filesystem::path& dataset,
                                                               std::string_view fold) {
  namespace fs = std::filesystem;
  std::vector<fs::path> out;
  if (!is_one_folder(dataset)) return out;
  const auto folder = find_dataset(dataset);
  const auto folds = detail::listed_folds(folder);
  if (folds.empty()) return out;
  std::vector<fs::path> listed;
  for (const auto& [name, pattern] : folds)
    for (const auto& shard : detail::shards_of(folder, name)) listed.push_back(shard.lexically_normal());
  std::sort(listed.begin(), listed.end());
  const auto wanted = [&](const std::string& shown) {
    return fold.empty() || shown == fold ||
           (fold == "train" &&
            std::none_of(folds.begin(), folds.end(), [&](const auto& one) { return one.first == shown; }));
  };
  detail::each_entry(folder, [&](const auto& entry, const std::string& name) {
    if (!detail::is_shard(name) || !wanted(detail::fold_of(name))) return;
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

QUIX_INLINE bool has_fold(const std::filesystem::path& dataset, std::string_view fold) {
  return !detail::all_shards_of(dataset, fold).empty();
}

QUIX_INLINE std::vector<std::filesystem::path> find_shards(const std::filesystem::path& dataset,
                                                           std::string_view fold) {
  auto shards = detail::all_shards_of(dataset, fold);
  if (!shards.empty()) return shards;
  const auto folds = find_folds(dataset);
  std::string others;
  for (const auto& other : folds) others += (others.empty() ? "; there are shards of " : ", ") + other;
  if (!is_one_folder(dataset))
    throw Error("data.path", "no shards of the split " + std::string(fold) + " match " + dataset.string() + others);
  const auto folder = find_dataset(dataset);
  const std::string split(fold);
  for (const auto& shard : unlisted_shards(dataset, fold))
    if (const auto name = shard.filename().string(); detail::fold_of(name) == fold)
      throw Error(folder.string(), "config.json does not list the split " + split + ", but the directory holds " +
                                       name + "; add the split to config.json");
  const auto nested = detail::nested_pattern(folder);
  const auto like =
      std::find_if(folds.begin(), folds.end(), [&](const auto& other) { return other.find(split) != other.npos; });
  if (like != folds.end()) {
    const auto at = like->find(split);
    others += "; name splits within names by  " +
              (folder / (like->substr(0, at) + "{fold}" + like->substr(at + split.size()) + "*.tar")).string();
  }
  throw Error(folder.string(), "split " + split + " not found: neither a config.json that names it nor files " + split +
                                   "*.tar" + others +
                                   (nested.empty() ? "" : "; subdirectories hold shards: name them by  " + nested));
}

}  // namespace quix
