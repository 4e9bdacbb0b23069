#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <quix/cfg/terminal.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"
#include "output.hpp"
#include "resize_sample.hpp"

// convert and split: datasets from other datasets.

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

/// What becomes of an image's EXIF orientation.
enum class KeepOrientation { keep, apply };

struct ConvertOptions {
  fs::path dataset{};
  fs::path new_dataset{};
  int short_side = 0;
  int quality = 90;
  KeepOrientation orientation = KeepOrientation::keep;
  std::vector<std::string> masks{}, images{}, boxes{}, copy{};
  std::vector<std::string> drop{};
  std::map<std::string, std::string> rename{};
  WriteOptions write{};
  static constexpr std::array notes = {
      quix::note<&ConvertOptions::dataset>("name, directory, archive or pattern",
                                           {.required = true, .positional = true}),
      quix::note<&ConvertOptions::new_dataset>("directory of the new dataset", {.required = true, .positional = true}),
      quix::note<&ConvertOptions::short_side>(
          "shrink images to this shorter side, and masks and boxes with them; 0 disables", {.min = 0, .unit = "px"}),
      quix::note<&ConvertOptions::quality>("JPEG quality of changed images", {.min = 1, .max = 100}),
      quix::note<&ConvertOptions::orientation>(
          "EXIF orientation: keep it, or apply it; masks and boxes then belong to the upright image"),
      quix::note<&ConvertOptions::masks>("suffixes of images that are masks: nearest pixel, PNG"),
      quix::note<&ConvertOptions::images>("suffixes of images that are not masks"),
      quix::note<&ConvertOptions::boxes>("suffixes of NPY arrays [N, 4] that are boxes in pixels"),
      quix::note<&ConvertOptions::copy>("suffixes to copy unchanged"),
      quix::note<&ConvertOptions::drop>("suffixes to leave out"),
      quix::note<&ConvertOptions::rename>("suffixes to rename: jpeg=jpg,txt=cls"),
  };
};

struct SplitOptions {
  fs::path dataset{};
  fs::path new_dataset{};
  std::vector<double> fractions{0.9, 0.1};
  std::vector<std::string> splits{"train", "val"};
  std::string from = "train";
  std::string by = "cls";
  std::uint64_t seed = 0;
  WriteOptions write{};
  static constexpr std::array notes = {
      quix::note<&SplitOptions::dataset>("name, directory, archive or pattern", {.required = true, .positional = true}),
      quix::note<&SplitOptions::new_dataset>("directory of the new dataset", {.required = true, .positional = true}),
      quix::note<&SplitOptions::fractions>("fraction of samples per split; must sum to 1",
                                           {.min = 0, .max = 1, .was = "shares"}),
      quix::note<&SplitOptions::splits>("names of the new splits, one per fraction", {.was = "folds"}),
      quix::note<&SplitOptions::from>("split to divide"),
      quix::note<&SplitOptions::by>("suffix of the class to stratify by; empty: none"),
      quix::note<&SplitOptions::seed>("random seed"),
  };
  std::optional<Conflict> check() const {
    if (fractions.size() != splits.size())
      return conflict<&SplitOptions::fractions, &SplitOptions::splits>("must have the same length");
    return {};
  }
};

