#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include <quix/cfg/terminal.hpp>

#include "import.hpp"
#include "members.hpp"
#include "report.hpp"

// import: directories of images by class.

namespace quix::tool {
namespace {

namespace fs = std::filesystem;

/// The splits of a source of class directories, listed, and what their images are.
struct ImageSource {
  struct Split {
    std::string name;
    fs::path folder;
    ClassFolders files;
  };
  ClassTree tree;
  std::vector<std::string> classes;  ///< of training
  std::vector<std::string> names;    ///< of the classes: --classes, else the same
  std::vector<Split> splits;
  std::map<std::string, std::uint64_t> formats;  ///< "JPEG" → images
  std::string suffix;
};

constexpr std::array format_names{"JPEG", "PNG", "WebP"};
constexpr std::array format_suffixes{"jpg", "png", "webp"};

/// Throws Error for a directory without class directories: what it holds, and what to do with that.
[[noreturn]] void refuse_source(const fs::path& folder, const ClassTree& tree) {
  for (const auto& entry : tree.entries)
    if (entry.role == "left out: only linked directories") {
      const auto split = split_of_name(fs::path(entry.path).parent_path().filename().string());
      throw Error(folder.string(), entry.path + " holds only linked directories, and links are left out; write --map " +
                                       (split.empty() ? std::string("train") : std::string(split)) + "=" +
                                       fs::path(entry.path).parent_path().string() +
                                       " where each link is a class, or put the directories in place of the links");
    }
  if (const auto tables = tables_in(folder); tables.size() > 1) refuse_tables(tables);
  auto at = folder;
  std::vector<std::string> folders, files, tables;
  std::uint64_t images = 0;
  std::string first;
  const auto look = [&] {
    folders.clear(), files.clear(), tables.clear(), images = 0, first.clear();
    detail::each_entry(at, [&](const auto& entry, const std::string& name) {
      if (detail::is_folder(entry)) {
        folders.push_back(name + "/");
      } else if (detail::is_image_name(name)) {
        if (images++ == 0 || name < first) first = name;
      } else {
        (detail::lower_case(entry.path().extension().string()) == ".csv" ? tables : files).push_back(name);
      }
    });
    std::sort(folders.begin(), folders.end()), std::sort(tables.begin(), tables.end());
  };
  look();
  while (folders.size() == 1 && images == 0 && tables.empty()) at /= fs::path(folders[0]).parent_path(), look();
  const auto is = [&](const auto& what) {
    return std::find_if(folders.begin(), folders.end(), [&](const auto& name) { return what(name); });
  };
  const auto pictures = is(detail::holds_images), others = is(detail::holds_annotations);
  if (pictures != folders.end() && others != folders.end())
    throw Error(at.string(), "holds " + *pictures + " and " + *others +
                                 ", and no class directories; write  quix data "
                                 "pack " +
                                 at.string() +
                                 " DATASET --join true  for a sample of the files that share "
                                 "their name");
  if (!tables.empty())
    throw Error(at.string(), "holds " + tables[0] +
                                 ", and no class directories; for a table of numbers write  quix "
                                 "data import " +
                                 (at / tables[0]).string() +
                                 " DATASET.  Images are not read through a table: sort them into directories named "
                                 "after their classes");
  if (images > 0)
    throw Error(at.string(), "holds " + grouped(images) + " images (the first: " + first +
                                 ") and no class directories; put each into a directory named after its class, or "
                                 "write  quix data pack " +
                                 at.string() + " DATASET  for samples without classes");
  folders.insert(folders.end(), files.begin(), files.end());
  throw Error(folder.string(),
              "holds no class directories (train/CLASS/… or CLASS/…), no IDX files "
              "(train-images-idx3-ubyte, …) and no table; there " +
                  (folders.empty() ? std::string("is nothing") : std::string("are ") + detail::some_names(folders)));
}

/// Images in a directory and below.
std::uint64_t count_images(const fs::path& folder) {
  std::uint64_t count = 0;
  detail::each_entry(folder, [&](const auto& entry, const std::string& name) {
    std::error_code ignored;
    if (!detail::is_folder(entry))
      count += detail::is_image_name(name) && entry.is_regular_file(ignored);
    else if (!entry.is_symlink(ignored))
      count += count_images(entry.path());
  });
  return count;
}

ImageSource list_images(const fs::path& folder, const ImportOptions& options) {
  ImageSource out;
  out.tree = find_class_tree(folder, {options.map, options.ignore});
  // A table next to the directories may be meant instead.
  for (const auto* name : {"train", "val", "test"})
    if (!options.format) find_source(folder, name, {options.map, options.ignore});
  const auto* train = out.tree.find("train");
  if (out.tree.splits.empty()) refuse_source(folder, out.tree);
  // Without training, the classes of all splits together.
  for (const auto& split : out.tree.splits)
    if (!train || &split == train) out.classes.insert(out.classes.end(), split.classes.begin(), split.classes.end());
  std::sort(out.classes.begin(), out.classes.end());
  out.classes.erase(std::unique(out.classes.begin(), out.classes.end()), out.classes.end());
  out.names = class_names(options, out.classes, out.classes.size());
  for (const auto& split : out.tree.splits)
    out.splits.push_back({split.name, split.folder, ClassFolders(split, out.classes)});
  for (const auto& split : out.splits)
    for (std::size_t i = 0; i < split.files.size(); ++i) try {
        std::byte head[512];  // they tell the format, or what is there instead
        const auto size = io::File(split.files.path(i)).read(0, head, sizeof head);
        const auto format = static_cast<std::size_t>(image_format({head, size}));
        ++out.formats[format_names[format]];
        out.suffix = out.formats.size() == 1 ? format_suffixes[format] : "img";
      } catch (const Error& error) {
        throw Error(split.files.path(i).string(), error.problems().front().what);
      }
  return out;
}

std::string formats_of(const ImageSource& source) {
  std::string out;
  for (const auto& [name, count] : source.formats) out += (out.empty() ? "" : ", ") + grouped(count) + " " + name;
  return out;
}

/// What becomes what, before anything is written.
void print_source(const fs::path& folder, const ImageSource& source, bool all) {
  std::vector<std::vector<std::string>> rows{{"directory", "becomes", "images"}};
  std::map<std::string, const ImageSource::Split*> by_role;
  for (const auto& split : source.splits) by_role["split " + split.name] = &split;
  for (const auto& entry : source.tree.entries) {
    const auto split = by_role.find(entry.role);
    const bool unlabeled = entry.role == "left out: images without class directories";
    rows.push_back({entry.path, entry.role,
                    split != by_role.end() ? grouped(split->second->files.size())
                    : unlabeled            ? grouped(count_images(folder / entry.path))
                                           : ""});
  }
  if (rows.size() == 1 || source.splits[0].folder == folder)
    rows.push_back({"./", "split " + source.splits[0].name, grouped(source.splits[0].files.size())});
  const bool renamed = source.names != source.classes;
  std::vector<std::vector<std::string>> classes{{"class", "name"}};
  if (renamed) classes[0].push_back("directory");
  for (const auto& split : source.splits) classes[0].push_back(split.name);
  std::vector<std::vector<std::uint64_t>> counts(source.splits.size(),
                                                 std::vector<std::uint64_t>(source.classes.size()));
  for (std::size_t s = 0; s < source.splits.size(); ++s)
    for (std::size_t i = 0; i < source.splits[s].files.size(); ++i)
      ++counts[s][static_cast<std::size_t>(source.splits[s].files.class_of(i))];
  const std::size_t shown = all || source.classes.size() <= 24 ? source.classes.size() : 20;
  for (std::size_t c = 0; c < shown; ++c) {
    classes.push_back({std::to_string(c), source.names[c]});
    if (renamed) classes.back().push_back(source.classes[c]);
    for (const auto& count : counts) classes.back().push_back(grouped(count[c]));
  }
  print_table(rows);
  std::printf("\n");
  print_table(classes);
  if (shown < source.classes.size())
    std::printf("… %s more classes; --dry-run shows all\n", grouped(source.classes.size() - shown).c_str());
  std::printf("\nimages: %s\n", formats_of(source).c_str());
  std::uint64_t junk = 0;
  for (const auto& split : source.splits) {
    junk += split.files.junk();
    print_left_out(split.files.left_out(), " of " + split.name, 0);
  }
  print_left_out({}, "", junk);
  std::printf("\n");
  std::fflush(stdout);
}

/// The sizes of images, to say whether they differ.
struct Sizes {
  ImageSize least{}, most{};
  bool differ = false, any = false;

