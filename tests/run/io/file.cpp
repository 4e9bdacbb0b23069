#include <check.hpp>

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
  CHECK_ERROR(io::File(folder.path), "is not a file");
  CHECK_ERROR(io::Sink(folder.path / "none" / "x"), "cannot be written");
  CHECK_ERROR(io::make_folder(path / "sub"), "cannot be created");
  return 0;
}
