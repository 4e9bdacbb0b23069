#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <map>
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
  int short_side = 0;
  int quality = 90;
  KeepOrientation orientation = KeepOrientation::keep;
  std::vector<std::string> masks{}, images{}, boxes{}, copy{};
  std::vector<std::string> drop{};
  std::map<std::string, std::string> rename{};
  WriteOptions write{};
  static constexpr std::array notes = {
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
  std::vector<double> shares{0.9, 0.1};
  std::vector<std::string> folds{"train", "val"};
  std::string from = "train";
  std::string by = "cls";
  std::uint64_t seed = 0;
  WriteOptions write{};
  static constexpr std::array notes = {
      quix::note<&SplitOptions::shares>("of the samples, which sum to 1", {.min = 0, .max = 1}),
      quix::note<&SplitOptions::folds>("names of the new folds, as many as shares"),
      quix::note<&SplitOptions::from>("fold that is split"),
      quix::note<&SplitOptions::by>("class numbers whose balance each part keeps; empty: any"),
      quix::note<&SplitOptions::seed>("which samples go where"),
  };
  std::optional<Conflict> check() const {
    if (shares.size() != folds.size()) return conflict<&SplitOptions::shares, &SplitOptions::folds>("differ in number");
    return {};
  }
};

}  // namespace

int data_convert(std::span<const char* const> args) {
  ConvertOptions options;
  const auto places = read_places(args, options,
                                  "usage: quix data convert DATASET NEW\n\nRewrites a dataset: plain tar from "
                                  "compressed shards (.tar.gz, .tar.xz, .tar.zst), other shard sizes,\nsmaller "
                                  "images, fewer or renamed members. Samples keep their order and keys.\n\n"
                                  "With --short_side, images become JPEG (PNG where they have transparency). Masks, "
                                  "depth maps and arrays of the\nimage's size take the nearest pixel and keep their "
                                  "format; boxes (NPY [N, 4]) are scaled. A mask is told by its\nsuffix (seg*, mask, "
                                  "label, depth), by its format (PNG with a palette or 16 bits), or as a gray PNG "
                                  "beside another\nimage. Other coordinates (JSON, XML, keypoints) are refused unless "
                                  "--copy or --drop names them.\n",
                                  2);
  if (places.empty()) return 0;
  const Dataset dataset(places[0]);
  require_apart(places[1], dataset.sources());
  Output output(places[1], options.write);
  SampleResizer resizer({.short_side = options.short_side,
                         .quality = options.quality,
                         .upright = options.orientation == KeepOrientation::apply,
                         .images = options.images,
                         .masks = options.masks,
                         .boxes = options.boxes,
                         .copy = options.copy});
  for (const auto& fold : dataset.folds) {
    const auto shards = find_shards(dataset.path, fold);
    ProgressBar bar(options.write.progress);
    bar.start("convert " + fold, shards.size());
    for (std::size_t i = 0; i < shards.size(); ++i) {
      each_sample(shards[i], [&](const std::string& key, Members& members) {
        std::erase_if(members, [&](const auto& m) {
          return std::find(options.drop.begin(), options.drop.end(), m.first) != options.drop.end();
        });
        try {
          resizer(members);
        } catch (const Error& error) {
          const auto& problem = error.problems().front();
          throw Error(shards[i].string() + ", member " + key + "." + problem.where, problem.what);
        }
        for (auto& [suffix, bytes] : members)
          if (const auto name = options.rename.find(suffix); name != options.rename.end()) suffix = name->second;
        if (!members.empty()) output->write(fold, key, views_of(members));
      });
      bar.update(i + 1, std::string_view{});
    }
    bar.clear();
  }
  resizer.require_suffixes();
  output.finish();
  for (const auto& line : resizer.report()) std::printf("  %s\n", line.c_str());
  return print_dataset(places[1]);
}

int data_split(std::span<const char* const> args) {
  SplitOptions options;
  const auto places = read_places(args, options,
                                  "usage: quix data split DATASET NEW\n\nSplits a fold into several, with the same "
                                  "share of each class in all of them.\n",
                                  2);
  if (places.empty()) return 0;
  const Dataset dataset(places[0]);
  require_apart(places[1], dataset.sources());
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
  const auto parts = stratified_split(classes, options.shares, options.seed);
  std::vector<std::size_t> part_of(index.size());
  for (std::size_t p = 0; p < parts.size(); ++p)
    for (const auto i : parts[p]) part_of[i] = p;
  Output output(places[1], options.write);
  ProgressBar bar(options.write.progress);
  bar.start("split " + options.from, index.size());
  std::size_t i = 0;
  for (const auto& shard : shards)
    each_sample(shard, [&](const std::string& key, Members& members) {
      if (i < part_of.size()) output->write(options.folds[part_of[i]], key, views_of(members));
      bar.update(++i, std::string_view{});
    });
  bar.clear();
  output.finish();
  return print_dataset(places[1]);
}

}  // namespace quix::tool
