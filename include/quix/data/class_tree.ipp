#pragma once

#include <algorithm>
#include <cctype>
#include <set>
#include <system_error>
#include <utility>

#include <quix/cfg/terminal.hpp>
#include <quix/data/class_tree.hpp>
#include <quix/data/listing.hpp>

namespace quix {
namespace detail {

/// Whether there is an image in a directory or, with `deep`, below it; linked directories are not entered.
inline bool has_image(const std::filesystem::path& folder, bool deep) {
  std::vector<std::filesystem::path> below;
  bool found = false;
  each_entry(folder, [&](const auto& entry, const std::string& name) {
    std::error_code ignored;
    if (!is_folder(entry))
      found = is_image_name(name) && entry.is_regular_file(ignored);
    else if (deep && !entry.is_symlink(ignored))
      below.push_back(entry.path());
    return found;
  });
  return found || std::any_of(below.begin(), below.end(), [](const auto& path) { return has_image(path, true); });
}

/// Whether there is a link to a directory in a directory.
inline bool has_link(const std::filesystem::path& folder) {
  bool found = false;
  each_entry(folder, [&](const auto& entry, const std::string&) {
    std::error_code ignored;
    return found = entry.is_symlink(ignored) && is_folder(entry);
  });
  return found;
}

/// Words of a name in lower case: "trainImages-2017" is train, images, 2017.
inline std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> out;
  int last = 0;  // 1 lower, 2 upper, 3 digit
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    const int kind = std::islower(u) ? 1 : std::isupper(u) ? 2 : std::isdigit(u) ? 3 : 0;
    if (kind == 0) {
      last = 0;
      continue;
    }
    if (last == 0 || (kind == 2 && last == 1) || (kind == 3) != (last == 3)) out.emplace_back();
    out.back() += static_cast<char>(std::tolower(u));
    last = kind;
  }
  return out;
}

inline std::string_view split_of_word(std::string_view word) {
  if (is_one_of(word, {"train", "training", "trn"})) return "train";
  if (is_one_of(word, {"val", "valid", "validation", "validate", "dev", "eval", "evaluation"})) return "val";
  if (is_one_of(word, {"test", "testing", "tests", "tst"})) return "test";
  return {};
}

inline bool is_number(std::string_view word) { return word.find_first_not_of("0123456789") == word.npos; }

/// Words that do not identify a split.
inline bool is_plain_word(std::string_view word) {
  return is_number(word) ||
         is_one_of(word, {"set",     "sets",    "data",    "dataset", "split",  "images", "image",
                          "imgs",    "img",     "photos",  "files",   "folder", "dir",    "samples",
                          "cropped", "resized", "labeled", "jpg",     "jpeg",   "png",    "folders"});
}

QUIX_INLINE bool holds_images(std::string_view name) {
  const auto words = words_of(name);
  return !words.empty() && std::all_of(words.begin(), words.end(), [](const auto& word) {
    return is_plain_word(word) || is_one_of(word, {"jpegimages", "pictures", "pics", "rgb"});
  });
}
QUIX_INLINE bool holds_annotations(std::string_view name) {
  const auto words = words_of(name);
  return std::any_of(words.begin(), words.end(), [](const auto& word) {
    return is_one_of(word, {"annotations",
                            "annotation",
                            "annot",
                            "annots",
                            "labels",
                            "label",
                            "masks",
                            "mask",
                            "gt",
                            "truth",
                            "groundtruth",
                            "boxes",
                            "bboxes",
                            "bbox",
                            "segmentation",
                            "segmentations",
                            "segmentationclass",
                            "segmentationobject",
                            "trimaps",
                            "imagesets",
                            "attributes",
                            "parts",
                            "metadata",
                            "meta",
                            "lists",
                            "docs",
                            "json",
                            "xml",
                            "csv",
                            "devkit",
                            "segmentationmaps"});
  });
}

