// Sources that are no tar shards: class folders, CSV, IDX, safetensors and .pt, all by the policy Files.
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
struct Row {
  Npy<"x", float> x;
  Npy<"height", float> height;
  Class<"kind"> kind;
  Key key;
};
struct Pair {
  Npy<"x", float> x;
  Class<"y"> y;
};

template <class S, class F>
void each(const Fold<S>& fold, F&& f) {
  Loader<S> loader(fold, {.batch_size = 2, .threads = 2});
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
  auto fold = data.open("train");
  fold.augment(sample_transform(crop));
  each(fold, [](auto& batch) { CHECK_EQ(batch.image.shape()[3], 4); });
  CHECK_EQ(data.order(fold, 1, 2).size(), 3u);
  // Bad input.
  put("valid/bird/1.png", 4);
  CHECK_ERROR(data.open("val"), "bird", "is a class that the training folder does not have");
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
  CHECK_ERROR(Files<Picture3>{.path = root / "train/cat"}.open("train"), "holds no fold train", "folders of classes");
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
  CHECK_ERROR(Files<Picture3>{.path = root / "flat"}.open("train"), "contains images without class directories");
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
  CHECK_ERROR(ClassFolders(root / "spelled/Training", {"Cat", "dog"}), "is a class that the training folder",
              "did you mean Cat?");
  // Class directories win over a table next to them, unless it names images that exist.
  at = root / "spelled";
  for (const auto* name : {"train.csv", "train_labels.csv"}) {
    io::Sink(at / name).write("id,label\n1,cat\n");
    CHECK(find_source(at, "train").kind == FoldSource::Kind::folders);
    io::Sink(at / name).write("file,label\nno/1.png,cat\n");
    CHECK(find_source(at, "train").kind == FoldSource::Kind::folders);
    io::Sink(at / name).write("file,label\ncat/1.png,cat\n");
    CHECK_ERROR(find_source(at, "train"), name, "names images that also lie in class directories",
                "write --format folders");
    CHECK(find_source(at, "train", {}, FoldSource::Kind::csv).kind == FoldSource::Kind::csv);
    CHECK_EQ(Files<Picture3>({.path = at, .format = FoldSource::Kind::folders}).open("train").size(), 2u);
    fs::remove(at / name);
  }
  io::Sink(root / "flat/train_labels.csv").write("file,label\n1.png,3\n");
  CHECK(find_source(root / "flat", "train").kind == FoldSource::Kind::csv);
}