  void add(ByteView image) {
    ImageSize size{};
    try {
      size = image_size(image);
    } catch (const Error&) {
      return;
    }  // verify says more about it
    differ |= any && (size.width != least.width || size.height != least.height);
    least = any ? ImageSize{std::min(least.width, size.width), std::min(least.height, size.height)} : size;
    most = any ? ImageSize{std::max(most.width, size.width), std::max(most.height, size.height)} : size;
    any = true;
  }
};

/// One split: images are copied byte for byte.
void import_split(Output& output, const ImageSource::Split& split, const std::string& suffix, Sizes& sizes,
                  ProgressBar& bar) {
  const auto& files = split.files;
  std::vector<std::byte> buffer;
  bar.start("pack " + split.name, files.size());
  // Classes in turn within a shard would make a poor shuffle by shards: a fixed shuffle mixes them.
  const auto order = shuffled(static_cast<std::uint32_t>(files.size()), 0, 0);
  const auto first = output->samples(split.name);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto image = files.read(order[i], buffer);
    sizes.add(image);
    const auto label = std::to_string(files.class_of(order[i]));
    output.write(split.name, files.name(order[i]), numbered(first + i),
                 {{suffix, image},
                  {"cls", std::as_bytes(std::span(label))},
                  {"txt", std::as_bytes(std::span(files.name(order[i])))}});
    bar.update(i + 1, std::string_view{});
  }
  bar.clear();
}

}  // namespace

