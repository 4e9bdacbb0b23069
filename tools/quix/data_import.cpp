#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <quix/cfg.hpp>
#include <quix/cfg/terminal.hpp>
#include <quix/data.hpp>
#include <quix/data/idx.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

struct ImportOptions {
  std::string classes{};
  int shard_samples = 20'000;
  bool overwrite = false;
  bool progress = true;
  std::string target = "label";

  static constexpr std::array notes = {
      quix::note<&ImportOptions::classes>("names of the classes, separated by commas, for config.json", {}),
      quix::note<&ImportOptions::shard_samples>("samples of a shard", {.min = 1}),
      quix::note<&ImportOptions::overwrite>("replace a dataset that is there", {}),
      quix::note<&ImportOptions::progress>("show a progress bar on a terminal", {}),
      quix::note<&ImportOptions::target>("CSV: the column that holds the class", {}),
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
    const auto png = encode_png(images.bytes.data() + i * pixels, gray, size);
    const auto label = std::to_string(static_cast<unsigned>(labels.bytes[i]));
    writer.write(fold, numbered(i), {{"png", png}, {"cls", std::as_bytes(std::span(label))}});
    bar.update(i + 1, std::string_view{});
  }
  bar.clear();
}

/// Whether a file is an image that quix reads, by its name.
bool is_image(const fs::path& path) {
  auto suffix = path.extension().string();
  for (auto& c : suffix) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return suffix == ".jpg" || suffix == ".jpeg" || suffix == ".png" || suffix == ".webp";
}

/// Folders of a folder, sorted.
std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory() && !entry.path().filename().string().starts_with('.')) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string image_suffix(ByteView bytes) {
  constexpr const char* names[] = {"jpg", "png", "webp"};
  return names[static_cast<int>(image_format(bytes))];
}

/// One fold: a folder for each class, whose images are copied byte for byte. `img` is the suffix when formats differ.
void import_classes(Writer& writer, const fs::path& folder, const std::string& fold,
                    const std::vector<std::string>& classes, ProgressBar& bar) {
  struct Item {
    fs::path path;
    std::size_t number;
  };
  std::vector<Item> items;
  for (const auto& sub : folders_in(folder)) {
    const auto number = std::find(classes.begin(), classes.end(), sub.filename().string());
    if (number == classes.end()) throw Error(sub.string(), "is a class that the training folder does not have");
    for (const auto& entry : fs::recursive_directory_iterator(sub))
      if (entry.is_regular_file() && is_image(entry.path()))
        items.push_back({entry.path(), static_cast<std::size_t>(number - classes.begin())});
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.path < b.path; });
  if (items.empty()) throw Error(folder.string(), "holds no images in folders of classes");
  std::set<std::string> formats;
  for (const auto& item : items) {
    auto head = io::read_text(item.path);
    try {
      formats.insert(image_suffix(std::as_bytes(std::span(head))));
    } catch (const Error& error) {
      throw Error(item.path.string(), error.problems().front().what);
    }
    if (formats.size() > 1) break;
  }
  const auto suffix = formats.size() == 1 ? *formats.begin() : std::string("img");
  bar.start("pack " + fold, items.size());
  // Classes in turn within a shard would make a poor shuffle by shards: a fixed shuffle mixes them.
  const auto order = shuffled(static_cast<std::uint32_t>(items.size()), 0, 0);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[order[i]];
    const auto image = io::read_text(item.path);
    const auto label = std::to_string(item.number);
    const auto text = fs::relative(item.path, folder).generic_string();
    writer.write(fold, numbered(i),
                 {{suffix, std::as_bytes(std::span(image))},
                  {"cls", std::as_bytes(std::span(label))},
                  {"txt", std::as_bytes(std::span(text))}});
    bar.update(i + 1, std::string_view{});
  }
  bar.clear();
}

/// FOLDER/train/CLASS/… and FOLDER/val/CLASS/…, or FOLDER/CLASS/… alone.
void import_folders(Writer& writer, const fs::path& folder, ProgressBar& bar) {
  std::vector<std::pair<std::string, fs::path>> folds;
  for (const auto* name : {"train", "training"})
    if (fs::is_directory(folder / name)) folds.emplace_back("train", folder / name);
  if (folds.empty())
    folds.emplace_back("train", folder);
  else
    for (const auto* name : {"val", "valid", "validation", "test"})
      if (fs::is_directory(folder / name))
        folds.emplace_back(std::string_view(name).starts_with("val") ? "val" : "test", folder / name);
  std::vector<std::string> classes;
  Node names{.kind = Node::Kind::list};
  for (const auto& sub : folders_in(folds[0].second)) {
    classes.push_back(sub.filename().string());
    names.items.push_back(Node::quoted(classes.back()));
  }
  for (const auto& [fold, path] : folds) import_classes(writer, path, fold, classes, bar);
  writer.describe("classes", std::move(names));
}

