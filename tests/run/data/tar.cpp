// Archives by other programs (GNU tar in three formats), and damaged ones.
#include <check.hpp>

#include <cstdlib>
#include <fstream>

#include <quix/data.hpp>

using namespace quix;

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

std::string text(const TarIndex& index, std::size_t sample, std::size_t column) {
  std::vector<std::byte> buffer;
  const auto bytes = index.read(sample, column, buffer);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) test::fail(__FILE__, __LINE__, command);
}

void other_programs(const std::filesystem::path& folder, const std::filesystem::path& in) {
  const std::string deep(140, 'd'), large(100'000, 'x');
  write(in / "a.txt", "alpha");
  write(in / "a.cls", "3\n");
  write(in / "a.seg.png", "mask");
  write(in / "sub/b.txt", large);
  write(in / "sub/b.cls", " 7 ");
  write(in / deep / "c.txt", "");
  write(in / deep / "c.cls", "-1");
  write(in / "incomplete.txt", "no class");
  write(in / "README", "no dot: no member");
  for (const std::string format : {"gnu", "pax", "ustar"}) {
    const auto tar = folder / (format + ".tar");
    shell("cd '" + in.string() + "' && tar --no-recursion --format=" + format + " -cf '" + tar.string() +
          "' a.txt a.cls a.seg.png README sub sub/b.txt sub/b.cls " + deep + "/c.txt " + deep +
          "/c.cls incomplete.txt");
    const TarIndex index({tar}, {{"txt", false}, {"cls", true}});
    CHECK_EQ(index.size(), 3u);
    CHECK_EQ(index.left_out(), 1u);
    CHECK_EQ(text(index, 0, 0), "alpha");
    CHECK_EQ(index.class_of(0, 1), 3);
    CHECK(text(index, 1, 0) == large);
    CHECK_EQ(index.class_of(1, 1), 7);
    CHECK_EQ(text(index, 2, 0), "");
    CHECK_EQ(index.class_of(2, 1), -1);
    CHECK_EQ(index.key(0), "a");
    CHECK_EQ(index.key(1), "sub/b");
    CHECK_EQ(index.key(2), deep + "/c");
    CHECK_EQ(TarIndex({tar}, {{"seg.png", false}}).size(), 1u);
    CHECK_EQ(TarIndex({tar, tar}, {{"txt", false}}).size(), 8u);
    CHECK_ERROR(TarIndex({tar}, {{"jpg", false}}), "no sample has all of the members jpg", "txt, cls, seg.png");
  }
}

/// Folders are passed over.
void member_by_member(const std::filesystem::path& folder) {
  TarStream stream(folder / "gnu.tar");
  std::string names;
  while (stream.next()) names += stream.name().substr(0, 5) + std::to_string(stream.bytes().size()) + " ";
  CHECK_EQ(names, "a.txt5 a.cls2 a.seg4 READM17 sub/b100000 sub/b3 ddddd0 ddddd2 incom8 ");
}

/// By GNU's and by POSIX's means, and a size in base 256.
void long_names(const std::filesystem::path& folder, const std::filesystem::path& in) {
  const auto name = folder / "long.tar";
  const std::string component(120, 'n');
  write(in / component / "k.txt", "long");
  for (const std::string format : {"gnu", "pax"}) {
    shell("cd '" + in.string() + "' && tar --format=" + format + " -cf '" + name.string() + "' " + component +
          "/k.txt");
    CHECK_EQ(TarIndex({name}, {{"txt", false}}).key(0), component + "/k");
  }
}

void damaged_archives(const std::filesystem::path& folder, const std::filesystem::path& in) {
  const auto whole = io::read_text(folder / "gnu.tar");
  const auto bad = folder / "bad.tar";
  const auto rejects = [&](const std::string& bytes, std::string_view what) {
    write(bad, bytes);
    CHECK_ERROR(TarIndex({bad}, {{"txt", false}}), bad.string(), what);
  };
  rejects("", "the tar archive is empty");
  write(bad, std::string(10240, '\0'));  // an empty split, as Python quix writes it
  CHECK_EQ(TarIndex({bad}, {{"txt", false}}).size(), 0u);
  rejects(whole.substr(0, 1024), "truncated: its end mark is missing");
  rejects(whole.substr(0, 700), "truncated");
  rejects(whole.substr(0, 300), "truncated");
  auto flipped = whole;
  flipped[3] ^= 1;
  rejects(flipped, "not a tar archive");
  flipped = whole;
  flipped[1024 + 5] ^= 1;
  rejects(flipped, "a tar header is corrupt (its checksum does not match) (at byte 1024");
  rejects("\x1f\x8b" + std::string(2000, 'g'), "a compressed archive has no random access");
  rejects(std::string(2000, 'g'), "not a tar archive, or a corrupt one");
  // Cut anywhere, an archive is reported, or says no less than it did (only padding was lost).
  for (std::size_t n = 0; n + 10240 < whole.size(); n += 997) {
    write(bad, whole.substr(0, n));
    CHECK_ERROR(TarIndex({bad}, {{"txt", false}}), "bad.tar");
  }
  write(in / "z.txt", "1");
  write(in / "z.cls", "one");
  shell("cd '" + in.string() + "' && tar -cf '" + bad.string() + "' z.txt z.cls");
  CHECK_ERROR(TarIndex({bad}, {{"txt", false}, {"cls", true}}), "member z.cls (offset 1536)",
              "expected a class index, got \"one\"");
  shell("cd '" + in.string() + "' && tar --hard-dereference -cf '" + bad.string() + "' z.txt z.txt");
  CHECK_ERROR(TarIndex({bad}, {{"txt", false}}), "z.txt: duplicate member in one sample");
}

/// Names of shards and members.
void brace_names() {
  CHECK(expand_braces("a_{08..11}.tar") == std::vector<std::string>({"a_08.tar", "a_09.tar", "a_10.tar", "a_11.tar"}));
  CHECK(expand_braces("a.tar") == std::vector<std::string>({"a.tar"}));
  CHECK(expand_braces("{x}_{7..7}") == std::vector<std::string>({"{x}_7"}));
  CHECK(expand_braces("{train,val}_{0..1}.tar") ==
        std::vector<std::string>({"train_0.tar", "train_1.tar", "val_0.tar", "val_1.tar"}));
  CHECK(expand_braces("x{a,b{1..2}}.tar") == std::vector<std::string>({"xa.tar", "xb1.tar", "xb2.tar"}));
  CHECK(expand_braces("a{b{1..2}") == std::vector<std::string>({"a{b1", "a{b2"}));
  CHECK_EQ(expand_braces("{18446744073709551615..18446744073709551615}").size(), 1u);
  CHECK_ERROR(expand_braces("{3..1}.tar"), "counts down from 3 to 1");
  std::string_view key, suffix;
  CHECK(detail::split_member("a/b.c/d.seg.png", key, suffix) && key == "a/b.c/d" && suffix == "seg.png");
  CHECK(!detail::split_member("a.b/c", key, suffix) && !detail::split_member(".hidden", key, suffix) &&
        !detail::split_member("x.", key, suffix));
}

/// Which shards a split has: by config.json (with Python quix's stray slash), else by name.
void shards_by_name(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "set");
  write(folder / "set/train-b.tar", "");
  write(folder / "set/train-a.tar", "");
  CHECK_EQ(find_shards(folder / "set", "train").front().filename(), "train-a.tar");
  CHECK(!has_split(folder / "set", "val"));
  CHECK_ERROR(find_shards(folder / "set", "val"), "split val not found");
  // "0001.tar" is of training, and a word is a whole one.
  write(folder / "numbers/0001.tar", ""), write(folder / "numbers/0000.tar", "");
  CHECK_EQ(find_shards(folder / "numbers", "train").size(), 2u);
  CHECK(!has_split(folder / "numbers", "val"));
  write(folder / "numbers/0002.tar.gz", ""), write(folder / "numbers/0003.tar.gz.part", "");
  CHECK_EQ(find_shards(folder / "numbers", "train").size(), 3u);
  write(folder / "words/values-0.tar", ""), write(folder / "words/validation_0.tar", "");
  CHECK_EQ(find_shards(folder / "words", "val").size(), 1u);
  CHECK_EQ(find_shards(folder / "words", "values").size(), 1u);
}

