// What the writer writes: read by quix, by the system's tar, and byte for byte the same every time.
#include <check.hpp>

#include <clocale>
#include <cstdlib>

#include <quix/cfg/json.hpp>
#include <quix/data/dataset.hpp>
#include <quix/data/index.hpp>
#include <quix/data/tar_sink.hpp>
#include <quix/data/writer.hpp>
#include <quix/io/file.hpp>

using namespace quix;

namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

void fill(const std::filesystem::path& folder) {
  Writer writer(folder, {.max_samples = 2});
  for (int i = 0; i < 5; ++i) {
    const auto text = std::string(static_cast<std::size_t>(i) * 300, 'a' + static_cast<char>(i));
    writer.write("train", "dir/" + std::to_string(i), {{"txt", bytes(text)}, {"a.cls", bytes(std::to_string(i))}});
  }
  writer.write("val", std::string(300, 'k'), {{"txt", bytes("v")}, {"a.cls", bytes("1")}});
  writer.describe("classes", Node{.kind = Node::Kind::list, .items = {Node::quoted("x"), Node::quoted("y")}});
  writer.finish();
}

/// What is written is read by quix and by tar, and is the same the second time.
void read_back(const test::Folder& folder) {
  const auto set = folder.path / "set";
  fill(set);
  CHECK_EQ(
      io::read_text(set / "config.json"),
      R"({"train": "train_{0000..0002}.tar", "val": "val_{0000..0000}.tar", "extensions": ["a.cls", "txt"], "metadata": {"classes": ["x", "y"], "num_train": 5, "num_val": 1}})");
  const TarIndex index(find_shards(set, "train"), {{"txt", false}, {"a.cls", true}});
  CHECK_EQ(index.size(), 5u);
  CHECK_EQ(index.shards().size(), 3u);
  std::vector<std::byte> buffer;
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK_EQ(index.read(i, 0, buffer).size(), i * 300);
    CHECK_EQ(index.class_of(i, 1), static_cast<std::int64_t>(i));
    CHECK_EQ(index.key(i), "dir/" + std::to_string(i));
  }
  CHECK_EQ(TarIndex(find_shards(set, "val"), {{"txt", false}}).key(0), std::string(300, 'k'));
  CHECK_EQ(std::system(("tar -tf '" + (set / "train_0001.tar").string() +
                        "' | tr '\\n' ' ' | grep -qx 'dir/2.txt dir/2.a.cls dir/3.txt dir/3.a.cls '")
                           .c_str()),
           0);
  CHECK_EQ(io::read_text(set / "train_0000.tar").size() % 10240, 0u);

  CHECK_EQ(io::read_text(set / "train_0000.tar").substr(136, 11), "00000000000");  // 1970: not when it was written

  fill(folder.path / "again");
  CHECK(io::read_text(set / "train_0001.tar") == io::read_text(folder.path / "again/train_0001.tar"));
}

