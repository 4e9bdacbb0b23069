#include <check.hpp>

#include <cstdlib>

#include <quix/data/idx.hpp>
#include <quix/io/file.hpp>

using namespace quix;

TESTS {
  const test::Folder folder("idx");
  const auto path = folder.path / "x-idx3-ubyte";
  const std::string header("\0\0\x08\x03\0\0\0\2\0\0\0\2\0\0\0\3", 16);
  io::replace(path, header + "abcdefghijkl");
  const auto idx = read_idx(path);
  CHECK(idx.shape == std::vector<std::int64_t>({2, 2, 3}));
  CHECK_EQ(static_cast<char>(idx.bytes[11]), 'l');
  CHECK_EQ(std::system(("gzip -k '" + path.string() + "'").c_str()), 0);
  CHECK(read_idx(path.string() + ".gz").bytes == idx.bytes);

  const auto rejects = [&](const std::string& bytes, std::string_view what) {
    io::replace(path, bytes);
    CHECK_ERROR(read_idx(path), path.string(), what);
  };
  rejects(header + "abc", "truncated IDX file: it ends in its elements");
  rejects(header.substr(0, 9), "it ends in its sizes");
  rejects("PK\3\4....", "not an IDX file");
  rejects(std::string("\0\0\x08\0a", 5), "not an IDX file");
  rejects(std::string("\1\0\x08\1\0\0\0\1a", 9), "not an IDX file");
  rejects(std::string("\0\0\x08\5", 4), "not an IDX file");
  rejects(std::string("\0\0\x0d\1\0\0\0\1", 8), "type 13");
  rejects(std::string("\0\0\x08\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 20),
          "more than 64 GiB");
  CHECK_ERROR(read_idx(folder.path / "none"), "cannot be read");
  return 0;
}
