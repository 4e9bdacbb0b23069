#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <quix/cfg/terminal.hpp>
#include <quix/data/listing.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"
#include "output.hpp"
#include "report.hpp"

// pack: a dataset from loose files.

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

enum class KeyEnd { first_dot, last_dot };

struct PackOptions {
  fs::path folder{};
  fs::path dataset{};
  std::string split{};
  std::map<std::string, std::string> map{};
  std::vector<std::string> ignore{};
  std::optional<bool> join{};
  std::optional<KeyEnd> key_end{};
  bool dry_run = false;
  WriteOptions write{};
  static constexpr std::array notes = {
      quix::note<&PackOptions::folder>("directory of files", {.required = true, .positional = true}),
      quix::note<&PackOptions::dataset>("directory of the dataset that is written",
                                        {.required = true, .positional = true}),
      quix::note<&PackOptions::split>("split of all samples; empty: directories named train, val or test are splits",
                                      {.was = "fold"}),
      quix::note<&PackOptions::map>("directories of splits, where their names do not show them: train=Training"),
      quix::note<&PackOptions::ignore>("directories to leave out"),
      quix::note<&PackOptions::join>("make images/7.jpg and annotations/7.xml members of the sample 7"),
      quix::note<&PackOptions::key_end>(
          "where the key of a file with several dots ends; last_dot writes the key's own dots as _"),
      quix::note<&PackOptions::dry_run>("show what would become what, and write nothing"),
  };
};

/// A file to be packed: the parts of its name below the directory that is packed.
struct Loose {
  std::vector<std::string> parts;
  fs::path path;
  std::string split{};
  std::string suffix_start{};  ///< of joined files whose suffix another directory has too: "masks."
};

struct Listing {
  std::vector<Loose> files;
  std::vector<Omission> left_out;
  std::uint64_t junk = 0;
};

void list(const fs::path& folder, const std::vector<std::string>& above, const PackOptions& options, Listing& out,
          std::set<std::string>& ignored_names) {
  detail::each_entry(
      folder,
      [&](const auto& entry, const std::string& name) {
        std::error_code ignored;
        auto parts = above;
        parts.push_back(name);
        std::string relative;
        for (const auto& part : parts) relative += (relative.empty() ? "" : "/") + part;
        if (detail::is_folder(entry)) {
          const auto found = std::find_if(options.ignore.begin(), options.ignore.end(), [&](const std::string& one) {
            return one == name || fs::path(one + "/").lexically_normal() == fs::path(relative + "/");
          });
          if (found != options.ignore.end())
            ignored_names.insert(*found), count_omission(out.left_out, "ignored directories", entry.path());
          else if (detail::leads_up(entry))
            count_omission(out.left_out, "links to a directory that contains them", entry.path());
          else if (entry.is_symlink(ignored) && !above.empty())
            count_omission(out.left_out, "linked directories", entry.path());
          else
            list(entry.path(), parts, options, out, ignored_names);
          return;
        }
        std::string_view key, suffix;
        if (!entry.is_regular_file(ignored))
          count_omission(out.left_out, entry.is_symlink(ignored) ? "links to nothing" : "special files", entry.path());
        else if (!detail::split_member(name, key, suffix))
          count_omission(out.left_out, "files without a suffix", entry.path());
        else
          out.files.push_back({std::move(parts), entry.path()});
      },
      &out.junk);
}

/// The directories that begin the names of some files, below `depth` others.
std::vector<std::string> tops(const std::vector<Loose>& files, std::size_t depth, const std::string& split) {
  std::set<std::string> out;
  for (const auto& file : files)
    if (file.split == split && file.parts.size() > depth + 1) out.insert(file.parts[depth]);
  return {out.begin(), out.end()};
}

std::string list_text(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + name + "/";
  return out;
}

/// Leaves out the files of a split at a depth of `depth` directories.
void drop_shallow(Listing& listing, std::size_t depth, const std::string& split, const std::string& cause) {
  std::erase_if(listing.files, [&](const Loose& file) {
    const bool out = file.split == split && file.parts.size() <= depth + 1;
    if (out) count_omission(listing.left_out, cause, file.path);
    return out;
  });
}

