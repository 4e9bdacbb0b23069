#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include <quix/cfg/error.hpp>
#include <quix/cfg/suggest.hpp>

// Directories of other programs, except entries that are not data.

namespace quix {
namespace detail {

inline std::string lower_case(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = lower(c);
  return out;
}

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Whether quix reads images of that name.
inline bool is_image_name(std::string_view name) {
  const auto dot = name.rfind('.');
  return dot != name.npos && is_one_of(lower_case(name.substr(dot + 1)), {"jpg", "jpeg", "png", "webp"});
}

}  // namespace detail

/// Whether a file or directory of that name is not data: hidden ones, `__MACOSX`, `lost+found`, `Thumbs.db` and similar
/// files.
inline bool is_junk(std::string_view name) {
  const auto low = detail::lower_case(name);
  return name.starts_with('.') || name.ends_with('~') ||
         detail::is_one_of(low, {"__macosx", "lost+found", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir",
                                 "$recycle.bin", "system volume information", "__pycache__", "icon\r"});
}

namespace detail {

/// Calls f(entry, name) for the entries of a directory that may be data; an f that returns bool stops at true. Throws
/// Error when the directory cannot be read.
template <class F>
void each_entry(const std::filesystem::path& folder, F&& f, std::uint64_t* junk = nullptr) {
  std::error_code code;
  std::filesystem::directory_iterator at(folder, code);
  for (; !code && at != std::filesystem::directory_iterator(); at.increment(code)) {
    const auto name = at->path().filename().string();
    if (is_junk(name)) {
      if (junk) ++*junk;
    } else if constexpr (std::is_same_v<decltype(f(*at, name)), bool>) {
      if (f(*at, name)) return;
    } else {
      f(*at, name);
    }
  }
  if (code) throw Error(folder.string(), "cannot be read: " + code.message());
}

/// Whether an entry is a link to a directory that contains it, an endless loop.
inline bool leads_up(const std::filesystem::directory_entry& entry) {
  std::error_code code;
  if (!entry.is_symlink(code)) return false;
  const auto target = std::filesystem::canonical(entry.path(), code);
  if (code) return false;
  const auto from = std::filesystem::canonical(entry.path().parent_path(), code);
  return !code && std::mismatch(target.begin(), target.end(), from.begin(), from.end()).first == target.end();
}

inline bool is_folder(const std::filesystem::directory_entry& entry) {
  std::error_code ignored;
  return entry.is_directory(ignored);
}

}  // namespace detail
}  // namespace quix