/// What the config.json of the source says next to splits and suffixes, for the new one: class names, columns, and
/// custom facts. Of several datasets what they agree in. Throws Error when a dataset that is continued has other
/// classes or columns.
std::vector<Node::Member> facts_for(const fs::path& to, const Dataset& dataset, const WriteOptions& options) {
  const auto read = [](const fs::path& folder) {
    const auto path = folder / "config.json";
    std::error_code ignored;
    return fs::exists(path, ignored) ? detail::facts_of(json::parse(io::read_text(path), path.string()))
                                     : std::vector<Node::Member>{};
  };
  const auto named = [](std::vector<Node::Member>& facts, const std::string& name) {
    return std::find_if(facts.begin(), facts.end(), [&](const auto& fact) { return fact.key == name; });
  };
  std::vector<Node::Member> out;
  std::set<std::string> differ;
  for (const auto& source : dataset.sources())
    for (auto& fact : read(source)) {
      const auto at = named(out, fact.key);
      if (at == out.end())
        out.push_back(std::move(fact));
      else if (json::write(at->value) != json::write(fact.value))
        differ.insert(fact.key);
    }
  for (const auto& name : differ) {
    out.erase(named(out, name));
    std::fprintf(stderr, "quix: left out: %s of config.json, in which the datasets differ\n", name.c_str());
  }
  auto known = options.append ? read(to) : std::vector<Node::Member>{};
  std::erase_if(out, [&](const Node::Member& fact) {
    const auto at = named(known, fact.key);
    if (at == known.end()) return false;
    if ((fact.key == "classes" || fact.key == "num_classes" || fact.key == "columns") &&
        json::write(at->value) != json::write(fact.value))
      throw Error("--append", "the " + fact.key + " differ: " + (to / "config.json").string() + " has " +
                                  json::write(at->value, 0) + "; the source has " + json::write(fact.value, 0) +
                                  "; write a new dataset instead");
    return true;
  });
  return out;
}

/// Throws Error for an option that names a suffix which no sample has.
void require_suffixes(const ConvertOptions& options, const std::set<std::string>& suffixes) {
  std::string known;
  for (const auto& suffix : suffixes) known += (known.empty() ? "" : ", ") + suffix;
  const auto check = [&](const std::string& option, const std::string& suffix) {
    if (!suffixes.contains(suffix))
      throw Error(option, "no member has the suffix " + suffix + "; the suffixes are " + known);
  };
  for (const auto& suffix : options.images) check("--images", suffix);
  for (const auto& suffix : options.masks) check("--masks", suffix);
  for (const auto& suffix : options.boxes) check("--boxes", suffix);
  for (const auto& suffix : options.copy) check("--copy", suffix);
  for (const auto& suffix : options.drop) check("--drop", suffix);
  for (const auto& [suffix, name] : options.rename) check("--rename", suffix);
}

/// Throws Error when two members would have the same name.
void rename_members(Members& members, const std::map<std::string, std::string>& names, const fs::path& shard,
                    const std::string& key) {
  std::map<std::string, std::string> before;
  for (auto& [suffix, bytes] : members) {
    const auto at = names.find(suffix);
    const auto name = at == names.end() ? suffix : at->second;
    const auto [other, is_new] = before.emplace(name, suffix);
    if (!is_new && other->second == suffix)
      throw Error(shard.string() + ", member " + key + "." + suffix, "duplicate member in one sample");
    if (!is_new)
      throw Error("--rename " + (at == names.end() ? other->second : suffix) + "=" + name,
                  "the sample " + key + " of " + shard.string() + " has " + other->second + " and " + suffix +
                      ", which would both be " + name + "; choose another name, or leave one out with --drop");
    suffix = name;
  }
}

}  // namespace