/// Cells of a line; quotes may hold commas and doubled quotes.
std::vector<std::string> csv_cells(const std::string& line, const std::string& where) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"')
      out.back() += line[++i];
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      out.emplace_back();
    else
      out.back() += c;
  }
  if (quoted) throw Error(where, "a quote has no end on its line");
  return out;
}

/// A table with a header: the column `target` is a class (numbered, or named) and the others are numbers: x.npy,
/// float32.
void import_csv(Writer& writer, const fs::path& path, const std::string& target, ProgressBar& bar) {
  std::vector<std::string> lines;
  const auto text = io::read_text(path);
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    if (lines.back().ends_with('\r')) lines.back().pop_back();
    begin = end + 1;
  }
  const auto where = [&](std::size_t line) { return path.string() + ":" + std::to_string(line + 1); };
  if (lines.size() < 2) throw Error(path.string(), "holds no rows below a header");
  const auto header = csv_cells(lines[0], where(0));
  const auto column = static_cast<std::size_t>(std::find(header.begin(), header.end(), target) - header.begin());
  if (column == header.size()) {
    std::string names;
    for (const auto& name : header) names += (names.empty() ? "" : ", ") + name;
    throw Error(where(0), "has no column " + target + "; --target names one of " + names);
  }
  std::vector<std::vector<std::string>> rows;
  std::set<std::string> words;
  bool numbers = true;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    rows.push_back(csv_cells(lines[i], where(i)));
    if (rows.back().size() != header.size())
      throw Error(where(i),
                  "has " + std::to_string(rows.back().size()) + " cells, the header " + std::to_string(header.size()));
    const auto& word = rows.back()[column];
    words.insert(word);
    numbers &= !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
  }
  const std::vector<std::string> names(words.begin(), words.end());
  bar.start("pack train", rows.size());
  std::vector<float> values(header.size() - 1);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    for (std::size_t c = 0, v = 0; c < header.size(); ++c) {
      if (c == column) continue;
      const auto& cell = rows[r][c];
      char* end = nullptr;
      values[v++] = cell.empty() ? std::nanf("") : std::strtof(cell.c_str(), &end);
      if (!cell.empty() && *end != '\0')
        throw Error(where(r + 1), "expected a number in column " + header[c] + ", got " + cell);
    }
    const auto& word = rows[r][column];
    const auto label =
        numbers ? word : std::to_string(std::lower_bound(names.begin(), names.end(), word) - names.begin());
    const auto npy = io::write_npy(DType::f32, {static_cast<std::int64_t>(values.size())},
                                   reinterpret_cast<const std::byte*>(values.data()));
    writer.write("train", numbered(r), {{"x.npy", npy}, {"cls", std::as_bytes(std::span(label))}});
    bar.update(r + 1, std::string_view{});
  }
  bar.clear();
  Node columns{.kind = Node::Kind::list}, classes{.kind = Node::Kind::list};
  for (std::size_t c = 0; c < header.size(); ++c)
    if (c != column) columns.items.push_back(Node::quoted(header[c]));
  writer.describe("columns", std::move(columns));
  if (!numbers)
    for (const auto& name : names) classes.items.push_back(Node::quoted(name));
  if (!numbers) writer.describe("classes", std::move(classes));
}

}  // namespace

int data_import(std::span<const char* const> args) {
  ImportOptions options;
  const auto places =
      read_places(args, options,
                  "usage: quix data import FOLDER|FILE.csv DATASET\n\nPacks into tar shards: IDX files (MNIST, "
                  "Fashion-MNIST, …), folders of images by class\n(FOLDER/train/CLASS/…, FOLDER/val/CLASS/…, or "
                  "FOLDER/CLASS/…), or a CSV table with a class in one column.\n",
                  2);
  if (places.empty()) return 0;
  const fs::path source = places[0], dataset = places[1];
  const bool csv = fs::is_regular_file(source) && source.extension() == ".csv";
  if (!csv && !fs::is_directory(source)) throw Error(source.string(), "is no folder, and no .csv file");
  const bool idx = !csv && std::any_of(fs::directory_iterator(source), fs::directory_iterator(), [](const auto& entry) {
    return entry.path().filename().string().find("-ubyte") != std::string::npos;
  });
  if (!csv && !idx && folders_in(source).empty())
    throw Error(source.string(), "holds no train-images-idx3-ubyte (or .gz), and no folders of classes");
  if (options.overwrite && fs::exists(dataset / "config.json")) fs::remove_all(dataset);
  Writer writer(dataset, {.max_samples = static_cast<std::uint64_t>(options.shard_samples)});
  ProgressBar bar(options.progress);
  if (csv) {
    import_csv(writer, source, options.target, bar);
  } else if (idx) {
    import_fold(writer, source, "train", "train", bar);
    import_fold(writer, source, "t10k", "val", bar);
  } else {
    import_folders(writer, source, bar);
  }
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