QUIX_INLINE std::vector<std::string> splits_of(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  std::map<std::string, std::set<std::string>> ends;  // the rest of a name → splits
  const auto end_of = [](const std::string& name) {
    auto words = words_of(name);
    std::pair<std::string, std::string> found;
    if (words.size() < 2) return found;
    found.second = split_of_word(words.back());
    words.pop_back();
    for (const auto& word : words) found.first += word + " ";
    return found;
  };
  for (const auto& name : names)
    if (const auto [rest, split] = end_of(name); !split.empty()) ends[rest].insert(split);
  for (const auto& name : names) {
    out.emplace_back(split_of_name(name));
    if (const auto [rest, split] = end_of(name); out.back().empty() && !split.empty() && ends[rest].size() > 1)
      out.back() = split;
  }
  return out;
}

QUIX_INLINE std::string some_names(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 6; ++i) out += (i ? ", " : "") + names[i];
  return out + (names.size() > 6 ? ", …" : "");
}

/// Examines directories until the role of each is known.
class TreeFinder {
 public:
  TreeFinder(std::filesystem::path root, const TreeOptions& options) : root_(std::move(root)), options_(options) {}

  ClassTree find() {
    if (std::any_of(options_.map.begin(), options_.map.end(), [](const auto& one) { return one.second == "."; })) {
      if (options_.map.size() > 1) throw Error("--map", "the root is one split, so it must be the only one");
      add_split(options_.map.begin()->first, root_, "");
      return done();
    }
    auto at = root_;
    auto names = unwrap(at, "");
    std::set<std::string> mapped;
    for (const auto& [split, name] : options_.map) {
      auto folder = root_ / name;
      if (!std::filesystem::is_directory(folder)) folder = at / name;
      if (!std::filesystem::is_directory(folder))
        throw Error("--map " + split + "=" + name, "directory not found in " + at.string() +
                                                       (names.empty() ? "" : "; it contains " + some_names(names)));
      add_split(split, folder, "");
      mapped.insert(relative(folder));
    }
    std::erase_if(names, [&](const auto& name) { return mapped.contains(relative(at / name)); });
    add_found(at, names);
    return done();
  }

 private:
  std::string relative(const std::filesystem::path& path) const {
    return path.lexically_normal().lexically_relative(root_.lexically_normal()).generic_string();
  }
  bool is_ignored(const std::filesystem::path& path) {
    for (const auto& name : options_.ignore)
      if (path.filename() == name || relative(path) == std::filesystem::path(name).lexically_normal())
        return used_.insert(name), true;
    return false;
  }
  void note(const std::filesystem::path& path, std::string role) {
    tree_.entries.push_back({relative(path) + "/", std::move(role)});
  }

  /// The directories in a directory that may be splits or classes.
  std::vector<std::string> list(const std::filesystem::path& at) {
    std::vector<std::string> names;
    std::vector<std::filesystem::path> junk;
    std::error_code code;
    std::filesystem::directory_iterator entries(at, code);
    for (; !code && entries != std::filesystem::directory_iterator(); entries.increment(code)) {
      if (!is_folder(*entries)) continue;
      if (is_junk(entries->path().filename().string()))
        junk.push_back(entries->path());
      else if (leads_up(*entries))
        note(entries->path(), "left out: links to a directory that contains it");
      else
        names.push_back(entries->path().filename().string());
    }
    if (code) throw Error(at.string(), "cannot be read: " + code.message());
    std::sort(names.begin(), names.end()), std::sort(junk.begin(), junk.end());
    for (const auto& path : junk) note(path, "not data");
    std::erase_if(names, [&](const auto& name) {
      const bool out = is_ignored(at / name);
      if (out) note(at / name, "ignored");
      return out;
    });
    return names;
  }

