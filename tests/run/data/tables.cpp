// CSV tables: their text, their classes, and the policy Files on them.
#include <check.hpp>

#include <cmath>

#include <quix/data.hpp>

using namespace quix;

namespace {

namespace fs = std::filesystem;

struct Row {
  Npy<"x", float> x;
  Npy<"height", float> height;
  Class<"kind"> kind;
  Key key;
};

template <class S, class F>
void each(const Split<S>& split, F&& f) {
  Loader<S> loader(split, {.batch_size = 2, .threads = 2});
  for (auto& batch : loader.epoch()) f(batch);
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
  CHECK_ERROR(read("a,b,a\n1,2,3\n"), "duplicate column a, as column 1 and column 3");
  CHECK_ERROR(read(",a,a\n0,2,3\n"), "duplicate column a, as column 2 and column 3");
  CHECK_ERROR(read("a;b\n1;2\n"), "separate columns by commas instead of ;");
  CHECK_ERROR(read("f1;label\n1,5;0\n2,5;1\n"),
              "t.csv: only one column, f1;label; separate columns by commas instead of ;",
              "write decimals with a point");
  const auto mac = read("a,b\r1,2\r\r\"x\ry\",4\r");
  CHECK(mac.rows.size() == 2 && mac.rows[0][1] == "2" && mac.rows[1][0] == "x\ry" && mac.lines[1] == 4);
  CHECK_ERROR(read("a,b\n1,2\n1,1e400\n").number(1, 1), "t.csv:3: column b holds 1e400, which is infinite");
  CHECK_ERROR(read("a,b\n-inf,2\n").number(0, 0), "t.csv:2: column a holds -inf");
  CHECK_EQ(read("a,b\n1,\nnan,2\n").remarks({0, 1}).at(0),
           "cells that are empty or nan, read as NaN: 2 (the first: line 2, column b)");
  CHECK(read("a,b\n1,\n3,2\n").remarks({0}).empty());
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
  CHECK_ERROR(classes("0\n1\nnan\n"), "t.csv:4: invalid class nan in column label");
  CHECK_ERROR(classes("0\n1e400\n1\n"), "t.csv:3: invalid class 1e400 in column label");
  CHECK_EQ(classes("nan\nroti\n1\n"), "1,2,0, 1 nan roti");  // words
  const auto training = read("label\n0.0\n1.0\n");
  const auto other = read("label\n1\n2.5\n");
  CHECK_EQ(CsvClasses(training, 0).number(other, 0, 0), 1);
  CHECK_ERROR(CsvClasses(training, 0).number(other, 1, 0), "t.csv:3: class 2.5 in column label not found");
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
  CHECK_ERROR(data.open("val"), "val.csv: column b not found; columns: kind, a, height");
  bad("kind,a,b,height,c\nbig,4,5,6,7\n");
  CHECK_ERROR(data.open("val"), "val.csv: unexpected column c, which ", "train.csv does not have");
  struct Kind {
    Class<"kind"> kind;
  };
  CHECK_EQ(Files<Kind>{.path = root}.open("val").size(), 1u);  // the others are not read
  const auto opened = data.open("train");
  CHECK(opened.remarks() == std::vector<std::string>({"cells that are empty or nan, read as NaN: 1 (the first: line 4, "
                                                      "column a)"}));
  bad("kind,a,b,height\nsmall,4,5,6\n");
  CHECK_ERROR(data.open("val"), "val.csv:2: class small in column kind not found in the training table");
  bad("kind,a,b,height\nbig,4,x,6\n");
  CHECK_ERROR(data.open("val"), "val.csv:2: expected a number in column b, got x");
  bad("kind,a,b\nbig,4,5\nbig,4\n");
  CHECK_ERROR(data.open("val"), "val.csv:3: has 2 cells, the header 3");
  bad("sort,a\nbig,4\n");
  CHECK_ERROR(data.open("val"), "val.csv", "column kind not found; columns: sort, a");
  bad("kind,a\n\"big,4\n");
  CHECK_ERROR(data.open("val"), "val.csv:2: unclosed quote");
  bad("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n");
  CHECK_ERROR(data.open("val"), "val.csv: a Git LFS pointer, not the file itself; fetch that with  git lfs pull");
  bad("kind,a\n");
  CHECK_ERROR(data.open("val"), "no rows below the header");
  bad("kind,a,b,height\nbig,im/0.png,5,6\n");
  CHECK_ERROR(data.open("val"), "val.csv: column a names images (im/0.png), and tables of images are not read");
  struct Wrong {
    Text<"txt"> text;
  };
  CHECK_ERROR(Files<Wrong>{.path = root}.open("train"), "a CSV table has no member txt");
}

}  // namespace

TESTS {
  const test::Folder folder("tables");
  tables(folder.path / "tables"), csv(folder.path / "csv");
  return 0;
}
