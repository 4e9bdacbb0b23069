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
#include "import.hpp"
#include "members.hpp"

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

/// One of the files of an IDX dataset. Throws Error when it is not there.
fs::path idx_file(const fs::path& folder, const std::string& split, const std::string& what) {
  if (auto path = detail::find_idx(folder, split, what); !path.empty()) return path;
  const auto name = (split == "train" ? "train-" : "t10k-") + what;
  throw Error(folder.string(),
              "holds no " + name + " (or " + name +
                  ".gz); an IDX dataset is four files: train and t10k, images-idx3-ubyte and labels-idx1-ubyte");
}

void import_idx(Output& output, const fs::path& folder, const std::string& split, ProgressBar& bar) {
  const auto images_path = idx_file(folder, split, "images-idx3-ubyte"),
             labels_path = idx_file(folder, split, "labels-idx1-ubyte");
  const auto images = read_idx(images_path), labels = read_idx(labels_path);
  if (images.shape.size() != 3)
    throw Error(images_path.string(), "has " + std::to_string(images.shape.size()) + " dimensions; images have three");
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0])
    throw Error(labels_path.string(), "has " + std::to_string(labels.shape.empty() ? 0 : labels.shape[0]) +
                                          " labels for " + std::to_string(images.shape[0]) + " images");
  const ImageSize size{.width = images.shape[2], .height = images.shape[1]};
  const auto pixels = static_cast<std::size_t>(size.width * size.height);
  const auto count = static_cast<std::size_t>(images.shape[0]);
  bar.start("pack " + split, count);
  const auto first = output->samples(split);
  for (std::size_t i = 0; i < count; ++i) {
    const auto png = encode_png(images.bytes.data() + i * pixels, gray, size);
    const auto label = std::to_string(static_cast<unsigned>(labels.bytes[i]));
    output.write(split, folder, numbered(first + i), {{"png", png}, {"cls", std::as_bytes(std::span(label))}});
    bar.update(i + 1, std::string_view{});
  }
  bar.clear();
}

/// A table with a header: the column `target` is a class (numbered, or named) and the others are numbers: x.npy,
/// float32.
std::vector<SampleField> import_csv(const fs::path& path, const fs::path& dataset, const ImportOptions& options) {
  const auto table = read_csv(path);
  std::size_t column = 0;
  try {
    column = table.column(options.target);
  } catch (const Error& error) {
    throw Error(path.string(), error.problems().front().what + ". --target names one of them");
  }
  std::vector<std::size_t> numbers;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (c != column) numbers.push_back(c);
  table.refuse_images(numbers);
  const CsvClasses classes(table, column);
  auto columns = table.columns;
  columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(column));
  if (!table.is_utf8) std::printf("%s: not UTF-8; read as Windows-1252 (Latin-1)\n", path.c_str());
  if (table.has_index) std::printf("%s: left out the first column, an index without a name\n", path.c_str());
  for (const auto& remark : classes.merged()) std::printf("%s: %s\n", path.c_str(), printable(remark).c_str());
  for (const auto& remark : table.remarks(numbers)) std::printf("%s: %s\n", path.c_str(), printable(remark).c_str());
  std::map<std::int64_t, std::uint64_t> counts;
  for (std::size_t r = 0; r < table.rows.size(); ++r) ++counts[classes.number(table, r, column)];
  const auto& found = classes.names();
  const auto names = class_names(options, found, static_cast<std::size_t>(counts.rbegin()->first) + 1);
  const bool renamed = names != found;
  std::vector<std::vector<std::string>> rows{{"class", options.target, "train"}};
  if (renamed) rows[0].insert(rows[0].begin() + 1, "name");
  for (const auto& [number, count] : counts) {
    if (rows.size() == 25 && !options.dry_run) break;
    const auto i = static_cast<std::size_t>(number);
    rows.push_back({std::to_string(number), found.empty() ? std::to_string(number) : found[i], grouped(count)});
    if (renamed) rows.back().insert(rows.back().begin() + 1, names[i]);
  }
  print_table(rows);
  if (rows.size() <= counts.size())
    std::printf("… %s more classes; --dry-run shows all\n", grouped(counts.size() + 1 - rows.size()).c_str());
  std::printf("\nx: %zu columns of numbers\n\n", columns.size());
  std::fflush(stdout);
  std::vector<float> values(table.rows.size() * columns.size());  // all, before anything is written
  for (std::size_t r = 0, v = 0; r < table.rows.size(); ++r)
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      if (c != column) values[v++] = table.number(r, c);
  if (options.dry_run) return {};
  if (options.write.append) require_same(dataset, "classes", names);
  if (options.write.append) require_same(dataset, "columns", columns);
  Output output(dataset, options.write);
  ProgressBar bar(options.write.progress);
  bar.start("pack train", table.rows.size());
  const auto first = output->samples("train");
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto label = std::to_string(classes.number(table, r, column));
    const auto npy = io::write_npy(DType::f32, {static_cast<std::int64_t>(columns.size())},
                                   reinterpret_cast<const std::byte*>(values.data() + r * columns.size()));
    output.write("train", table.path, numbered(first + r), {{"x.npy", npy}, {"cls", std::as_bytes(std::span(label))}});
    bar.update(r + 1, std::string_view{});
  }
  bar.clear();
  output->describe("columns", list_of(columns));
  if (!names.empty()) output->describe("classes", list_of(names));
  output.finish();
  return {{"quix::Npy<\"x.npy\", float>", "x", std::to_string(columns.size()) + " columns"},
          {"quix::Class<\"cls\">", "label", options.target + ": " + std::to_string(counts.size()) + " classes"}};
}