  /// Goes down from a directory to the one whose directories are splits or classes, and returns these. `split` is the
  /// split whose directory it is, or empty.
  std::vector<std::string> unwrap(std::filesystem::path& at, std::string_view split) {
    auto names = list(at);
    for (int depth = 0; depth < 8; ++depth) {
      const auto holder = std::find_if(names.begin(), names.end(), [](const auto& name) { return holds_images(name); });
      if (names.size() > 1 && holder != names.end() && std::all_of(names.begin(), names.end(), [&](const auto& name) {
            return name == *holder || holds_annotations(name);
          })) {
        for (const auto& name : names)
          if (name != *holder) note(at / name, "left out: next to " + *holder + "/");
        names = {*holder};
      }
      drop_empty(at, names);
      if (names.size() != 1 || has_image(at, false)) break;
      const auto inner = split_of_name(names[0]);
      const bool flat = has_image(at / names[0], false), number = is_number(names[0]) || is_class(names[0]);
      const bool wraps =
          split.empty() ? inner.empty() && ((holds_images(names[0]) && !number) || !flat)
                        : (holds_images(names[0]) && !(number && flat)) || inner == split || names[0] == at.filename();
      if (!wraps) break;
      at /= names[0];
      names = list(at);
    }
    return names;
  }

  /// Whether a split that came before has a class of this name.
  bool is_class(const std::string& name) const {
    return std::any_of(tree_.splits.begin(), tree_.splits.end(), [&](const auto& split) {
      return std::find(split.classes.begin(), split.classes.end(), name) != split.classes.end();
    });
  }

  void add_split(const std::string& name, std::filesystem::path folder, std::string_view role_end) {
    ClassTree::Split split{.name = name};
    const auto top = folder;
    split.classes = options_.map.contains(name) && folder == root_ ? with_images(folder) : unwrap(folder, name);
    split.folder = folder;
    split.flat = split.classes.empty() && has_image(folder, false);
    const bool unlabeled = split.flat && name != "train" && name != "val" && !options_.map.contains(name);
    if (top != root_)
      note(top, unlabeled ? "left out: images without class directories" : "split " + name + std::string(role_end));
    if (!unlabeled && (split.flat || !split.classes.empty())) tree_.splits.push_back(std::move(split));
  }

  std::vector<std::string> with_images(const std::filesystem::path& at) {
    auto names = list(at);
    drop_empty(at, names);
    return names;
  }

  /// Drops directories without images, and notes why.
  void drop_empty(const std::filesystem::path& at, std::vector<std::string>& names) {
    std::erase_if(names, [&](const auto& name) {
      const bool out = !has_image(at / name, true);
      if (out) note(at / name, has_link(at / name) ? "left out: only linked directories" : "left out: no images");
      return out;
    });
  }

