#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include <glob.h>

#include <quix/cfg/json.hpp>
#include <quix/data/dataset.hpp>
#include <quix/io/file.hpp>

namespace quix {

namespace detail {

inline constexpr std::size_t most_shards = 10'000'000;

/// "08..11" as its numbers, as wide as the first; empty when it is no range.
inline std::vector<std::string> numbers_of_range(std::string_view text, const std::string& pattern) {
  const auto dots = text.find("..");
  if (dots == text.npos) return {};
  std::uint64_t first = 0, last = 0;
  const auto number = [](std::string_view digits, std::uint64_t& value) {
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return code == std::errc{} && end == digits.data() + digits.size();
  };
  if (!number(text.substr(0, dots), first) || !number(text.substr(dots + 2), last)) return {};
  if (last < first) throw Error(pattern, "counts down from " + std::to_string(first) + " to " + std::to_string(last));
  if (last - first >= most_shards) throw Error(pattern, "names more than ten million shards");
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i <= last - first; ++i) {
    auto digits = std::to_string(first + i);
    if (digits.size() < dots) digits.insert(0, dots - digits.size(), '0');
    out.push_back(std::move(digits));
  }
  return out;
}

inline std::vector<std::string> expand(std::string_view text, const std::string& pattern) {
  const auto open = text.find('{');
  if (open == text.npos) return {std::string(text)};
  // The brace that closes it, and the commas that are its own.
  std::vector<std::size_t> cuts{open};
  std::size_t close = open, depth = 0;
  for (; close < text.size(); ++close) {
    if (text[close] == '{') ++depth;
    if (text[close] == ',' && depth == 1) cuts.push_back(close);
    if (text[close] == '}' && --depth == 0) break;
  }
  if (close == text.size()) {  // it means itself, and there may be others behind it
    auto out = expand(text.substr(open + 1), pattern);
    for (auto& one : out) one.insert(0, text.substr(0, open + 1));
    return out;
  }
  cuts.push_back(close);
  std::vector<std::string> middles;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
    for (auto& one : expand(text.substr(cuts[i] + 1, cuts[i + 1] - cuts[i] - 1), pattern))
      middles.push_back(std::move(one));
  if (cuts.size() == 2) {  // no comma: a range, or braces that mean themselves
    auto numbers = numbers_of_range(text.substr(open + 1, close - open - 1), pattern);
    if (numbers.empty())
      for (auto& one : middles) one = '{' + one + '}';
    else
      middles = std::move(numbers);
  }
  const auto ends = expand(text.substr(close + 1), pattern);
  if (middles.size() > most_shards / ends.size()) throw Error(pattern, "names more than ten million shards");
  std::vector<std::string> out;
  for (const auto& middle : middles)
    for (const auto& end : ends) out.push_back(std::string(text.substr(0, open)) + middle + end);
  return out;
}

}  // namespace detail

QUIX_INLINE std::vector<std::string> expand_braces(const std::string& pattern) {
  return detail::expand(pattern, pattern);
}

namespace detail {

/// The folders of $QUIX_DATA.
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

/// Where a dataset is looked for: here, in `data/`, and in the folders of $QUIX_DATA.
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

QUIX_INLINE std::filesystem::path find_place(const std::filesystem::path& dataset) {
  if (dataset.empty())
    throw Error("data.path", "names no dataset; set it to a folder of tar shards, like  --data.path fashion-mnist");
  if (const auto places = found_places(dataset); !places.empty()) return places[0];
  std::string looked;
  for (const auto& place : places_of(dataset)) looked += (looked.empty() ? "" : ", ") + place.string();
  throw Error("data.path", "no dataset " + dataset.string() + "; looked for the folders " + looked +
                               ". Name another with --data.path, or set QUIX_DATA to where datasets lie");
}

[[noreturn]] QUIX_INLINE void hides(const std::filesystem::path& first, const std::filesystem::path& other) {
  throw Error(first.string(), "contains no data to read and hides " + other.string() + ", which does; name " +
                                  other.string() + ", or rename " + first.string());
}

/// Whether a file's name is that of a shard; compressed ones too.
inline bool is_shard(std::string_view name) {
  return name.ends_with(".tar") || (name.find(".tar.") != name.npos && !name.ends_with(".part")) ||
         name.ends_with(".tgz");
}

/// Whether a directory is a dataset of shards: raw files may lie beside one of the same name.
inline bool holds_shards(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (fs::exists(folder / "config.json", code)) return true;
  fs::directory_iterator at(folder, code);
  for (; !code && at != fs::directory_iterator(); at.increment(code))
    if (is_shard(at->path().filename().string())) return true;
  return false;
}

/// The fold that a shard's name shows: "train_0001.tar" is of train, and so is "0001.tar".
inline std::string fold_of(std::string_view name) {
  std::string fold(name.substr(0, std::min(name.find(".tar"), name.find(".tgz"))));
  fold.resize(fold.find_last_not_of("0123456789_-") + 1);
  return fold.empty() ? "train" : fold;
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
    if (is_shard(name) && (begins_with(name, fold) || fold_of_word(name) == fold || fold_of(name) == fold))
      shards.push_back(entry.path());
  }
  std::sort(shards.begin(), shards.end());
  return shards;
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
  for (const auto& part : {file.filename().string(), file.parent_path().filename().string()}) {
    if (begins_with(part, fold)) return true;
    if (const auto word = fold_of_word(part); !word.empty()) return word == fold;
  }
  return fold == "train";
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
    std::string looked;
    for (const auto& place : places_of(pattern)) looked += (looked.empty() ? "" : ", ") + place.string();
    throw Error("data.path", "no archive " + pattern + "; looked for " + looked +
                                 ". Name another with --data.path, or set QUIX_DATA to where datasets lie");
  }
  return some;
}

inline std::vector<std::string> parts_of(const std::filesystem::path& dataset) {
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
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  if (const auto config = folder / "config.json"; fs::exists(config)) {
    for (const auto& member : json::parse(io::read_text(config), config.string()).members)
      if (member.key != "extensions" && member.key != "metadata" && member.value.kind == Node::Kind::quoted)
        out.push_back(member.key);
    return out;
  }
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (!detail::is_shard(name)) continue;
    const auto fold = detail::fold_of(name);
    if (std::find(out.begin(), out.end(), fold) == out.end()) out.push_back(fold);
  }
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
  if (!fs::exists(folder / "config.json")) return out;
  std::vector<fs::path> listed;
  for (const auto& name : find_folds(folder))
    for (const auto& shard : find_shards(folder, name)) listed.push_back(shard.lexically_normal());
  if (!fold.empty())  // one that config.json does not name has the shards that begin with its name
    for (const auto& shard : detail::shards_of(folder, fold)) listed.push_back(shard.lexically_normal());
  std::sort(listed.begin(), listed.end());
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (!detail::is_shard(name) || (!fold.empty() && detail::fold_of(name) != fold)) continue;
    if (!std::binary_search(listed.begin(), listed.end(), entry.path().lexically_normal())) out.push_back(entry.path());
  }
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
  if (!is_one_folder(dataset)) {
    std::string others;
    for (const auto& other : find_folds(dataset)) others += (others.empty() ? "; there are shards of " : ", ") + other;
    throw Error("data.path", "no shards of the fold " + std::string(fold) + " match " + dataset.string() + others);
  }
  throw Error(find_dataset(dataset).string(), "holds no fold " + std::string(fold) +
                                                  ": neither a config.json that names it nor files " +
                                                  std::string(fold) + "*.tar");
}

}  // namespace quix
