#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <quix/cfg/terminal.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"

// head, cat and index.

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

struct HeadOptions {
  fs::path dataset{};
  std::optional<std::string> split{};
  int count = 5;
  std::optional<fs::path> sheet{};

  static constexpr std::array notes = {
      quix::note<&HeadOptions::dataset>("name, directory, archive or pattern", {.required = true, .positional = true}),
      quix::note<&HeadOptions::split>("split to show; default: train, or the first", {.was = "fold"}),
      quix::note<&HeadOptions::count>("samples", {.min = 1, .flag = 'n'}),
      quix::note<&HeadOptions::sheet>("write the images side by side into this PNG"),
  };
};

/// The image in the terminal's colours, two rows of pixels in one of letters.
void show_image(const ImageBuffer& image) {
  ResizeScratch scratch;
  ImageBuffer small;
  const std::int64_t width = std::min<std::int64_t>(32, image.size.width);
  const auto height = std::max<std::int64_t>(2, image.size.height * width / image.size.width / 2 * 2);
  resize(image, {0, 0, image.size.width, image.size.height}, {width, height}, Interpolation::bilinear, small, scratch);
  for (std::int64_t y = 0; y + 1 < height; y += 2) {
    std::printf("    ");
    for (std::int64_t x = 0; x < width; ++x) {
      const auto *top = small.row(y) + 3 * x, *bottom = small.row(y + 1) + 3 * x;
      std::printf("\033[38;2;%d;%d;%dm\033[48;2;%d;%d;%dm▀", top[0], top[1], top[2], bottom[0], bottom[1], bottom[2]);
    }
    std::printf("\033[0m\n");
  }
}

/// Images in a square, each in a field of 128 × 128.
void write_sheet(const fs::path& path, const std::vector<ImageBuffer>& images) {
  if (images.empty()) throw Error(path.string(), "there are no images for a sheet");
  constexpr std::int64_t side = 128, gap = 4;
  const auto columns = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(images.size()))));
  const auto rows = (static_cast<std::int64_t>(images.size()) + columns - 1) / columns;
  ImageBuffer sheet({columns * (side + gap) + gap, rows * (side + gap) + gap}, 3), small;
  std::fill_n(sheet.data(), sheet.bytes(), std::uint8_t{255});
  ResizeScratch scratch;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto& image = images[i];
    const auto longest = std::max(image.size.width, image.size.height);
    const ImageSize size{std::max<std::int64_t>(1, image.size.width * side / longest),
                         std::max<std::int64_t>(1, image.size.height * side / longest)};
    resize(image, {0, 0, image.size.width, image.size.height}, size,
           longest < side ? Interpolation::nearest : Interpolation::bilinear, small, scratch);
    const auto x = gap + static_cast<std::int64_t>(i) % columns * (side + gap) + (side - size.width) / 2,
               y = gap + static_cast<std::int64_t>(i) / columns * (side + gap) + (side - size.height) / 2;
    for (std::int64_t r = 0; r < size.height; ++r) std::copy_n(small.row(r), size.width * 3, sheet.row(y + r) + x * 3);
  }
  const auto png = encode_png(reinterpret_cast<const std::byte*>(sheet.data()), rgb, sheet.size);
  io::replace(path, {reinterpret_cast<const char*>(png.data()), png.size()});
}

struct CatOptions {
  fs::path dataset{};
  std::string member{};
  std::string split = "";
  static constexpr std::array notes = {
      quix::note<&CatOptions::dataset>("name, directory, archive or pattern", {.required = true, .positional = true}),
      quix::note<&CatOptions::member>("key and suffix: 000042.png", {.required = true, .positional = true}),
      quix::note<&CatOptions::split>("search this split only", {.was = "fold"})};
};

