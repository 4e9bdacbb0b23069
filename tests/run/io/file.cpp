#include <check.hpp>

#include <vector>

#include <sys/resource.h>
#include <sys/stat.h>

#include <quix/io/file.hpp>

using namespace quix;

TESTS {
  const test::Folder folder("file");
  const auto path = folder.path / "a.txt";
  io::replace(path, "hello");
  CHECK_EQ(io::read_text(path), "hello");
  io::replace(path, "");
  CHECK_EQ(io::read_text(path), "");
  CHECK(!std::filesystem::exists(folder.path / "a.txt.part"));

  // The new text never stands in the old file: who has that open reads it to its end.
  io::replace(path, "old text");
  const io::File before(path);
  io::replace(path, "new");
  char text[8];
  CHECK_EQ(before.read(0, text, sizeof text), sizeof text);
  CHECK_EQ(std::string_view(text, sizeof text), "old text");
  CHECK_EQ(io::read_text(path), "new");
  // What cannot be replaced stays.
  std::filesystem::create_directories(folder.path / "sub" / "full");
  CHECK_ERROR(io::replace(folder.path / "sub", "x"), "sub", "cannot be replaced");

  {
    io::Sink sink(path);
    sink.write("one");
    sink.write(std::string_view("two"));
    CHECK_EQ(sink.size(), 6u);
  }
  {
    io::Sink sink(path, /*append=*/true);
    sink.truncate(4);
    sink.write("X");
  }
  CHECK_EQ(io::read_text(path), "onetX");

  const io::File file(path);
  char letters[8];
  CHECK_EQ(file.read(1, letters, 8), 4u);
  CHECK_ERROR(file.read_all(1, letters, 8), path.string(), "truncated");
  CHECK_ERROR(io::File(folder.path / "none"), "none", "cannot be opened: No such file");
  CHECK_ERROR(io::File(folder.path), "not a file");
  CHECK_ERROR(io::Sink(folder.path / "none" / "x"), "cannot be written");
  CHECK_ERROR(io::make_folder(path / "sub"), "cannot be created");

  // A full disk: the file and the reason.
  io::Sink full("/dev/full");
  CHECK_ERROR(full.write("x"), "/dev/full: cannot be written: No space left on device");
  // What cannot be written or renamed leaves the file as it was, and nothing beside it.
  io::replace(path, "before");
  std::filesystem::create_symlink("/dev/full", folder.path / "a.txt.part");
  CHECK_ERROR(io::replace(path, "after"), "a.txt.part: cannot be written: No space left on device");
  CHECK_EQ(io::read_text(path), "before");
  CHECK(!std::filesystem::exists(std::filesystem::symlink_status(folder.path / "a.txt.part")));
  // New folders with their parents, absolute, relative, and with a slash at the end; those that are there are left.
  io::make_folder(folder.path / "x/y/z/"), io::make_folder(folder.path / "x/y"), io::make_folder(folder.path / "x/v/w");
  CHECK(std::filesystem::is_directory(folder.path / "x/y/z") && std::filesystem::is_directory(folder.path / "x/v/w"));
  std::filesystem::current_path(folder.path);
  io::make_folder("relative/to"), io::make_folder("relative"), io::make_folder(".");
  CHECK(std::filesystem::is_directory(folder.path / "relative/to"));
  CHECK_ERROR(io::sync_folder(folder.path / "none"), "none: cannot be opened");
  CHECK_ERROR(io::sync_folder(path), "a.txt: cannot be opened");

  // Times to the nanosecond: two versions of a file within a second are told apart.
  struct stat info {};
  CHECK_EQ(::stat(path.c_str(), &info), 0);
  CHECK_EQ(io::File(path).time(), std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec);

  // More files than the soft limit allows: it is raised.
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 20;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  std::vector<io::File> many;
  if (limit.rlim_max > 100)
    for (int i = 0; i < 50; ++i) many.emplace_back(path);
  return 0;
}