/// images/7.jpg and annotations/7.xml: one sample, where options say so.
bool join(Listing& listing, std::size_t depth, const std::string& split, const PackOptions& options,
          const fs::path& root) {
  const auto names = tops(listing.files, depth, split);
  const auto images = std::count_if(names.begin(), names.end(), detail::holds_images);
  const bool fits = names.size() > 1 && images == 1 && std::all_of(names.begin(), names.end(), [](const auto& name) {
                      return detail::holds_images(name) || detail::holds_annotations(name);
                    });
  if (!fits || (options.join && !*options.join)) return false;
  if (!options.join)
    throw Error(root.string(), "contains " + list_text(names) +
                                   " next to each other, whose files may belong together; write --join "
                                   "true for one sample of the files that share their name below "
                                   "these directories, --join false for separate samples, or "
                                   "--ignore " +
                                   *std::find_if(names.begin(), names.end(), detail::holds_annotations));
  drop_shallow(listing, depth, split, "files next to the directories that are joined");
  std::map<std::string, std::set<std::string>> users;  // suffix → directories
  const auto suffix_of = [](const Loose& file) {
    std::string_view key, suffix;
    detail::split_member(file.parts.back(), key, suffix);
    return detail::lower_case(suffix);
  };
  for (const auto& file : listing.files)
    if (file.split == split) users[suffix_of(file)].insert(file.parts[depth]);
  for (auto& file : listing.files) {
    if (file.split != split) continue;
    const auto top = file.parts[depth];
    if (!detail::holds_images(top) && users[suffix_of(file)].size() > 1)
      file.suffix_start = detail::lower_case(top) + ".";
    file.parts.erase(file.parts.begin() + static_cast<std::ptrdiff_t>(depth));
  }
  return true;
}

/// Gives each file its split, and its name within that.
void split_directories(Listing& listing, const PackOptions& options, const fs::path& root) {
  auto& files = listing.files;
  if (!options.split.empty()) {
    join(listing, 0, "", options, root);
    for (auto& file : files) file.split = options.split;
    return;
  }
  // Below directories that wrap all files; these stay part of the keys where there are no splits.
  std::size_t depth = 0;
  auto names = tops(files, 0, "");
  const auto all_below = [&](std::size_t d) {
    return std::all_of(files.begin(), files.end(), [&](const auto& file) { return file.parts.size() > d + 1; });
  };
  const auto has_splits = [&] {
    const auto splits = detail::splits_of(names);
    return !options.map.empty() || std::any_of(splits.begin(), splits.end(), [](const auto& s) { return !s.empty(); });
  };
  bool joined = join(listing, 0, "", options, root);
  if (joined) names = tops(files, 0, "");
  while (!has_splits() && names.size() == 1 && all_below(depth)) {
    joined |= join(listing, ++depth, "", options, root);
    names = tops(files, depth, "");
  }
  if (!has_splits()) {
    for (const auto& file : files)
      for (std::size_t d = depth; d + 1 < file.parts.size(); ++d)
        if (!split_of_name(file.parts[d]).empty()) {
          std::string place;
          for (std::size_t part = 0; part <= d; ++part) place += file.parts[part] + "/";
          throw Error(root.string(), place +
                                         " has the name of a split and lies below a directory that is none; write "
                                         "--split train to make all of it one split, with " +
                                         place + " in the keys, or put the directories of splits above the others");
        }
    for (auto& file : files) file.split = "train";
    return;
  }
  const auto splits = detail::splits_of(names);
  std::map<std::string, std::string> of;  // directory → split
  std::vector<std::string> others;
  for (const auto& [split, name] : options.map) {
    const auto known = std::find(names.begin(), names.end(), fs::path(name).filename().string());
    if (known == names.end())
      throw Error("--map " + split + "=" + name, "directory not found; there are " + list_text(names));
    of[*known] = split;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (of.contains(names[i])) continue;
    if (splits[i].empty() || options.map.contains(splits[i])) {
      others.push_back(names[i]);
      continue;
    }
    for (const auto& [name, split] : of)
      if (split == splits[i])
        throw Error(root.string(), name + "/ and " + names[i] + "/ could both be the split " + split +
                                       "; choose one with --map " + split + "=" + names[i] + ", or --ignore " + name);
    of[names[i]] = splits[i];
  }
  if (!others.empty() && options.map.empty()) {
    std::vector<std::string> known;
    for (const auto& [name, split] : of) known.push_back(name);
    throw Error(root.string(), "contains " + list_text(known) + " of splits and also " + list_text(others) +
                                   "; write --ignore " + others[0] + ", --map test=" + others[0] +
                                   ", or --split train to make all of it one split");
  }
  drop_shallow(listing, depth, "", "files outside of the directories of splits");
  std::erase_if(files, [&](Loose& file) {
    const auto at = of.find(file.parts[depth]);
    if (at == of.end()) {
      count_omission(listing.left_out, "files of directories that are not mapped to a split", file.path);
      return true;
    }
    file.split = at->second;
    file.parts.erase(file.parts.begin(), file.parts.begin() + static_cast<std::ptrdiff_t>(depth) + 1);
    return false;
  });
  if (joined) return;
  std::set<std::string> found;
  for (const auto& [name, split] : of) found.insert(split);
  for (const auto& split : found) join(listing, 0, split, options, root);
}

