#pragma once

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <quix/cfg/json.hpp>
#include <quix/data/dataset.hpp>
#include <quix/io/file.hpp>

namespace quix {

QUIX_INLINE std::vector<std::string> expand_braces(const std::string& pattern) {
  const auto open = pattern.rfind('{');
  const auto dots = open == std::string::npos ? open : pattern.find("..", open);
  const auto close = dots == std::string::npos ? dots : pattern.find('}', dots);
  if (close == std::string::npos) return {pattern};
  const auto first_text = pattern.substr(open + 1, dots - open - 1),
             last_text = pattern.substr(dots + 2, close - dots - 2);
  std::uint64_t first = 0, last = 0;
  const auto number = [](const std::string& text, std::uint64_t& value) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc{} && end == text.data() + text.size();
  };
  if (!number(first_text, first) || !number(last_text, last)) return {pattern};
  if (last >= first && last - first >= 10'000'000) throw Error(pattern, "names more than ten million shards");
  std::vector<std::string> out;
  for (auto i = first; i <= last; ++i) {
    auto digits = std::to_string(i);
    if (digits.size() < first_text.size()) digits.insert(0, first_text.size() - digits.size(), '0');
    out.push_back(pattern.substr(0, open) + digits + pattern.substr(close + 1));
  }
  return out;
}

QUIX_INLINE std::filesystem::path find_dataset(const std::filesystem::path& dataset) {
  namespace fs = std::filesystem;
  if (dataset.empty())
    throw Error("data.path", "names no dataset; set it to a folder of tar shards, like  --data.path fashion-mnist");
  std::vector<fs::path> places{dataset};
  if (dataset.is_relative()) {
    places.push_back("data" / dataset);
    const char* variable = std::getenv("QUIX_DATA");
    std::string_view rest = variable ? variable : "";
    while (!rest.empty()) {
      const auto end = std::min(rest.find(':'), rest.size());
      if (end) places.push_back(fs::path(rest.substr(0, end)) / dataset);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  std::string looked;
  for (const auto& place : places) {
    std::error_code ignored;
    if (fs::is_directory(place, ignored)) return place;
    looked += (looked.empty() ? "" : ", ") + place.string();
  }
  throw Error("data.path", "no dataset " + dataset.string() + "; looked for the folders " + looked +
                               ". Name another with --data.path, or set QUIX_DATA to where datasets lie");
}

namespace detail {

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
    // Compressed ones too: opening them says what to do.
    const bool tar = name.ends_with(".tar") || (name.find(".tar.") != std::string::npos && !name.ends_with(".part")) ||
                     name.ends_with(".tgz");
    if (name.starts_with(fold) && tar) shards.push_back(entry.path());
  }
  std::sort(shards.begin(), shards.end());
  return shards;
}

}  // namespace detail

QUIX_INLINE bool has_fold(const std::filesystem::path& dataset, std::string_view fold) {
  return !detail::shards_of(find_dataset(dataset), fold).empty();
}

QUIX_INLINE std::vector<std::filesystem::path> find_shards(const std::filesystem::path& dataset,
                                                           std::string_view fold) {
  const auto folder = find_dataset(dataset);
  auto shards = detail::shards_of(folder, fold);
  if (shards.empty())
    throw Error(folder.string(), "holds no fold " + std::string(fold) +
                                     ": neither a config.json that names it nor files " + std::string(fold) + "*.tar");
  return shards;
}

}  // namespace quix
