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

// convert and split: datasets from other datasets.

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

struct ConvertOptions {
  int short_side = 0;
  int quality = 90;
  std::vector<std::string> drop{};
  std::map<std::string, std::string> rename{};
  WriteOptions write{};
  static constexpr std::array notes = {
      quix::note<&ConvertOptions::short_side>(
          "shrink images to this shorter side and write them as JPEG; 0: leave them", {.min = 0, .unit = "px"}),
      quix::note<&ConvertOptions::quality>("of these JPEGs", {.min = 1, .max = 100}),
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
                                  "usage: quix data convert DATASET NEW\n\nWrites a dataset anew: plain tar from "
                                  "compressed shards (.tar.gz, .tar.xz, .tar.zst), other shard sizes,\nsmaller "
                                  "images, fewer or renamed members. Samples keep their order and keys.\n",
                                  2);
  if (places.empty()) return 0;
  const auto folder = find_dataset(places[0]);
  std::error_code ignored;
  if (fs::equivalent(folder, places[1], ignored))
    throw Error(places[1], "is the dataset that is read; write to another folder");
  const auto folds = find_folds(folder);
  if (folds.empty()) throw Error(folder.string(), "holds no shards");
  Output output(places[1], options.write);
  ImageDecoder decoder;
  Picture image, small;
  ResizeScratch scratch;
  for (const auto& fold : folds) {
    const auto shards = find_shards(folder, fold);
    ProgressBar bar(options.write.progress);
    bar.start("convert " + fold, shards.size());
    for (std::size_t i = 0; i < shards.size(); ++i) {
      each_sample(shards[i], [&](const std::string& key, Members& members) {
        std::erase_if(members, [&](const auto& m) {
          return std::find(options.drop.begin(), options.drop.end(), m.first) != options.drop.end();
        });
        for (auto& [suffix, bytes] : members) {
          if (options.short_side > 0 && kind_of(suffix) == Kind::image) {
            try {
              decode_member(suffix, bytes, decoder, image);
            } catch (const Error& error) {
              throw Error(shards[i].string() + ", member " + key + "." + suffix, error.problems().front().what);
            }
            const auto shortest = std::min(image.size.width, image.size.height);
            if (shortest > options.short_side) {
              const ImageSize size{std::max<std::int64_t>(1, image.size.width * options.short_side / shortest),
                                   std::max<std::int64_t>(1, image.size.height * options.short_side / shortest)};
              resize(image, {0, 0, image.size.width, image.size.height}, size, Interpolation::bilinear, small, scratch);
              bytes = encode_jpeg(reinterpret_cast<const std::byte*>(small.data()), rgb, size, options.quality);
            }
          }
          if (const auto name = options.rename.find(suffix); name != options.rename.end()) suffix = name->second;
        }
        if (!members.empty()) output->write(fold, key, views_of(members));
      });
      bar.update(i + 1, std::string_view{});
    }
    bar.clear();
  }
  output.finish();
  return print_dataset(places[1]);
}

int data_split(std::span<const char* const> args) {
  SplitOptions options;
  const auto places = read_places(args, options,
                                  "usage: quix data split DATASET NEW\n\nSplits a fold into several, with the same "
                                  "share of each class in all of them.\n",
                                  2);
  if (places.empty()) return 0;
  const auto folder = find_dataset(places[0]);
  const auto shards = find_shards(folder, options.from);
  std::vector<TarIndex::Column> columns;
  if (!options.by.empty()) columns.push_back({options.by, true, false});
  const TarIndex index(shards, columns);
  if (index.left_out() > 0)
    throw Error(folder.string(),
                grouped(index.left_out()) + " samples have no " + options.by + "; --by '' splits without it");
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