/// Whether a suffix reads as one: words joined by dots, not the "0.png" of photo_1.0.png.
bool is_plain_suffix(std::string_view suffix) {
  for (std::size_t at = 0; at < suffix.size();) {
    const auto end = std::min(suffix.find('.', at), suffix.size());
    const auto word = suffix.substr(at, end - at);
    const bool last = end == suffix.size();
    if (!last && (word.empty() || std::isdigit(static_cast<unsigned char>(word[0])))) return false;
    if (word.find_first_of(" ()") != word.npos) return false;
    at = end + 1;
  }
  return true;
}

struct Name {
  std::string key, suffix;
};

Name name_of(const Loose& file, std::optional<KeyEnd> end) {
  auto base = file.parts.back();
  if (end == KeyEnd::last_dot)
    for (auto at = base.find('.'); at != base.rfind('.'); at = base.find('.')) base[at] = '_';
  std::string_view key, suffix;
  detail::split_member(base, key, suffix);
  Name out;
  for (std::size_t i = 0; i + 1 < file.parts.size(); ++i) out.key += file.parts[i] + "/";
  out.key += key;
  out.suffix = file.suffix_start + detail::lower_case(suffix);
  return out;
}

/// Keys with dots: reported, and an error where files of several names become one sample by it.
void report_dots(const Listing& listing, const PackOptions& options) {
  if (options.key_end) return;
  std::map<std::string, std::pair<std::string, std::string>> first;  // key and last suffix → name and file
  std::uint64_t count = 0;
  std::string example;
  for (const auto& file : listing.files) {
    const auto name = name_of(file, {});
    if (is_plain_suffix(name.suffix)) continue;
    if (count++ == 0)
      example = file.path.string() + " becomes the member " + name.suffix + " of the sample " + name.key;
    const auto last = name.suffix.substr(name.suffix.rfind('.') + 1);
    const auto [at, added] =
        first.emplace(file.split + ":" + name.key + ":" + last, std::pair(name.suffix, file.path.string()));
    if (!added && at->second.first != name.suffix)
      throw Error(file.path.string(), "would become a member of the same sample as " + at->second.second +
                                          ", as a key ends at its first dot; write --key_end last_dot for "
                                          "separate samples, or --key_end first_dot for one");
  }
  if (count > 0)
    std::printf("dots in names: %s; %s. --key_end last_dot ends keys at the last dot\n", grouped(count).c_str(),
                printable(example).c_str());
}

}  // namespace

