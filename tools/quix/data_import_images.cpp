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
  std::vector<Split> splits;
  std::map<std::string, std::uint64_t> formats;  ///< "JPEG" → images
  std::string suffix;
};

constexpr std::array format_names{"JPEG", "PNG", "WebP"};
constexpr std::array format_suffixes{"jpg", "png", "webp"};

ImageSource list_images(const fs::path& folder, const ImportOptions& options) {
  ImageSource out;
  out.tree = find_class_tree(folder, {options.map, options.ignore});
  // A table next to the directories may be meant instead.
  for (const auto* name : {"train", "val", "test"})
    if (!options.format) find_source(folder, name, {options.map, options.ignore});
  const auto* train = out.tree.find("train");
  if (out.tree.splits.empty())
    throw Error(folder.string(), "holds no train-images-idx3-ubyte (or .gz), and no folders of classes");
  // Without training, the classes of all splits together.
  for (const auto& split : out.tree.splits)
    if (!train || &split == train) out.classes.insert(out.classes.end(), split.classes.begin(), split.classes.end());
  std::sort(out.classes.begin(), out.classes.end());
  out.classes.erase(std::unique(out.classes.begin(), out.classes.end()), out.classes.end());
  for (const auto& split : out.tree.splits)
    out.splits.push_back({split.name, split.folder, ClassFolders(split, out.classes)});
  for (const auto& split : out.splits)
    for (std::size_t i = 0; i < split.files.size(); ++i) try {
        std::byte head[16];  // the format stands in the first bytes
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
    rows.push_back({entry.path, entry.role, split == by_role.end() ? "" : grouped(split->second->files.size())});
  }
  if (rows.size() == 1 || source.splits[0].folder == folder)
    rows.push_back({"./", "split " + source.splits[0].name, grouped(source.splits[0].files.size())});
  std::vector<std::vector<std::string>> classes{{"class", "name"}};
  for (const auto& split : source.splits) classes[0].push_back(split.name);
  std::vector<std::vector<std::uint64_t>> counts(source.splits.size(),
                                                 std::vector<std::uint64_t>(source.classes.size()));
  for (std::size_t s = 0; s < source.splits.size(); ++s)
    for (std::size_t i = 0; i < source.splits[s].files.size(); ++i)
      ++counts[s][static_cast<std::size_t>(source.splits[s].files.class_of(i))];
  const std::size_t shown = all || source.classes.size() <= 24 ? source.classes.size() : 20;
  for (std::size_t c = 0; c < shown; ++c) {
    classes.push_back({std::to_string(c), source.classes[c]});
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

std::string text_of(ImageSize size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

/// One split: images are copied byte for byte.
void import_split(Writer& writer, const ImageSource::Split& split, const std::string& suffix, Sizes& sizes,
                  ProgressBar& bar) {
  const auto& files = split.files;
  std::vector<std::byte> buffer;
  bar.start("pack " + split.name, files.size());
  // Classes in turn within a shard would make a poor shuffle by shards: a fixed shuffle mixes them.
  const auto order = shuffled(static_cast<std::uint32_t>(files.size()), 0, 0);
  const auto first = writer.samples(split.name);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto image = files.read(order[i], buffer);
    sizes.add(image);
    const auto label = std::to_string(files.class_of(order[i]));
    writer.write(split.name, numbered(first + i),
                 {{suffix, image},
                  {"cls", std::as_bytes(std::span(label))},
                  {"txt", std::as_bytes(std::span(files.name(order[i])))}});
    bar.update(i + 1, std::string_view{});
  }
  bar.clear();
}

}  // namespace

std::vector<SampleField> import_images(const fs::path& folder, const fs::path& dataset, const ImportOptions& options) {
  const auto source = list_images(folder, options);
  print_source(folder, source, options.dry_run);
  if (options.dry_run) return {};
  if (options.write.append) require_same(dataset, "classes", source.classes);
  Output output(dataset, options.write);
  ProgressBar bar(options.write.progress);
  Sizes sizes;
  for (const auto& split : source.splits) import_split(*output, split, source.suffix, sizes, bar);
  if (options.classes.empty()) output->describe("classes", list_of(source.classes));
  describe_classes(*output, options);
  output.finish();
  std::string remark = formats_of(source);
  if (sizes.differ)
    remark += ", of " + text_of(sizes.least) + " to " + text_of(sizes.most) +
              " pixels: add quix::Resize or quix::RandomResizedCrop to augment";
  return {{"quix::Image<\"" + source.suffix + "\">", "image", remark},
          {"quix::Class<\"cls\">", "label", std::to_string(source.classes.size()) + " classes"}};
}

}  // namespace quix::tool