/// A pattern has the splits that its names begin with.
void shards_by_pattern(const std::filesystem::path& folder) {
  const auto pattern = folder / "set/{train-{a,b},val}.tar";
  CHECK(has_split(pattern, "train") && !has_split(pattern, "val") && !has_split(pattern, "test"));
  CHECK_EQ(find_shards(pattern, "train").size(), 2u);
  write(folder / "set/values-0.tar", ""), write(folder / "mixed/train-0.tar", "");
  write(folder / "mixed/val-0.tar", ""), write(folder / "mixed/test/0.tar", "");
  CHECK_EQ(find_shards(folder / "mixed/*.tar", "train").size(), 1u);
  CHECK_EQ(find_shards(folder / "mixed/*.tar", "val").size(), 1u);
  CHECK(has_split(folder / "mixed/test/*.tar", "test") && !has_split(folder / "mixed/test/*.tar", "train"));
  CHECK_EQ(find_shards(folder / "{set,mixed}/*.tar", "train").size(), 4u);
  CHECK_EQ(find_shards(folder / "mixed/{split}/*.tar", "test").size() +
               find_shards(folder / "mixed/{split}-{0..0}.tar", "val").size(),
           2u);
  CHECK(has_split(folder / "set/{fold}-*.tar", "train"));  // as it was called
  CHECK(has_split(folder / "set/{split}-*.tar", "train") && !has_split(folder / "set/{split}-*.tar", "val"));
  write(folder / "set/config.json", R"({"val": "/val_{0001..0002}.tar", "extensions": ["cls"], "metadata": {}})");
  CHECK_EQ(find_shards(folder / "set", "val").back(), folder / "set/val_0002.tar");
}