void tables(const fs::path& root) {
  fs::create_directories(root);
  const auto read = [&](const std::string& text) {
    io::Sink(root / "t.csv").write(text);
    return read_csv(root / "t.csv");
  };
  const auto columns = [&](const std::string& text) {
    std::string out;
    for (const auto& name : read(text).columns) out += name + "|";
    return out;
  };
  CHECK_EQ(columns(",a,b\n0,1,2\n1,3,4\n"), "a|b|");            // pandas: to_csv
  CHECK_EQ(columns("Unnamed: 0,a,b\n7,1,2\n3,3,4\n"), "a|b|");  // and once more
  CHECK_EQ(columns("a,b,\n1,2,\n3,4,\n"), "a|b|");
  CHECK_EQ(columns("a,b,\n1,2\n3,4\n"), "a|b|");
  CHECK_EQ(columns("a,b\n1,2,\n3,4,\n"), "a|b|");
  CHECK_EQ(columns(" a , b\n1, 2\n"), "a|b|");
  CHECK_EQ(columns("\"a\" ,\" b\"\n1,2\n"), "a| b|");
  CHECK_EQ(read(",a\n0,1\n").rows[0][0], "1");
  CHECK(read(",a\n0,1\n").has_index && !read("a\n1\n").has_index);
  CHECK_ERROR(read(",a\nx,1\n"), "t.csv: column 1 has no name");
  CHECK_ERROR(read("a,,b\n1,2,3\n"), "t.csv: column 2 has no name");
  CHECK_ERROR(read("a,b,a\n1,2,3\n"), "has the column a twice, as column 1 and column 3");
  CHECK_ERROR(read(",a,a\n0,2,3\n"), "has the column a twice, as column 2 and column 3");
  CHECK_ERROR(read("a;b\n1;2\n"), "separate columns by commas instead of ;");
  CHECK_ERROR(read("f1;label\n1,5;0\n2,5;1\n"),
              "t.csv: has one column, f1;label; separate columns by commas instead of ;",
              "write decimals with a point");
  const auto mac = read("a,b\r1,2\r\r\"x\ry\",4\r");
  CHECK(mac.rows.size() == 2 && mac.rows[0][1] == "2" && mac.rows[1][0] == "x\ry" && mac.lines[1] == 4);
  CHECK_ERROR(read("a,b\n1,2\n1,1e400\n").number(1, 1), "t.csv:3: column b holds 1e400, which is infinite");
  CHECK_ERROR(read("a,b\n-inf,2\n").number(0, 0), "t.csv:2: column a holds -inf");
  CHECK_EQ(read("a,b\n1,\nnan,2\n").missing({0, 1}),
           "cells that are empty or nan, read as NaN: 2 (the first: line 2, column b)");
  CHECK_EQ(read("a,b\n1,\n3,2\n").missing({0}), "");
  CHECK_ERROR(read(std::string("\xff\xfe"
                               "a\0,\0",
                               6)),
              "save it as UTF-8");
  CHECK_ERROR(read("a,b\n1,2,3\n"), "t.csv:2: has 3 cells, the header 2");
  const auto latin = read(
      "gr\xf6\xdf"
      "e,preis\x80\n1,2\n");
  CHECK_EQ(latin.columns[0], "größe");
  CHECK_EQ(latin.columns[1], "preis€");
  CHECK(!latin.is_utf8 && read("größe\n1\n").is_utf8);
  CHECK_EQ(columns("größe\n1\n"), "größe|");

  const auto classes = [&](const std::string& cells) {
    const auto table = read("label\n" + cells);
    const CsvClasses found(table, 0);
    std::string out;
    for (std::size_t r = 0; r < table.rows.size(); ++r) out += std::to_string(found.number(table, r, 0)) + ",";
    for (const auto& name : found.names()) out += " " + name;
    return out;
  };
  CHECK_EQ(classes("10.0\n0.0\n2.0\n"), "10,0,2,");
  CHECK_EQ(classes("10\n0\n2.\n"), "10,0,2,");
  CHECK_EQ(classes("10\n-1\n9\n1e1\n"), "2,0,1,2, -1 9 10");
  CHECK_EQ(classes("0.5\n10.5\n2.5\n"), "0,2,1, 0.5 2.5 10.5");
  CHECK_EQ(classes("b\na\n10\n"), "2,1,0, 10 a b");
  const auto zeros = read("label\n01\n1\n2\n001\n03\n");
  CHECK(CsvClasses(zeros, 0).merged() == std::vector<std::string>({"column label: 001, 01 and 1 are one class"}));
  CHECK(CsvClasses(read("label\n01\n02\nx\n1\n"), 0).merged().empty());
  CHECK_ERROR(classes("0\n1\nnan\n"), "t.csv:4: has in column label no class but nan");
  CHECK_ERROR(classes("0\n1e400\n1\n"), "t.csv:3: has in column label no class but 1e400");
  CHECK_EQ(classes("nan\nroti\n1\n"), "1,2,0, 1 nan roti");  // words
  const auto training = read("label\n0.0\n1.0\n");
  const auto other = read("label\n1\n2.5\n");
  CHECK_EQ(CsvClasses(training, 0).number(other, 0, 0), 1);
  CHECK_ERROR(CsvClasses(training, 0).number(other, 1, 0), "t.csv:3: has in column label the class 2.5");
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
  const auto open = [] { return Fold<Number>("set", "train").size(); };
  CHECK_ERROR(open(), "set: contains no data to read and hides data/set", "name data/set, or rename set");
  CHECK_ERROR(find_dataset("set"), "hides data/set");
  fs::rename("data/set/train_0000.tar", "set/train_0000.tar");
  CHECK_EQ(find_dataset("set"), "set");
  fs::create_directories("raw"), fs::create_directories("data/raw");
  io::Sink("data/raw/train.csv").write("x,y\n1,0\n");
  CHECK_ERROR(Files<Pair>{.path = "raw"}.open("train"), "raw: contains no data to read and hides data/raw");
  io::Sink("raw/train.csv").write("x,y\n1,0\n");
  CHECK_EQ(Files<Pair>{.path = "raw"}.open("train").size(), 1u);
  fs::current_path(old);
}

