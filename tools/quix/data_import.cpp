#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include <quix/cfg.hpp>
#include <quix/cfg/terminal.hpp>
#include <quix/data.hpp>
#include <quix/data/idx.hpp>

#include "arguments.hpp"
#include "commands.hpp"

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

struct ImportOptions {
  std::string classes{};
  int shard_samples = 20'000;
  bool overwrite = false;
  bool progress = true;

  static constexpr std::array notes = {
      quix::note<&ImportOptions::classes>("names of the classes, separated by commas, for config.json", {}),
      quix::note<&ImportOptions::shard_samples>("samples of a shard", {.min = 1}),
      quix::note<&ImportOptions::overwrite>("replace a dataset that is there", {}),
      quix::note<&ImportOptions::progress>("show a progress bar on a terminal", {}),
  };
};

/// `train-images-idx3-ubyte`, with or without `.gz`.
fs::path find_idx(const fs::path& folder, const std::string& stem) {
  for (const auto* suffix : {"", ".gz"})
    if (auto path = folder / (stem + suffix); fs::exists(path)) return path;
  throw Error(folder.string(),
              "holds no " + stem + " (or " + stem +
                  ".gz); an IDX dataset is four files: train and t10k, images-idx3-ubyte and labels-idx1-ubyte");
}

void import_fold(Writer& writer, const fs::path& folder, const std::string& prefix, const std::string& fold,
                 ProgressBar& bar) {
  const auto images_path = find_idx(folder, prefix + "-images-idx3-ubyte"),
             labels_path = find_idx(folder, prefix + "-labels-idx1-ubyte");
  const auto images = read_idx(images_path), labels = read_idx(labels_path);
  if (images.shape.size() != 3)
    throw Error(images_path.string(), "has " + std::to_string(images.shape.size()) + " dimensions; images have three");
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0])
    throw Error(labels_path.string(), "has " + std::to_string(labels.shape.empty() ? 0 : labels.shape[0]) +
                                          " labels for " + std::to_string(images.shape[0]) + " images");
  const ImageSize size{.width = images.shape[2], .height = images.shape[1]};
  const auto pixels = static_cast<std::size_t>(size.width * size.height);
  const auto count = static_cast<std::size_t>(images.shape[0]);
  bar.start("pack " + fold, count);
  for (std::size_t i = 0; i < count; ++i) {
    char key[24];
    std::snprintf(key, sizeof key, "%06zu", i);
    const auto png = encode_png(images.bytes.data() + i * pixels, gray, size);
    const auto label = std::to_string(static_cast<unsigned>(labels.bytes[i]));
    writer.write(fold, key, {{"png", png}, {"cls", std::as_bytes(std::span(label))}});
    bar.update(i + 1, std::string_view{});
  }
  bar.clear();
}

}  // namespace

int data_import(std::span<const char* const> args) {
  ImportOptions options;
  const auto places = read_places(args, options,
                                  "usage: quix data import FOLDER DATASET\n\nPacks the IDX files in FOLDER (MNIST, "
                                  "Fashion-MNIST, …) into tar shards in DATASET: PNG images and class numbers.\n",
                                  2);
  if (places.empty()) return 0;
  const fs::path folder = places[0], dataset = places[1];
  if (!fs::is_directory(folder)) throw Error(folder.string(), "is no folder");
  if (options.overwrite && fs::exists(dataset / "config.json")) fs::remove_all(dataset);
  Writer writer(dataset, {.max_samples = static_cast<std::uint64_t>(options.shard_samples)});
  ProgressBar bar(options.progress);
  import_fold(writer, folder, "train", "train", bar);
  import_fold(writer, folder, "t10k", "val", bar);
  if (!options.classes.empty()) {
    Node names{.kind = Node::Kind::list};
    auto list = Node::plain(options.classes);
    list.loose = true;
    for (auto& item : detail::read_items(list, "a list")) names.items.push_back(Node::quoted(item.text));
    writer.describe("classes", std::move(names));
  }
  writer.finish();
  return print_dataset(dataset);
}

}  // namespace quix::tool