std::vector<fs::path> tables_in(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto* split : {"train", "val", "test"})
    if (auto found = find_source(folder, split, {}, SplitSource::Kind::csv); found.kind != SplitSource::Kind::none)
      out.push_back(std::move(found.path));
  return out;
}

void refuse_tables(const std::vector<fs::path>& tables) {
  std::vector<std::string> names;
  for (const auto& path : tables) names.push_back(path.filename().string());
  throw Error(tables[0].parent_path().string(),
              "holds the tables " + detail::some_names(names) +
                  "; an experiment reads them as they are, each as its split, with the data policy quix::Files. To "
                  "import one, name it:  quix data import " +
                  tables[0].string() + " DATASET  makes it the split train");
}

std::vector<SampleField> import_images(const fs::path& folder, const fs::path& dataset, const ImportOptions& options) {
  const auto source = list_images(folder, options);
  print_source(folder, source, options.dry_run);
  if (options.dry_run) return {};
  if (options.write.append) require_same(dataset, "classes", source.names);
  Output output(dataset, options.write);
  ProgressBar bar(options.write.progress);
  Sizes sizes;
  for (const auto& split : source.splits) import_split(output, split, source.suffix, sizes, bar);
  output->describe("classes", list_of(source.names));
  output.finish();
  std::string remark = formats_of(source);
  if (sizes.differ)
    remark += ", of " + detail::size_text(sizes.least) + " to " + detail::size_text(sizes.most) +
              " pixels: add quix::Resize or quix::RandomResizedCrop to augment";
  return {{"quix::Image<\"" + source.suffix + "\">", "image", remark},
          {"quix::Class<\"cls\">", "label", std::to_string(source.classes.size()) + " classes"}};
}

}  // namespace quix::tool