void csv(const fs::path& root) {
  fs::create_directories(root);
  io::Sink(root / "train.csv")
      .write(
          "\xef\xbb\xbf"
          "a,kind,height,b\r\n1,\"big, red\",0.5,2\r\n\r\n,\"a \"\"b\"\"\",1,-3e2\r\n7,big,2,8");
  io::Sink(root / "val.csv").write("kind,a,b,height\nbig,4,5,6\n");
  const Files<Row> data{.path = root};
  std::vector<float> x, height;
  std::vector<std::int64_t> kinds;
  std::string keys;
  each(data.open("train"), [&](auto& batch) {
    CHECK_EQ(batch.x.shape()[1], 2);
    for (std::size_t i = 0; i < batch.size; ++i) {
      x.push_back(batch.x.template data<float>()[2 * i]), x.push_back(batch.x.template data<float>()[2 * i + 1]);
      height.push_back(batch.height.template data<float>()[i]);
      kinds.push_back(batch.kind.template data<std::int64_t>()[i]);
      keys += batch.key[i];
    }
  });
  CHECK(x[0] == 1 && x[1] == 2 && std::isnan(x[2]) && x[3] == -300 && x[4] == 7 && x[5] == 8);
  CHECK(height == std::vector<float>({0.5f, 1, 2}));
  CHECK(kinds == std::vector<std::int64_t>({2, 0, 1}));  // a "b", big, "big, red"
  CHECK_EQ(keys, "012");
  each(data.open("val"), [&](auto& batch) {
    CHECK_EQ(batch.kind.template data<std::int64_t>()[0], 1);  // numbered as in training
    CHECK_EQ(batch.x.template data<float>()[1], 5.0f);
  });
  const auto bad = [&](const char* text) { io::Sink(root / "val.csv").write(text); };
  // Columns are matched by name.
  bad("b,height,kind,a\n5,6,big,4\n");
  each(data.open("val"), [&](auto& batch) {
    CHECK(batch.x.template data<float>()[0] == 4 && batch.x.template data<float>()[1] == 5);
    CHECK_EQ(batch.height.template data<float>()[0], 6.0f);
  });
  bad("kind,a,height\nbig,4,6\n");
  CHECK_ERROR(data.open("val"), "val.csv: has no column b; there are kind, a, height");
  bad("kind,a,b,height,c\nbig,4,5,6,7\n");
  CHECK_ERROR(data.open("val"), "val.csv: has the column c, which ", "train.csv does not have");
  struct Kind {
    Class<"kind"> kind;
  };
  CHECK_EQ(Files<Kind>{.path = root}.open("val").size(), 1u);  // the others are not read
  const auto opened = data.open("train");
  CHECK(opened.remarks() == std::vector<std::string>({"cells that are empty or nan, read as NaN: 1 (the first: line 4, "
                                                      "column a)"}));
  bad("kind,a,b,height\nsmall,4,5,6\n");
  CHECK_ERROR(data.open("val"),
              "val.csv:2: has in column kind the class small, which the training table does not have");
  bad("kind,a,b,height\nbig,4,x,6\n");
  CHECK_ERROR(data.open("val"), "val.csv:2: expected a number in column b, got x");
  bad("kind,a,b\nbig,4,5\nbig,4\n");
  CHECK_ERROR(data.open("val"), "val.csv:3: has 2 cells, the header 3");
  bad("sort,a\nbig,4\n");
  CHECK_ERROR(data.open("val"), "val.csv", "has no column kind; there are sort, a");
  bad("kind,a\n\"big,4\n");
  CHECK_ERROR(data.open("val"), "val.csv:2: has a quote without an end");
  bad("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n");
  CHECK_ERROR(data.open("val"), "val.csv: is a Git LFS pointer, not the file itself; fetch that with  git lfs pull");
  bad("kind,a\n");
  CHECK_ERROR(data.open("val"), "holds no rows below a header");
  bad("kind,a,b,height\nbig,im/0.png,5,6\n");
  CHECK_ERROR(data.open("val"), "val.csv: names images in column a (im/0.png), and a table of images is not read");
  struct Wrong {
    Text<"txt"> text;
  };
  CHECK_ERROR(Files<Wrong>{.path = root}.open("train"), "a CSV table has no member txt");
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
  CHECK_ERROR(data.open("train"), "holds no labels-idx1-ubyte of the fold train");
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
  CHECK_ERROR(Files<Pair>{.path = root}.open("val"), "val.pt", "has no tensor y; there are x");
}

}  // namespace

TESTS {
  const test::Folder folder("files");
  trees(folder.path / "trees"), tables(folder.path / "tables"), hidden(folder.path / "hidden");
  folders(folder.path / "folders"), csv(folder.path / "csv"), idx(folder.path / "idx"), tensors(folder.path / "pt");
  return 0;
}