/// What is here goes before data/, and a place that has all files of a pattern before one that lacks some.
void searched_places(const std::filesystem::path& folder, const std::filesystem::path& in) {
  std::filesystem::current_path(folder);
  std::filesystem::create_directories("data/set");
  CHECK_EQ(find_dataset("set"), "set");
  write("part/train-0.tar", ""), write("data/part/train-0.tar", ""), write("data/part/train-1.tar", "");
  CHECK_EQ(find_shards("part/train-{0..1}.tar", "train").front(), "data/part/train-0.tar");
  CHECK_EQ(find_shards("part/train-{0..0}.tar", "train").front(), "part/train-0.tar");
  CHECK_EQ(find_shards("part/train-{0..2}.tar", "train").front(), "part/train-0.tar");
  std::filesystem::remove_all("data/set");
  CHECK_ERROR(find_dataset("none_such"), "dataset none_such not found; searched none_such, data/none_such",
              "none_such, data/none_such");
  ::setenv("QUIX_DATA", ("/nowhere:" + folder.string()).c_str(), 1);
  std::filesystem::current_path(in);
  CHECK_EQ(find_dataset("set"), folder / "set");
}

}  // namespace

TESTS {
  const test::Folder folder("tar");
  const auto in = folder.path / "in";
  other_programs(folder.path, in), member_by_member(folder.path), long_names(folder.path, in);
  damaged_archives(folder.path, in), brace_names();
  shards_by_name(folder.path), shards_by_pattern(folder.path), searched_places(folder.path, in);
  return 0;
}
