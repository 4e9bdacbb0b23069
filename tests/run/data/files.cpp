// Sources other than tar shards by the policy Files: class directories, IDX, safetensors and .pt. CSV: tables.cpp.
#include <check.hpp>

#include <cmath>
#include <cstdlib>

#include <quix/data.hpp>

using namespace quix;

namespace {

namespace fs = std::filesystem;

struct Picture3 {
  Image<"any"> image;
  Class<"cls"> label;
  Key key;
};
struct Digit {
  Image<"image", gray> image;
  Class<"label"> label;
};
struct Pair {
  Npy<"x", float> x;
  Class<"y"> y;
};

template <class S, class F>
void each(const Split<S>& split, F&& f) {
  Loader<S> loader(split, {.batch_size = 2, .threads = 2});
  for (auto& batch : loader.epoch()) f(batch);
}

void folders(const fs::path& root) {
  const auto put = [&](const fs::path& name, unsigned char value) {
    fs::create_directories((root / name).parent_path());
    const std::vector<std::byte> pixels(2 * 3 * 3, static_cast<std::byte>(value));
    const auto png = encode_png(pixels.data(), rgb, {.width = 2, .height = 3});
    io::Sink(root / name).write(png.data(), png.size());
  };
  put("train/cat/b.png", 1), put("train/cat/a.PNG", 2), put("train/dog/deep/z.png", 3), put("valid/dog/1.png", 4);
  put("train/cat/.hidden", 9);
  const Files<Picture3> data{.path = root};
  CHECK(data.has("train") && data.has("val") && !data.has("other"));
  std::vector<std::string> seen;
  each(data.open("train"), [&](auto& batch) {
    for (std::size_t i = 0; i < batch.size; ++i)
      seen.push_back(batch.key[i] + "=" + std::to_string(batch.label.template data<std::int64_t>()[i]) + "," +
                     std::to_string(static_cast<int>(batch.image.data()[i * 18])));
  });
  CHECK(seen == std::vector<std::string>({"cat/a=0,2", "cat/b=0,1", "dog/deep/z=1,3"}));
  each(data.open("val"), [&](auto& batch) { CHECK_EQ(batch.label.template data<std::int64_t>()[0], 1); });
  // In the order of training, and augmented.
  struct Crop {
    RandomResizedCrop crop{.size = 4};
  } crop;
  auto split = data.open("train");
  split.augment(sample_transform(crop));
  each(split, [](auto& batch) { CHECK_EQ(batch.image.shape()[3], 4); });
  CHECK_EQ(data.order(split, 1, 2).size(), 3u);
  // Bad input.
  put("valid/bird/1.png", 4);
  CHECK_ERROR(data.open("val"), "bird", "class not found in the training directory");
  io::Sink(root / "train/dog/broken.jpg").write("no image");
  const auto broken = data.open("train");
  CHECK_ERROR(each(broken, [](auto&) {}), "broken.jpg");
  struct Two {
    Image<"a"> a;
    Mask<"seg8", std::int64_t> b;
  };
  CHECK_ERROR(Files<Two>{.path = root}.open("train"), "cannot be both a and seg8");
  // A folder with validation alone has no training images: val/ is not a class.
  fs::create_directories(root / "other/val/cat");
  fs::copy(root / "train/cat/b.png", root / "other/val/cat/b.png");
  CHECK(!Files<Picture3>{.path = root / "other"}.has("train") && Files<Picture3>{.path = root / "other"}.has("val"));
  fs::remove_all(root / "other");
  // Without train/, the folder's own folders are its classes.
  CHECK_EQ(Files<Picture3>{.path = root / "train"}.open("train").size(), 4u);
  CHECK_ERROR(Files<Picture3>{.path = root / "train/cat"}.open("train"), "split train not found", "class directories");
}

std::string split_names(const fs::path& root, const TreeOptions& options = {}) {
  std::string out;
  for (const auto& split : find_class_tree(root, options).splits) {
    out += (out.empty() ? "" : " ") + split.name + ":" + split.folder.lexically_relative(root).generic_string() + "[";
    for (const auto& name : split.classes) out += name + ",";
    out += split.flat ? "flat]" : "]";
  }
  return out;
}

void trees(const fs::path& root) {
  const auto put = [](const fs::path& path) {
    fs::create_directories(path.parent_path());
    const std::vector<std::byte> pixels(3, std::byte{1});
    const auto png = encode_png(pixels.data(), rgb, {1, 1});
    io::Sink(path).write(png.data(), png.size());
  };
  // Spellings and case, and what is not data at any depth.
  auto at = root / "spelled";
  put(at / "Training/cat/1.png"), put(at / "Training/dog/a/2.PNG"), put(at / "Val/dog/3.png");
  put(at / "test_set/cat/4.png"), put(at / "__MACOSX/Training/cat/5.png"), put(at / "Training/.cache/6.png");
  put(at / "Training/cat/._1.png"), put(at / "Training/cat/.trash/7.png"), put(at / "lost+found/8.png");
  put(at / "Training/dog/__MACOSX/9.png");
  CHECK_EQ(split_names(at), "train:Training[cat,dog,] val:Val[dog,] test:test_set[cat,]");
  const Files<Picture3> data{.path = at};
  const auto open = data.open("train");
  CHECK_EQ(open.size(), 2u);
  CHECK_EQ(open.key(1), "dog/a/2");
  CHECK_EQ(data.open("val").size(), 1u);
  CHECK_EQ(data.open("test").size(), 1u);
  for (const auto* name : {"train", "TRAIN", "Training", "train_images", "TrainSet", "trainset", "train-2017", "trn"})
    CHECK_EQ(split_of_name(name), "train");
  for (const auto* name : {"val", "Valid", "VALIDATION", "val_set", "valid2", "dev", "Evaluation"})
    CHECK_EQ(split_of_name(name), "val");
  for (const auto* name : {"test", "Testing", "test_set", "test images"}) CHECK_EQ(split_of_name(name), "test");
  for (const auto* name : {"train_station", "bullet_train", "test tube", "values", "trainer", "develop", "2017", ""})
    CHECK_EQ(split_of_name(name), "");
  // Wrapping directories, and images next to annotations.
  put(root / "wrapped/archive/v1/TRAIN/a/1.png"), put(root / "wrapped/archive/v1/valid/a/1.png");
  io::Sink(root / "wrapped/README.txt").write("text");
  CHECK_EQ(split_names(root / "wrapped"), "train:archive/v1/TRAIN[a,] val:archive/v1/valid[a,]");
  put(root / "intel/seg_train/seg_train/sea/1.png"), put(root / "intel/seg_test/seg_test/sea/1.png");
  put(root / "intel/seg_pred/seg_pred/1.png");
  CHECK_ERROR(split_names(root / "intel"), "other directories of images: seg_pred", "--ignore seg_pred",
              "--map test=seg_pred", "--map train=.");
  CHECK_EQ(split_names(root / "intel", {.map = {}, .ignore = {"seg_pred"}}),
           "train:seg_train/seg_train[sea,] test:seg_test/seg_test[sea,]");
  put(root / "pets/images/pug/1.png"), put(root / "pets/images/lab/1.png"),
      put(root / "pets/annotations/trimaps/1.png");
  CHECK_EQ(split_names(root / "pets"), "train:images[lab,pug,]");
  put(root / "voc/images/train/a/1.png"), put(root / "voc/images/val/a/1.png");
  fs::create_directories(root / "voc/labels"), io::Sink(root / "voc/labels/1.xml").write("<a/>");
  CHECK_EQ(split_names(root / "voc"), "train:images/train[a,] val:images/val[a,]");
  // Ambiguity, and what settles it.
  put(root / "twice/train/a/1.png"), put(root / "twice/Training/a/1.png");
  CHECK_ERROR(split_names(root / "twice"), "Training/ and train/ could both be the split train", "--map train=train",
              "--ignore Training");
  CHECK_EQ(split_names(root / "twice", {.map = {{"train", "Training"}}, .ignore = {}}), "train:Training[a,]");
  CHECK_EQ(Files<Picture3>({.path = root / "twice", .ignore = {"train"}}).open("train").size(), 1u);
  put(root / "traffic/train/1.png"), put(root / "traffic/bus/1.png"), put(root / "traffic/car/1.png");
  CHECK_ERROR(split_names(root / "traffic"), "contains the split train/ and other directories of images: bus, car");
  CHECK_EQ(split_names(root / "traffic", {.map = {{"train", "."}}, .ignore = {}}), "train:.[bus,car,train,]");
  CHECK_ERROR(split_names(root / "traffic", {.map = {{"val", "held"}}, .ignore = {}}), "--map val=held",
              "directory not found", "bus, car, train");
  CHECK_ERROR(split_names(root / "traffic", {.map = {}, .ignore = {"bux"}}), "--ignore bux", "directory not found");
  // Splits below a directory that is none.
  put(root / "inverted/a/train/1.png"), put(root / "inverted/a/val/1.png"), put(root / "inverted/b/train/1.png");
  CHECK_ERROR(Files<Picture3>{.path = root / "inverted"}.open("train"), "inverted: a/train/ has the name of a split",
              "--map train=.", "or move it: train/a/");
  CHECK_EQ(split_names(root / "inverted", {.map = {{"train", "."}}, .ignore = {}}), "train:.[a,b,]");
  // Images without classes.
  put(root / "flat/train/1.png"), put(root / "flat/val/1.png"), put(root / "flat/test/1.png");
  CHECK_EQ(split_names(root / "flat"), "train:train[flat] val:val[flat]");
  CHECK_ERROR(Files<Picture3>{.path = root / "flat"}.open("train"), "images without class directories");
  // Images of several sizes.
  put(root / "sizes/a/1.png"), put(root / "sizes/a/2.png");
  const std::vector<std::byte> pixels(6, std::byte{1});
  const auto wide = encode_png(pixels.data(), rgb, {2, 1});
  io::Sink(root / "sizes/a/2.png").write(wide.data(), wide.size());
  CHECK_ERROR(each(Files<Picture3>{.path = root / "sizes"}.open("train"), [](auto&) {}), "the image is 2x1",
              "add quix::Resize");
  // What is left out is counted by cause.
  at = root / "odd";
  put(at / "a/1.png"), put(at / "b/1.jpeg"), put(at / "2.png");
  for (const auto* name : {"a/x.gif", "a/deep/y.GIF", "b/list.txt", "b/Makefile"}) {
    fs::create_directories((at / name).parent_path());
    io::Sink(at / name).write("text");
  }
  fs::create_directories(at / "empty"), io::Sink(at / "empty/z.txt").write("text");
  fs::create_directory_symlink(root / "spelled", at / "a/more"), fs::create_symlink("nothing", at / "b/gone.png");
  fs::create_directory_symlink("..", at / "up");
  const auto tree = find_class_tree(at);
  CHECK(tree.splits[0].classes == std::vector<std::string>({"a", "b"}));
  std::string left, roles;
  const ClassFolders folders(tree.splits[0], tree.splits[0].classes);
  for (const auto& one : folders.left_out()) left += std::to_string(one.count) + " " + one.cause + "; ";
  CHECK_EQ(left,
           "2 files of type .gif; 1 files of type .txt; 1 files without a suffix; 1 images outside of class "
           "directories; 1 linked directories; 1 links to nothing; ");
  for (const auto& entry : tree.entries) roles += entry.path + " " + entry.role + "; ";
  CHECK_EQ(roles, "up/ left out: links to a directory that contains it; empty/ left out: no images; ");
  CHECK_EQ(folders.size(), 2u);
  std::string remarks;
  const auto opened = Files<Picture3>{.path = at}.open("train");
  for (const auto& one : opened.remarks()) remarks += one + "\n";
  for (const auto* part : {"left out: files of type .gif: 2 (the first: ", "odd/a/deep/y.GIF)\n",
                           "linked directories: 1 (", "directories, no images: 1 (", "odd/empty/)"})
    if (remarks.find(part) == remarks.npos) test::fail(__FILE__, __LINE__, part, remarks.c_str());
  CHECK_ERROR(ClassFolders(root / "spelled/Training", {"Cat", "dog"}), "class not found in the training directory",
              "did you mean Cat?");
  // Class directories win over a table next to them, unless it names images that exist.
  at = root / "spelled";
  for (const auto* name : {"train.csv", "train_labels.csv"}) {
    io::Sink(at / name).write("id,label\n1,cat\n");
    CHECK(find_source(at, "train").kind == SplitSource::Kind::folders);
    io::Sink(at / name).write("file,label\nno/1.png,cat\n");
    CHECK(find_source(at, "train").kind == SplitSource::Kind::folders);
    io::Sink(at / name).write("file,label\ncat/1.png,cat\n");
    CHECK_ERROR(find_source(at, "train"), name, "names images that are also in class directories",
                "write --format folders");
    CHECK(find_source(at, "train", {}, SplitSource::Kind::csv).kind == SplitSource::Kind::csv);
    CHECK_EQ(Files<Picture3>({.path = at, .format = SplitSource::Kind::folders}).open("train").size(), 2u);
    fs::remove(at / name);
  }
  io::Sink(root / "flat/train_labels.csv").write("file,label\n1.png,3\n");
  CHECK(find_source(root / "flat", "train").kind == SplitSource::Kind::csv);
}

/// A raw directory that lies before a dataset of the same name.
void hidden(const fs::path& root) {
  const auto old = fs::current_path();
  fs::create_directories(root / "set"), fs::create_directories(root / "data");
  io::Sink(root / "set/readme.txt").write("raw");
  fs::current_path(root);
  {
    Writer writer("data/set");
    writer.write("train", "0", {{"cls", std::as_bytes(std::span("3", 1))}});
    writer.finish();
  }
  struct Number {
    Class<"cls"> label;
  };
  const auto open = [] { return Split<Number>("set", "train").size(); };
  CHECK_ERROR(open(), "set: no data to read, but hides data/set", "name data/set, or rename set");
  CHECK_ERROR(find_dataset("set"), "hides data/set");
  fs::rename("data/set/train_0000.tar", "set/train_0000.tar");
  CHECK_EQ(find_dataset("set"), "set");
  fs::create_directories("raw"), fs::create_directories("data/raw");
  io::Sink("data/raw/train.csv").write("x,y\n1,0\n");
  CHECK_ERROR(Files<Pair>{.path = "raw"}.open("train"), "raw: no data to read, but hides data/raw");
  io::Sink("raw/train.csv").write("x,y\n1,0\n");
  CHECK_EQ(Files<Pair>{.path = "raw"}.open("train").size(), 1u);
  fs::current_path(old);
}

void idx(const fs::path& root) {
  fs::create_directories(root);
  io::Sink(root / "train-images-idx3-ubyte")
      .write(std::string("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"
                         "abcdef",
                         22));
  io::Sink(root / "train-labels-idx1-ubyte").write(std::string("\0\0\x08\x01\0\0\0\x02\x07\x01", 10));
  const Files<Digit> data{.path = root};
  CHECK(data.has("train") && !data.has("val"));
  each(data.open("train"), [](auto& batch) {
    CHECK_EQ(batch.image.shape(), Dims({2, 1, 1, 3}));
    CHECK_EQ(std::string(reinterpret_cast<const char*>(batch.image.data()), 6), "abcdef");
    CHECK_EQ(batch.label.template data<std::int64_t>()[0], 7);
  });
  // val is MNIST's second half, t10k.
  io::Sink(root / "t10k-images-idx3-ubyte").write(std::string("\0\0\x08\x03\0\0\0\x01\0\0\0\x01\0\0\0\x03xyz", 19));
  io::Sink(root / "t10k-labels-idx1-ubyte").write(std::string("\0\0\x08\x01\0\0\0\x01\x05", 9));
  CHECK(data.has("val"));
  each(data.open("val"), [](auto& batch) {
    CHECK_EQ(batch.size, 1u);
    CHECK_EQ(std::string(reinterpret_cast<const char*>(batch.image.data()), 3), "xyz");
    CHECK_EQ(batch.label.template data<std::int64_t>()[0], 5);
  });
  fs::remove(root / "train-labels-idx1-ubyte");
  CHECK_ERROR(data.open("train"), "labels-idx1-ubyte of the split train not found");
}

void tensors(const fs::path& root) {
  const fs::path golden = fs::path(std::getenv("QUIX_GOLDEN")) / "pt";
  fs::create_directories(root);
  for (const auto* name : {"list.pt", "dataset.pt"}) {
    fs::copy_file(golden / name, root / "train_tensor_20210304.pt", fs::copy_options::overwrite_existing);
    std::vector<float> x;
    std::vector<std::int64_t> y;
    each(Files<Pair>{.path = root}.open("train"), [&](auto& batch) {
      for (std::size_t i = 0; i < batch.size * 2; ++i) x.push_back(batch.x.template data<float>()[i]);
      for (std::size_t i = 0; i < batch.size; ++i) y.push_back(batch.y.template data<std::int64_t>()[i]);
    });
    CHECK(x == std::vector<float>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    CHECK(y == std::vector<std::int64_t>({0, 1, 2, 1, 0}));
  }
  fs::copy_file(golden / "protocol4.pt", root / "val.pt");
  CHECK_ERROR(Files<Pair>{.path = root}.open("val"), "val.pt", "tensor y not found; tensors: x");
}

}  // namespace

TESTS {
  const test::Folder folder("files");
  trees(folder.path / "trees"), hidden(folder.path / "hidden"), folders(folder.path / "folders");
  idx(folder.path / "idx"), tensors(folder.path / "pt");
  return 0;
}
