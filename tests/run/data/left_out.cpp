// What the samples of a split lack, and what of an archive is not a sample: counted, and named by cause.
#include <check.hpp>

#include <cstdlib>
#include <fstream>

#include <quix/data.hpp>

using namespace quix;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

void shell(const std::string& command) {
  if (std::system(command.c_str()) != 0) test::fail(__FILE__, __LINE__, command);
}

std::string text(const TarIndex& index, std::size_t sample, std::size_t column) {
  std::vector<std::byte> buffer;
  const auto bytes = index.read(sample, column, buffer);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const std::vector<TarIndex::Column> columns{{"txt", false, false}, {"cls", true, false}};

/// The causes by a scan; those of the saved index have to be the same.
std::vector<std::string> causes(const fs::path& folder, std::size_t samples, std::size_t left_out) {
  const auto shards = find_shards(folder, "train");
  const TarIndex scan(shards, columns);
  CHECK_EQ(scan.size(), samples);
  CHECK_EQ(scan.left_out(), left_out);
  TarIndex::save(folder, "train", shards);
  const auto saved = TarIndex::open(folder, "train", shards, columns, {});
  CHECK_EQ(saved.source(), "index");
  CHECK_EQ(saved.size(), samples);
  CHECK_EQ(saved.left_out(), left_out);
  std::vector<std::string> out;
  for (const auto& cause : scan.left_out_by_cause()) out.push_back(cause.text());
  std::vector<std::string> again;
  for (const auto& cause : saved.left_out_by_cause()) again.push_back(cause.text());
  CHECK(out == again);
  return out;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

struct Labelled {
  Text<"txt"> words;
  Class<"cls"> label;
};

/// Archives of chosen files of one folder, each of its own set.
struct Archives {
  fs::path path, in;
  explicit Archives(const fs::path& folder) : path(folder), in(folder / "in") {
    for (const char* key : {"a", "b", "c", "d"}) {
      write(in / (std::string(key) + ".txt"), std::string("text of ") + key);
      write(in / (std::string(key) + ".cls"), "1");
    }
  }
  fs::path tar(const std::string& set, const std::string& files, const std::string& options = "") const {
    const auto out = path / set / "train_0000.tar";
    fs::create_directories(out.parent_path());
    shell("cd '" + in.string() + "' && tar " + options + " -cf '" + out.string() + "' " + files);
    return out;
  }
};

const std::string four = "a.txt a.cls b.txt b.cls c.txt c.cls d.txt d.cls";

/// Hard links, symbolic ones, to a link, from another folder, to nowhere, out of the archive, and in a circle.
void write_links(const fs::path& in, const std::string& deep) {
  fs::create_hard_link(in / "a.txt", in / "h.txt"), fs::create_hard_link(in / "a.cls", in / "h.cls");
  fs::create_symlink("b.txt", in / "s.txt"), fs::create_symlink("./s.txt", in / "t.txt");
  write(in / "s.cls", "2"), write(in / "t.cls", "3"), write(in / deep / "u.cls", "4");
  fs::create_symlink("../b.txt", in / deep / "u.txt");
  fs::create_symlink("nowhere.txt", in / "v.txt"), write(in / "v.cls", "5");
  fs::create_symlink("/etc/hostname", in / "w.txt"), write(in / "w.cls", "6");
  fs::create_symlink("y.txt", in / "x.txt"), fs::create_symlink("x.txt", in / "y.txt"), write(in / "x.cls", "7");
}

void missing_members(const Archives& archives) {
  archives.tar("whole", four);
  CHECK_EQ(joined(causes(archives.path / "whole", 4, 0)), "");

  // A member missing.
  const auto path = archives.tar("missing", "a.txt a.cls b.txt c.txt c.cls d.cls").string();
  CHECK_EQ(
      joined(causes(archives.path / "missing", 2, 2)),
      "1 sample lacks txt (the first: " + path + ", key d)\n1 sample lacks cls (the first: " + path + ", key b)\n");
}

/// Members that are not adjacent.
void members_apart(const Archives& archives) {
  auto path = archives.tar("apart", "a.txt b.txt c.txt d.txt d.cls a.cls b.cls c.cls").string();
  CHECK_EQ(joined(causes(archives.path / "apart", 1, 3)),
           "3 samples have members that are not adjacent in the archive (the first: " + path + ", key a)\n");
  path = archives.tar("all_apart", "a.txt b.txt a.cls b.cls").string();
  CHECK_ERROR(TarIndex({path}, columns), "no sample has all of the members txt, cls",
              "2 samples have members that are not adjacent");
}

/// Suffixes in capitals are the same suffixes.
void capital_suffixes(const Archives& archives) {
  write(archives.in / "E.TXT", "capitals"), write(archives.in / "E.Cls", "7");
  archives.tar("capitals", four + " E.TXT E.Cls");
  CHECK_EQ(joined(causes(archives.path / "capitals", 5, 0)), "");
  const TarIndex capitals(find_shards(archives.path / "capitals", "train"), columns);
  CHECK(text(capitals, 4, 0) == "capitals" && capitals.class_of(4, 1) == 7 && capitals.key(4) == "E");
  CHECK_EQ(TarIndex(find_shards(archives.path / "capitals", "train"), {{"TXT", false, false}}).size(), 5u);
  write(archives.in / "a.TXT", "another");
  CHECK_ERROR(TarIndex({archives.tar("twice", "a.txt a.TXT a.cls")}, columns), "a.TXT: duplicate member in one sample");
}

/// Links: hard ones, symbolic ones, to a link, with a long name, before their target, and out of the archive.
void links(const Archives& archives) {
  const std::string deep = std::string(120, 'd');
  write_links(archives.in, deep);
  for (const std::string format : {"gnu", "pax"}) {
    const auto path = archives
                          .tar("links_" + format,
                               "t.txt t.cls a.txt a.cls h.txt h.cls b.txt b.cls s.txt s.cls " + deep + "/u.txt " +
                                   deep + "/u.cls v.txt v.cls w.txt w.cls x.txt x.cls",
                               "--format=" + format)
                          .string();
    CHECK_EQ(joined(causes(archives.path / ("links_" + format), 6, 3)),
             "3 samples lack txt (the first: " + path +
                 ", key v)\n3 links lead to no file of the archive (the first: " + path + ", member v.txt)\n");
    const TarIndex index({path}, columns);
    CHECK_EQ(text(index, 0, 0), "text of b");
    CHECK_EQ(index.key(0), "t");
    CHECK_EQ(index.class_of(0, 1), 3);
    CHECK_EQ(text(index, 2, 0), "text of a");
    CHECK_EQ(index.key(2), "h");
    CHECK_EQ(index.class_of(2, 1), 1);
    CHECK_EQ(text(index, 4, 0), "text of b");
    CHECK_EQ(text(index, 5, 0), "text of b");
    CHECK_EQ(index.key(5), deep + "/u");
    const TarIndex mapped({path}, {{"txt", false, true}});
    CHECK_EQ(text(mapped, 0, 0), "text of b");
  }
}

/// Bytes after the end mark: another archive, and what is none.
void after_the_end_mark(const Archives& archives) {
  archives.tar("joined", "a.txt a.cls"), archives.tar("more", "b.txt b.cls c.txt c.cls d.txt");
  const auto first = io::read_text(archives.path / "joined/train_0000.tar"),
             second = io::read_text(archives.path / "more/train_0000.tar");
  const auto path = (archives.path / "joined/train_0000.tar").string();
  write(path, first + second + second);
  CHECK_EQ(joined(causes(archives.path / "joined", 1, 6)),
           "6 samples are after the end marks of archives (the first: " + path + ", member b.txt at byte 10240)\n");
  write(path, first + std::string(700, '\0') + "something else");
  CHECK_EQ(joined(causes(archives.path / "joined", 1, 1)),
           "1 sample is after the end mark of the archive (the first: " + path +
               ", member bytes that are not an archive, at byte 10752)\n");
  write(path, first + std::string(100'001, '\0'));
  CHECK_EQ(joined(causes(archives.path / "joined", 1, 0)), "");
}

/// Files that are no members, a pipe; hidden files and folders are not named.
void no_members(const Archives& archives) {
  write(archives.in / "README", "text"), write(archives.in / "sub/.DS_Store", "x"),
      write(archives.in / "sub/._a.txt", "x");
  shell("cd '" + archives.in.string() + "' && mkfifo pipe.txt");
  const auto path = archives.tar("files", "README a.txt a.cls sub pipe.txt b.txt b.cls").string();
  CHECK_EQ(joined(causes(archives.path / "files", 2, 0)),
           "1 file is not part of a sample: its name has no key or no suffix (the first: " + path +
               ", member README)\n1 entry is a device, a pipe or of an unknown type (the first: " + path +
               ", member pipe.txt)\n");
}

/// Several shards are counted together, the first named.
void several_shards(const Archives& archives) {
  fs::create_directories(archives.path / "two");
  fs::copy(archives.path / "missing/train_0000.tar", archives.path / "two/train_0000.tar");
  fs::copy(archives.path / "missing/train_0000.tar", archives.path / "two/train_0001.tar");
  const auto path = (archives.path / "two/train_0000.tar").string();
  CHECK_EQ(
      joined(causes(archives.path / "two", 4, 4)),
      "2 samples lack txt (the first: " + path + ", key d)\n2 samples lack cls (the first: " + path + ", key b)\n");
}

/// A name that begins as bzip2 does is a name.
void names_like_bzip2(const Archives& archives) {
  write(archives.in / "BZhang.txt", "name"), write(archives.in / "BZh91.cls", "3");
  CHECK_EQ(TarIndex({archives.tar("bzip", "BZhang.txt")}, {{"txt", false, false}}).size(), 1u);
  CHECK_EQ(TarIndex({archives.tar("bzip9", "BZh91.cls")}, {{"cls", true, false}}).size(), 1u);
}

/// A split says all of it, and which shards config.json does not list: of the set of several_shards().
void remarks_of_a_split(const Archives& archives) {
  const auto path = (archives.path / "two/train_0000.tar").string();
  write(archives.path / "two/config.json", R"({"train": "train_{0000..0000}.tar", "extensions": ["txt", "cls"]})");
  const Split<Labelled> split(archives.path / "two", "train");
  CHECK_EQ(split.size(), 2u);
  CHECK_EQ(joined(split.remarks()), "1 sample lacks txt (the first: " + path +
                                        ", key d)\n1 sample lacks cls (the first: " + path + ", key b)\n" +
                                        (archives.path / "two/train_0001.tar").string() +
                                        " is not read: config.json does not list it\n");
  fs::copy(archives.path / "missing/train_0000.tar", archives.path / "two/val_0000.tar");
  CHECK_EQ(unlisted_shards(archives.path / "two").size(), 2u);
  CHECK_EQ(unlisted_shards(archives.path / "two", "val").size(), 1u);  // config.json lists splits, so names show none
  CHECK(!has_split(archives.path / "two", "val") && find_splits(archives.path / "two").size() == 1);
  CHECK_EQ(unlisted_shards(archives.path / "missing").size(), 0u);
}

}  // namespace

TESTS {
  const test::Folder folder("left_out");
  const Archives archives(folder.path);
  missing_members(archives);
  members_apart(archives);
  capital_suffixes(archives);
  links(archives);
  after_the_end_mark(archives);
  no_members(archives);
  several_shards(archives);
  names_like_bzip2(archives);
  remarks_of_a_split(archives);
  return 0;
}