/// A shard is full when its members' data reach the limit.
void full_shards(const test::Folder& folder) {
  {
    Writer writer(folder.path / "full", {.max_bytes = 1'000});
    const std::string data(600, 'x');
    for (const char* key : {"a", "b", "c", "d", "e"}) writer.write("train", key, {{"txt", bytes(data)}});
    writer.finish();
  }
  const auto full = find_shards(folder.path / "full", "train");
  CHECK_EQ(full.size(), 3u);
  CHECK_EQ(TarIndex({full.at(0)}, {{"txt", false}}).size(), 2u);
  CHECK_EQ(TarIndex({full.at(2)}, {{"txt", false}}).size(), 1u);
}

/// Nothing half-written: a writer that is dropped leaves whole shards, and a config.json that names them.
void dropped_writer(const test::Folder& folder) {
  {
    Writer writer(folder.path / "dropped", {.max_samples = 1});
    for (const char* key : {"a", "b"}) writer.write("train", key, {{"txt", bytes("x")}});
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path / "dropped")) {
    ++files;
    CHECK(entry.path().filename() == "train_0000.tar" || entry.path().filename() == "config.json");
  }
  CHECK_EQ(files, 2u);
  const auto config = io::read_text(folder.path / "dropped/config.json");
  CHECK(config.find(R"("train_{0000..0000}.tar")") != config.npos && config.find(R"("num_train": 1})") != config.npos);
}

void open_shard_of_a_split(const test::Folder& folder) {
  {  // a split whose shard is open, when another split's is finished
    Writer writer(folder.path / "open", {.max_samples = 1});
    for (const auto& [split, key] : {std::pair{"val", "x"}, {"val", "y"}, {"train", "a"}, {"train", "b"}})
      writer.write(split, key, {{"txt", bytes("x")}});
    CHECK_EQ(writer.samples("val"), 2u);
  }
  CHECK(io::read_text(folder.path / "open/config.json").find(R"("num_val": 1,)") != std::string::npos);
}

void refused_names(const test::Folder& folder) {
  const auto set = folder.path / "set";
  CHECK_ERROR(Writer{set}, "contains a dataset already");
  Writer writer(folder.path / "bad");
  CHECK_ERROR(writer.write("train", "a.b", {{"txt", bytes("x")}}), "cannot be read back as key a.b");
  CHECK_ERROR(writer.write("train", "a", {{".txt", bytes("x")}}), "no leading dot");
  CHECK_ERROR(writer.write("train", "a", {}), "has no members");
  writer.write("train", "a", {{"txt", bytes("x")}});
  CHECK_ERROR(writer.write("train", "a", {{"txt", bytes("x")}}), "duplicate key a");
  CHECK_ERROR(Writer("/proc/nowhere/set"), "cannot be created");
  for (const std::string key : {"/etc/a", "../a", "a/../b", "..", ""})
    CHECK_ERROR(writer.write("train", key, {{"txt", bytes("x")}}), "bad");
  CHECK_ERROR(writer.write("train", "b", {{"t\xe9xt", bytes("x")}}), "the suffix of b.t\xe9xt is not UTF-8");
}

/// Names are bytes, whatever the locale and the encoding: short, of two parts, and long ones.
void names_are_bytes(const test::Folder& folder) {
  ::setlocale(LC_ALL, "C");
  const std::string long_name = "naïve/" + std::string(160, 'x') + "ß", latin = "na\xefve",
                    long_latin = latin + long_name;
  const std::vector<std::string> names{"naïve",
                                       "日本/画像",
                                       std::string(60, 'p') + "/é" + std::string(90, 'q'),
                                       long_name,
                                       latin,
                                       long_latin,
                                       "a \"b\"\\\n",
                                       std::string(100, 'k')};
  {
    Writer other(folder.path / "names");
    for (const auto& name : names) other.write("naïf", name, {{"txt", bytes(name)}, {"cls", bytes("1")}});
    other.finish();
  }
  const auto shards = find_shards(folder.path / "names", "naïf");
  const TarIndex scan(shards, {{"txt", false}});
  CHECK_EQ(scan.size(), names.size());
  std::vector<std::byte> buffer;
  for (std::size_t i = 0; i < scan.size(); ++i) {
    CHECK_EQ(scan.key(i), names[i]);
    const auto data = scan.read(i, 0, buffer);
    CHECK_EQ(std::string(reinterpret_cast<const char*>(data.data()), data.size()), names[i]);
  }
  CHECK_EQ(TarIndex::parse_json(folder.path / "names/naïf.idx.json"), 2 * names.size());
  // GNU tar unpacks each name to the same bytes.
  if (std::filesystem::create_directories(folder.path / "unpacked");
      std::system(
          ("tar --no-same-owner -C '" + (folder.path / "unpacked").string() + "' -xf '" + shards[0].string() + "'")
              .c_str()) == 0)
    for (const auto& name : names) CHECK_EQ(io::read_text(folder.path / "unpacked" / (name + ".txt")), name);
}

/// A full disk: the file and the reason, and nothing half-written. /dev/full is one.
void full_disk() {
  CHECK_ERROR(
      [] {
        TarSink disk("/dev/full");
        disk.add("a.txt", bytes(std::string(3 << 20, 'x')), 0);
      }(),
      "/dev/full: cannot be written: No space left on device");
  TarSink disk("/dev/full");
  disk.add("a.txt", bytes("x"), 0);
  CHECK_ERROR(disk.close(), "/dev/full: cannot be written: No space left on device");
  CHECK_ERROR(disk.add("b.txt", bytes("x"), 0), "/dev/full: an earlier write failed");
  CHECK_ERROR(disk.close(), "/dev/full: an earlier write failed");
}

}  // namespace

TESTS {
  const test::Folder folder("writer");
  read_back(folder);
  full_shards(folder);
  dropped_writer(folder);
  open_shard_of_a_split(folder);
  refused_names(folder);
  names_are_bytes(folder);
  full_disk();
  return 0;
}