/// The one table in a directory, for --format csv. Throws Error.
fs::path csv_in(const fs::path& folder) {
  const auto tables = tables_in(folder);
  if (tables.size() > 1) refuse_tables(tables);
  const auto found = find_source(folder, "train", {}, SplitSource::Kind::csv);
  if (found.kind == SplitSource::Kind::none)
    throw Error(folder.string(), "holds no train.csv; name the table:  quix data import " +
                                     (tables.empty() ? folder / "NAME.csv" : tables[0]).string() + " DATASET");
  return found.path;
}

/// The directory that holds IDX files: this one, or one that it wraps; else empty.
fs::path idx_folder(fs::path folder) {
  for (; !folder.empty(); folder = wrapped_folder(folder))
    for (const auto* split : {"train", "val"})
      for (const auto* what : {"images-idx3-ubyte", "labels-idx1-ubyte"})
        if (!detail::find_idx(folder, split, what).empty()) return folder;
  return {};
}

std::vector<SampleField> import_idx(const fs::path& folder, const fs::path& dataset, const ImportOptions& options) {
  std::vector<std::vector<std::string>> rows{{"file", "becomes"}};
  for (const std::string split : {"train", "val"})
    for (const std::string what : {"images-idx3-ubyte", "labels-idx1-ubyte"})
      rows.push_back({idx_file(folder, split, what).string(),
                      "split " + split + (what[0] == 'i' ? ": images, png" : ": classes, cls")});
  std::vector<std::vector<std::string>> classes{{"class", "name"}};
  std::vector<std::string> names;
  if (!options.classes.empty()) {
    std::size_t count = 0;
    for (const std::string split : {"train", "val"})
      for (const auto label : read_idx(idx_file(folder, split, "labels-idx1-ubyte")).bytes)
        count = std::max(count, static_cast<std::size_t>(label) + 1);
    names = class_names(options, {}, count);
    for (std::size_t i = 0; i < names.size(); ++i) classes.push_back({std::to_string(i), names[i]});
  }
  print_table(rows);
  std::printf("\n");
  if (!names.empty()) print_table(classes), std::printf("\n");
  std::fflush(stdout);
  if (options.dry_run) return {};
  if (options.write.append && !names.empty()) require_same(dataset, "classes", names);
  Output output(dataset, options.write);
  ProgressBar bar(options.write.progress);
  import_idx(output, folder, "train", bar);
  import_idx(output, folder, "val", bar);
  if (!names.empty()) output->describe("classes", list_of(names));
  output.finish();
  return {{"quix::Image<\"png\", quix::gray>", "image", ""}, {"quix::Class<\"cls\">", "label", ""}};
}

}  // namespace

Node list_of(const std::vector<std::string>& names) {
  Node out{.kind = Node::Kind::list};
  for (const auto& name : names) out.items.push_back(Node::quoted(name));
  return out;
}

