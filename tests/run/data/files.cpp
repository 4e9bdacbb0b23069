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
  bad("kind,a\n");
  CHECK_ERROR(data.open("val"), "holds no rows below a header");
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
  folders(folder.path / "folders"), csv(folder.path / "csv"), idx(folder.path / "idx"), tensors(folder.path / "pt");
  return 0;
}