  /// Finds splits by their names, next to mapped ones; or else the classes of training.
  void add_found(const std::filesystem::path& at, const std::vector<std::string>& names) {
    const auto splits = splits_of(names);
    std::vector<std::string> others;
    std::map<std::string, std::string> found;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (splits[i].empty()) {
        others.push_back(names[i]);
        continue;
      }
      if (options_.map.contains(splits[i])) {
        note(at / names[i], "left out: not the split " + splits[i]);
        continue;
      }
      const auto [other, added] = found.emplace(splits[i], names[i]);
      if (!added)
        throw Error(at.string(), other->second + "/ and " + names[i] + "/ could both be the split " + splits[i] +
                                     "; choose one with --map " + splits[i] + "=" + names[i] +
                                     ", or leave one out with --ignore " + other->second);
    }
    if (found.empty() && options_.map.empty()) {
      for (const auto& name : others) refuse_splits(at, name);
      if (!others.empty()) tree_.splits.push_back({.name = "train", .folder = at, .classes = others});
      return;
    }
    if (!others.empty() && options_.map.empty()) {
      require_used();
      std::vector<std::string> known;
      for (const auto& [split, name] : found) known.push_back(name + "/");
      throw Error(at.string(),
                  "contains the split" + std::string(known.size() == 1 ? " " : "s ") + some_names(known) +
                      " and other directories of images: " + some_names(others) + "; write --ignore " + others[0] +
                      " to leave one out, --map test=" + others[0] + " to make it a split, or --map train=" +
                      (at == root_ ? std::string(".") : relative(at)) + " when every directory is a class");
    }
    for (const auto& name : others) note(at / name, "left out: not mapped to a split");
    for (const auto& [split, name] : found) add_split(split, at / name, "");
  }

  /// Throws Error when the directory of a class holds directories of splits.
  void refuse_splits(const std::filesystem::path& at, const std::string& name) const {
    for (const auto& inner : folders_in(at / name)) {
      const auto split = split_of_name(inner);
      if (split.empty() || !has_image(at / name / inner, true)) continue;
      const auto place = relative(at / name / inner), top = relative(at);
      throw Error(at.string(), name + "/" + inner + "/ has the name of a split and is below " + name +
                                   "/, which is not a split; write --map train=" + top + " to make " + name +
                                   "/ a class with all that is below, " +
                                   (has_image(at / name / inner, false) ? std::string()
                                                                        : "--map " + std::string(split) + "=" + place +
                                                                              " to take that directory alone, ") +
                                   "or move it: " + inner + "/" + name + "/");
    }
  }

  void require_used() const {
    for (const auto& name : options_.ignore)
      if (!used_.contains(name)) throw Error("--ignore " + name, "directory not found in " + root_.string());
  }

  ClassTree done() {
    require_used();
    for (auto& split : tree_.splits) split.place = relative(split.folder);
    const auto rank = [](const auto& split) {
      return split.name == "train" ? 0 : split.name == "val" ? 1 : split.name == "test" ? 2 : 3;
    };
    std::stable_sort(tree_.splits.begin(), tree_.splits.end(),
                     [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return std::move(tree_);
  }

  std::filesystem::path root_;
  const TreeOptions& options_;
  ClassTree tree_;
  std::set<std::string> used_;  ///< of options_.ignore
};

}  // namespace detail

QUIX_INLINE std::string Omission::text() const {
  return printable(cause + ": " + grouped(count) + " (the first: " + first + ")");
}
QUIX_INLINE void count_omission(std::vector<Omission>& all, const std::string& cause,
                                const std::filesystem::path& path) {
  auto at = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.cause == cause; });
  if (at == all.end()) at = all.insert(at, {cause, 0, {}});
  if (at->count++ == 0 || path.native() < at->first) at->first = path.native();
}

QUIX_INLINE std::string_view split_of_name(std::string_view name) {
  auto words = detail::words_of(name);
  if (words.empty()) return {};
  auto split = detail::split_of_word(words[0]);
  if (split.empty())  // "trainset"
    for (const std::string_view start : {"training", "train", "validation", "valid", "val", "testing", "test"})
      if (words[0].starts_with(start) && detail::is_plain_word(std::string_view(words[0]).substr(start.size()))) {
        split = detail::split_of_word(start);
        break;
      }
  return std::all_of(words.begin() + 1, words.end(), detail::is_plain_word) ? split : std::string_view{};
}

QUIX_INLINE std::vector<std::string> folders_in(const std::filesystem::path& folder) {
  std::vector<std::string> out;
  detail::each_entry(folder, [&](const auto& entry, const std::string& name) {
    if (detail::is_folder(entry)) out.push_back(name);
  });
  std::sort(out.begin(), out.end());
  return out;
}

QUIX_INLINE std::filesystem::path wrapped_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> folders;
  bool files = false;
  detail::each_entry(folder, [&](const auto& entry, const std::string&) {
    if (detail::is_folder(entry))
      folders.push_back(entry.path());
    else
      files = true;
    return files || folders.size() > 1;
  });
  return !files && folders.size() == 1 ? folders[0] : std::filesystem::path();
}

QUIX_INLINE const ClassTree::Split* ClassTree::find(std::string_view name) const {
  for (const auto& split : splits)
    if (split.name == name) return &split;
  return name == "val" ? find("test") : nullptr;
}

QUIX_INLINE ClassTree find_class_tree(const std::filesystem::path& root, const TreeOptions& options) {
  return detail::TreeFinder(root, options).find();
}

}  // namespace quix