std::vector<std::string> class_names(const ImportOptions& options, const std::vector<std::string>& found,
                                     std::size_t count) {
  if (options.classes.empty()) return found;
  auto list = Node::plain(options.classes);
  list.loose = true;
  std::vector<std::string> names;
  for (auto& item : detail::read_items(list, "a list")) names.push_back(item.text);
  std::set<std::string> all;
  for (const auto& name : names)
    if (!all.insert(name).second) throw Error("--classes", "names " + name + " twice; each class needs its own name");
  if (names.size() != count)
    throw Error("--classes", "has " + std::to_string(names.size()) + (names.size() == 1 ? " name" : " names") +
                                 " for " + std::to_string(count) + (count == 1 ? " class" : " classes") +
                                 "; name each, in the order of their numbers: --dry-run without --classes shows them");
  if (names != found && std::is_permutation(names.begin(), names.end(), found.begin(), found.end())) {
    std::string order;
    for (const auto& name : found) order += (order.empty() ? "" : ",") + name;
    throw Error("--classes", "has the names of the source in another order, which would exchange classes; write " +
                                 order + ", or leave the option out");
  }
  return names;
}

void require_same(const fs::path& dataset, const std::string& name, const std::vector<std::string>& list) {
  const auto path = dataset / "config.json";
  if (!fs::exists(path)) return;
  const auto facts = detail::facts_of(json::parse(io::read_text(path), path.string()));
  const auto at = std::find_if(facts.begin(), facts.end(), [&](const auto& fact) { return fact.key == name; });
  std::vector<std::string> known;
  if (at != facts.end())
    for (const auto& item : at->value.items) known.push_back(item.text);
  if (known == list) return;
  const auto text = [](const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size() && i < 8; ++i) out += (i ? ", " : "") + words[i];
    return words.empty() ? std::string("none") : out + (words.size() > 8 ? ", …" : "");
  };
  throw Error("--append", "the " + name + " differ: " + path.string() + " has " + text(known) + "; the source has " +
                              text(list) + "; write a new dataset instead");
}

int data_import(std::span<const char* const> args) {
  ImportOptions options;
  constexpr std::string_view about =
      "Writes tar shards from IDX files (MNIST, Fashion-MNIST, …), "
      "directories of images by class\n(FOLDER/train/CLASS/…, FOLDER/Val/CLASS/…, or FOLDER/CLASS/…), or a CSV table "
      "with a class in one column.\nFirst prints what becomes a class, a split, or is left out; --dry-run stops there. "
      "Where that is not clear\nfrom names, --map train=DIRECTORY and --ignore DIRECTORY decide. Hidden names, "
      "__MACOSX and others that\nprograms leave are not data. Images are copied byte for byte.\n";
  if (!read_command(args, options, "import", about)) return 0;
  const auto &source = options.source, &dataset = options.dataset;
  const bool csv = fs::is_regular_file(source) && detail::lower_case(source.extension().string()) == ".csv";
  if (!csv && !fs::is_directory(source))
    throw Error(source.string(), fs::exists(source) ? "not a directory or a .csv file" : "not found");
  require_apart(dataset, {source});
  using Kind = SplitSource::Kind;
  const auto format = options.format.value_or(Kind::none);
  if (format == Kind::safetensors || format == Kind::pt)
    throw Error(std::string("--format ") + (format == Kind::pt ? "pt" : "safetensors"),
                "import reads csv, idx and folders; an experiment reads such files as they are, with quix::Files");
  if (csv && format != Kind::none && format != Kind::csv)
    throw Error(source.string(), "is a CSV table, and --format names something else; leave it out");
  const auto idx = csv || (format != Kind::none && format != Kind::idx) ? fs::path() : idx_folder(source);
  std::vector<SampleField> fields;
  if (csv || format == Kind::csv)
    fields = import_csv(csv ? source : csv_in(source), dataset, options);
  else if (!idx.empty() || format == Kind::idx)
    fields = import_idx(idx.empty() ? source : idx, dataset, options);
  else
    fields = import_images(source, dataset, options);
  if (options.dry_run) return 0;
  const auto code = print_dataset(dataset);
  print_sample(fields);
  return code;
}

}  // namespace quix::tool