struct IndexOptions {
  fs::path dataset{};
  bool check = false;
  static constexpr std::array notes = {
      quix::note<&IndexOptions::dataset>("name or directory", {.required = true, .positional = true}),
      quix::note<&IndexOptions::check>("check that indices exist and are current; exit code 1 if not")};
};

}  // namespace

int data_head(std::span<const char* const> args) {
  HeadOptions options;
  constexpr std::string_view about =
      "Shows the first "
      "samples: members, what they hold, and images on a terminal.\n";
  if (!read_command(args, options, "head", about)) return 0;
  const Dataset dataset(options.dataset);
  const auto declared = declared_classes(dataset.path);
  ImageDecoder decoder;
  int left = options.count;
  std::vector<ImageBuffer> images;
  for (const auto& shard : find_shards(dataset.path, dataset.split_or_train(options.split))) {
    if (left == 0) break;
    const auto file = open_shard(shard);
    TarScan tar(file);
    std::string key;
    while (tar.next()) {
      std::string_view member_key, suffix;
      if (!detail::split_member(tar.name(), member_key, suffix)) continue;
      if (member_key != key) {
        if (left-- == 0) break;
        key = member_key;
        std::printf("%s\n", printable(key).c_str());
      }
      ImageBuffer image;
      std::string words;
      try {
        const auto decoded = decode_member(suffix, tar.bytes(), decoder, image);
        words = decoded.number
                    ? "class " + class_text(*decoded.number,
                                            suffix == declared.suffix ? declared.names : std::vector<std::string>())
                    : decoded.words;
        if (decoded.orientation != 1) words += ", EXIF orientation " + std::to_string(decoded.orientation);
      } catch (const Error& error) {
        words = error.problems().front().what;
      }
      std::printf("  %s: %s\n", printable(suffix).c_str(), printable(words).c_str());
      if (image.channels == 0) continue;
      if (isatty(1)) show_image(image);
      if (options.sheet) images.push_back(std::move(image));
    }
    left = std::max(left, 0);
  }
  if (options.sheet) {
    write_sheet(*options.sheet, images);
    std::printf("%zu images in %s\n", images.size(), options.sheet->c_str());
  }
  return 0;
}

int data_cat(std::span<const char* const> args) {
  CatOptions options;
  constexpr std::string_view about = "Writes the bytes of a member, named key and suffix: 000042.png\n";
  if (!read_command(args, options, "cat", about)) return 0;
  const Dataset dataset(options.dataset);
  for (const auto& split : dataset.splits) {
    if (!options.split.empty() && split != options.split) continue;
    for (const auto& shard : find_shards(dataset.path, split)) {
      const auto file = open_shard(shard);
      TarScan tar(file);
      while (tar.next()) {
        if (tar.name() != options.member) continue;
        const auto bytes = tar.bytes();
        if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
          throw Error("stdout", std::string("cannot be written: ") + std::strerror(errno));
        return 0;
      }
    }
  }
  throw Error(dataset.path.string(),
              "holds no member " + options.member + "; quix data head shows how members are called");
}

int data_index(std::span<const char* const> args) {
  IndexOptions options;
  constexpr std::string_view about = "Writes SPLIT.index, which opens a split in milliseconds.\n";
  if (!read_command(args, options, "index", about)) return 0;
  const auto folder = find_dataset(options.dataset);
  bool all = true;
  for (const auto& split : find_splits(folder)) {
    const auto shards = find_shards(folder, split);
    if (!options.check) TarIndex::save(folder, split, shards);
    const auto index = TarIndex::open(folder, split, shards, {}, {.threads = 0, .keep_partial = true});
    const bool fresh = index.source() == "index";
    all &= fresh;
    std::printf("%s: %s samples in %zu shard%s, %s\n", TarIndex::path_of(folder, split).c_str(),
                grouped(index.size()).c_str(), shards.size(), shards.size() == 1 ? "" : "s",
                fresh ? "fresh" : "missing, stale or damaged");
  }
  return all ? 0 : 1;
}

}  // namespace quix::tool
