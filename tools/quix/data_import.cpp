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
#include <quix/data/files.hpp>
#include <quix/data/idx.hpp>

#include "arguments.hpp"
#include "commands.hpp"
#include "members.hpp"
#include "output.hpp"

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

struct ImportOptions {
  std::string classes{};
  std::string target = "label";
  WriteOptions write{};

  static constexpr std::array notes = {
      quix::note<&ImportOptions::classes>("names of the classes, separated by commas, for config.json", {}),
      quix::note<&ImportOptions::target>("CSV: the column that holds the class", {}),
  };
};

/// One of the files of an IDX dataset. Throws Error when it is not there.
fs::path idx_file(const fs::path& folder, const std::string& fold, const std::string& what) {
  if (auto path = detail::find_idx(folder, fold, what); !path.empty()) return path;
  const auto name = (fold == "train" ? "train-" : "t10k-") + what;
  throw Error(folder.string(),
              "holds no " + name + " (or " + name +
                  ".gz); an IDX dataset is four files: train and t10k, images-idx3-ubyte and labels-idx1-ubyte");
}

void import_fold(Writer& writer, const fs::path& folder, const std::string& fold, ProgressBar& bar) {
  const auto images_path = idx_file(folder, fold, "images-idx3-ubyte"),
             labels_path = idx_file(folder, fold, "labels-idx1-ubyte");
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

std::string image_suffix(ByteView bytes) {
  constexpr const char* names[] = {"jpg", "png", "webp"};
  return names[static_cast<int>(image_format(bytes))];
}

/// One fold: a folder for each class, whose images are copied byte for byte. `img` is the suffix when formats differ.
void import_classes(Writer& writer, const fs::path& folder, const std::string& fold,
                    const std::vector<std::string>& classes, ProgressBar& bar) {
  const ClassFolders files(folder, classes);
  std::vector<std::byte> buffer;
  std::set<std::string> formats;
  for (std::size_t i = 0; i < files.size() && formats.size() < 2; ++i) {
    try {
      std::byte head[16];  // the format stands in the first bytes
      formats.insert(image_suffix({head, io::File(files.path(i)).read(0, head, sizeof head)}));
    } catch (const Error& error) {
      throw Error(files.path(i).string(), error.problems().front().what);
    }
  }
  const auto suffix = formats.size() == 1 ? *formats.begin() : std::string("img");
  bar.start("pack " + fold, files.size());
  // Classes in turn within a shard would make a poor shuffle by shards: a fixed shuffle mixes them.
  const auto order = shuffled(static_cast<std::uint32_t>(files.size()), 0, 0);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto image = files.read(order[i], buffer);
    const auto label = std::to_string(files.class_of(order[i]));
    writer.write(fold, numbered(i),
                 {{suffix, image},
                  {"cls", std::as_bytes(std::span(label))},
                  {"txt", std::as_bytes(std::span(files.name(order[i])))}});
    bar.update(i + 1, std::string_view{});
  }
  bar.clear();
}

Node list_of(const std::vector<std::string>& names) {
  Node out{.kind = Node::Kind::list};
  for (const auto& name : names) out.items.push_back(Node::quoted(name));
  return out;
}

/// FOLDER/train/CLASS/… and FOLDER/val/CLASS/…, or FOLDER/CLASS/… alone.
void import_folders(Writer& writer, const fs::path& folder, ProgressBar& bar) {
  const auto train = find_class_folder(folder, "train"), val = find_class_folder(folder, "val"),
             test = find_class_folder(folder, "test");
  const auto classes = folders_in(train);
  import_classes(writer, train, "train", classes, bar);
  if (train != folder && !val.empty() && val != test) import_classes(writer, val, "val", classes, bar);
  if (train != folder && !test.empty()) import_classes(writer, test, "test", classes, bar);
  writer.describe("classes", list_of(classes));
}

/// A table with a header: the column `target` is a class (numbered, or named) and the others are numbers: x.npy,
/// float32.
void import_csv(Writer& writer, const fs::path& path, const std::string& target, ProgressBar& bar) {
  const auto table = read_csv(path);
  std::size_t column = 0;
  try {
    column = table.column(target);
  } catch (const Error& error) {
    throw Error(path.string(), error.problems().front().what + ". --target names one of them");
  }
  const CsvClasses classes(table, column);
  bar.start("pack train", table.rows.size());
  std::vector<float> values(table.columns.size() - 1);
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    for (std::size_t c = 0, v = 0; c < table.columns.size(); ++c)
      if (c != column) values[v++] = table.number(r, c);
    const auto label = std::to_string(classes.number(table, r, column));
    const auto npy = io::write_npy(DType::f32, {static_cast<std::int64_t>(values.size())},
                                   reinterpret_cast<const std::byte*>(values.data()));
    writer.write("train", numbered(r), {{"x.npy", npy}, {"cls", std::as_bytes(std::span(label))}});
    bar.update(r + 1, std::string_view{});
  }
  bar.clear();
  auto columns = table.columns;
  columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(column));
  writer.describe("columns", list_of(columns));
  if (!classes.names().empty()) writer.describe("classes", list_of(classes.names()));
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
  if (!csv && !idx && find_class_folder(source, "train").empty())
    throw Error(source.string(), "holds no train-images-idx3-ubyte (or .gz), and no folders of classes");
  Output output(dataset, options.write);
  auto& writer = *output;
  ProgressBar bar(options.write.progress);
  if (csv) {
    import_csv(writer, source, options.target, bar);
  } else if (idx) {
    import_fold(writer, source, "train", bar);
    import_fold(writer, source, "val", bar);
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
  output.finish();
  return print_dataset(dataset);
}

}  // namespace quix::tool