int data_pack(std::span<const char* const> args) {
  PackOptions options;
  constexpr std::string_view about =
      "Files that share their name up to the first dot are a sample: 7.png and "
      "7.cls become the members of\nsample 7. Directories named train, val or test, in any of their usual spellings, "
      "are splits; others are\npart of the key. First prints what becomes what; --dry-run stops there. Hidden names, "
      "__MACOSX and others\nthat programs leave are not data.\n";
  if (!read_command(args, options, "pack", about)) return 0;
  const auto& folder = options.folder;
  if (!fs::is_directory(folder)) throw Error(folder.string(), "is no folder");
  require_apart(options.dataset, {folder});
  if (!options.split.empty()) require_split_name("--split", options.split);
  for (const auto& [split, directory] : options.map) require_split_name("--map", split);
  Listing listing;
  std::set<std::string> ignored;
  list(folder, {}, options, listing, ignored);
  for (const auto& name : options.ignore)
    if (!ignored.contains(name)) throw Error("--ignore " + name, "directory not found in " + folder.string());
  std::sort(listing.files.begin(), listing.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  if (listing.files.empty()) throw Error(folder.string(), "holds no files with a name like KEY.SUFFIX");
  split_directories(listing, options, folder);
  report_dots(listing, options);

  std::map<std::string, std::map<std::string, std::map<std::string, fs::path>>> splits;  // split, key, suffix
  for (const auto& file : listing.files) {
    const auto name = name_of(file, options.key_end);
    const auto [at, added] = splits[file.split][name.key].emplace(name.suffix, file.path);
    if (!added)
      throw Error(file.path.string(), "would be the same member as " + at->second.string() + ": " + name.suffix +
                                          " of the sample " + name.key + "; rename one");
  }
  std::map<std::string, std::uint64_t> suffixes;
  std::uint64_t samples = 0;
  std::vector<std::vector<std::string>> rows{{"split", "files", "samples"}};
  for (const auto& [split, keys] : splits) {
    std::uint64_t files = 0;
    for (const auto& [key, members] : keys)
      for (const auto& [suffix, path] : members) ++suffixes[suffix], ++files;
    samples += keys.size();
    rows.push_back({split, grouped(files), grouped(keys.size())});
  }
  print_table(rows);
  std::printf("\n");
  rows = {{"member", "samples"}};
  std::vector<SampleField> fields;
  for (const auto& [suffix, count] : suffixes) {
    const bool some = count < samples;
    rows.push_back({suffix, grouped(count) + (some ? ": a struct with it leaves out the others" : "")});
    fields.push_back(field_of(suffix));
    const auto same = std::count_if(fields.begin(), fields.end(),
                                    [&](const auto& field) { return field.name == fields.back().name; });
    if (same > 1) fields.back().name += std::to_string(same);
    if (some) fields.back().remark = "in " + grouped(count) + " of " + grouped(samples) + " samples";
  }
  std::stable_partition(fields.begin(), fields.end(),
                        [](const auto& field) { return field.type.starts_with("quix::Image"); });
  print_table(rows);
  std::printf("\n");
  print_left_out(listing.left_out, "", listing.junk);
  std::fflush(stdout);
  if (options.dry_run) return 0;

  Output output(options.dataset, options.write);
  for (const auto& [split, keys] : splits) {
    ProgressBar bar(options.write.progress);
    bar.start("pack " + split, keys.size());
    std::uint64_t done = 0;
    for (const auto& [key, files] : keys) {
      std::vector<std::string> texts;
      for (const auto& file : files) texts.push_back(io::read_text(file.second));
      std::vector<Writer::Member> members;
      for (auto text = texts.begin(); const auto& file : files)
        members.emplace_back(file.first, std::as_bytes(std::span(*text++)));
      output.write(split, folder, key, members);
      bar.update(++done, std::string_view{});
    }
    bar.clear();
  }
  output.finish();
  const auto code = print_dataset(options.dataset);
  print_sample(fields);
  return code;
}

}  // namespace quix::tool