int data_convert(std::span<const char* const> args) {
  ConvertOptions options;
  constexpr std::string_view about =
      "Rewrites a dataset: plain tar from "
      "compressed shards (.tar.gz, .tar.xz, .tar.zst), other shard sizes,\nsmaller "
      "images, fewer or renamed members. Samples keep their order and keys.\n\n"
      "With --short_side, images become JPEG (PNG where they have transparency). Masks, "
      "depth maps and arrays of the\nimage's size take the nearest pixel and keep their "
      "format; boxes (NPY [N, 4]) are scaled. A mask is detected from its\nsuffix (seg*, mask, "
      "label, depth), or next to another image by its format (PNG with a palette, of 16 bits, or "
      "gray).\nOther coordinates (JSON, XML, keypoints) are refused unless "
      "--copy or --drop names them.\n";
  if (!read_command(args, options, "convert", about)) return 0;
  const Dataset dataset(options.dataset);
  require_apart(options.new_dataset, dataset.sources());
  const auto facts = facts_for(options.new_dataset, dataset, options.write);
  Output output(options.new_dataset, options.write);
  for (const auto& fact : facts) output->describe(fact.key, fact.value);
  std::set<std::string> suffixes;
  SampleResizer resizer({.short_side = options.short_side,
                         .quality = options.quality,
                         .upright = options.orientation == KeepOrientation::apply,
                         .images = options.images,
                         .masks = options.masks,
                         .boxes = options.boxes,
                         .copy = options.copy});
  for (const auto& split : dataset.splits) {
    const auto shards = find_shards(dataset.path, split);
    ProgressBar bar(options.write.progress);
    bar.start("convert " + split, shards.size());
    for (std::size_t i = 0; i < shards.size(); ++i) {
      each_sample(shards[i], [&](const std::string& key, Members& members) {
        for (const auto& member : members) suffixes.insert(member.first);
        std::erase_if(members, [&](const auto& m) {
          return std::find(options.drop.begin(), options.drop.end(), m.first) != options.drop.end();
        });
        try {
          resizer(members);
        } catch (const Error& error) {
          const auto& problem = error.problems().front();
          throw Error(shards[i].string() + ", member " + key + "." + problem.where, problem.what);
        }
        rename_members(members, options.rename, shards[i], key);
        if (!members.empty()) output.write(split, shards[i], key, views_of(members));
      });
      bar.update(i + 1, std::string_view{});
    }
    bar.clear();
  }
  require_suffixes(options, suffixes);
  output.finish();
  for (const auto& line : resizer.report()) std::printf("  %s\n", printable(line).c_str());
  return print_dataset(options.new_dataset);
}

int data_split(std::span<const char* const> args) {
  SplitOptions options;
  constexpr std::string_view about =
      "Splits a split into several, with the same "
      "share of each class in all of them.\n";
  if (!read_command(args, options, "split", about)) return 0;
  const Dataset dataset(options.dataset);
  require_apart(options.new_dataset, dataset.sources());
  for (std::size_t i = 0; i < options.splits.size(); ++i) {
    require_split_name("--splits", options.splits[i]);
    if (std::find(options.splits.begin(), options.splits.begin() + static_cast<std::ptrdiff_t>(i), options.splits[i]) !=
        options.splits.begin() + static_cast<std::ptrdiff_t>(i))
      throw Error("--splits", "names " + options.splits[i] + " twice");
  }
  const auto shards = find_shards(dataset.path, options.from);
  std::vector<TarIndex::Column> columns;
  if (!options.by.empty()) columns.push_back({options.by, true, false});
  const TarIndex index(shards, columns);
  if (!columns.empty() && index.left_out() > 0) {
    std::string why;
    for (const auto& cause : index.left_out_by_cause()) why += cause.are_samples ? cause.text() + "; " : "";
    throw Error(dataset.path.string(), why + "--by '' splits without " + options.by);
  }
  std::vector<std::int64_t> classes(index.size());
  for (std::size_t i = 0; !columns.empty() && i < index.size(); ++i) classes[i] = index.class_of(i, 0);
  const auto parts = stratified_split(classes, options.fractions, options.seed);
  std::vector<std::size_t> part_of(index.size());
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (const auto i : parts[p]) part_of[i] = p;
  const auto facts = facts_for(options.new_dataset, dataset, options.write);
  Output output(options.new_dataset, options.write);
  for (const auto& fact : facts) output->describe(fact.key, fact.value);
  ProgressBar bar(options.write.progress);
  bar.start("split " + options.from, index.size());
  std::size_t i = 0;
  for (const auto& shard : shards)
    each_sample(shard, [&](const std::string& key, Members& members) {
      if (i < part_of.size()) output.write(options.splits[part_of[i]], shard, key, views_of(members));
      bar.update(++i, std::string_view{});
    });
  bar.clear();
  output.finish();
  return print_dataset(options.new_dataset);
}

}  // namespace quix::tool
