#pragma once

#include <algorithm>
#include <string_view>

#include <quix/io/stored_zip.hpp>

namespace quix::io {
namespace detail {

/// `n` bytes from `at`, the lowest first. The caller has checked that they are there.
inline std::uint64_t little(std::string_view bytes, std::size_t at, int n) {
  std::uint64_t value = 0;
  while (n-- > 0) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(n)]);
  return value;
}

}  // namespace detail

QUIX_INLINE void StoredZip::fail(const std::string& what) const {
  throw Error(file_.path().string(), "not an intact ZIP archive: " + what);
}

QUIX_INLINE std::string StoredZip::bytes(std::uint64_t offset, std::uint64_t size, const char* what) const {
  if (offset > file_.size() || size > file_.size() - offset)
    fail("its " + std::string(what) + " would lie beyond the end");
  std::string out(size, '\0');
  file_.read_all(offset, out.data(), size);
  return out;
}

// Layouts and signatures: PKWARE's APPNOTE 6.3, §4.3.
QUIX_INLINE StoredZip::StoredZip(const std::filesystem::path& path) : file_(path) {
  using detail::little;
  if (file_.size() < 22) fail("it has " + std::to_string(file_.size()) + " bytes");
  const auto tail_size = std::min<std::uint64_t>(file_.size(), 22 + 65535);
  const auto tail_begin = file_.size() - tail_size;
  const auto tail = bytes(tail_begin, tail_size, "end");
  const auto end = tail.rfind("PK\5\6");
  if (end == std::string::npos || end + 22 > tail.size()) fail("its directory is missing; the file may be truncated");
  std::uint64_t count = little(tail, end + 10, 2), size = little(tail, end + 12, 4), at = little(tail, end + 16, 4);
  if (end >= 20 && tail.compare(end - 20, 4, "PK\6\7") == 0) {  // ZIP64
    const auto large = bytes(little(tail, end - 12, 8), 56, "ZIP64 directory");
    if (!large.starts_with("PK\6\6")) fail("its ZIP64 directory is corrupt");
    count = little(large, 32, 8), size = little(large, 40, 8), at = little(large, 48, 8);
  }
  const auto directory = bytes(at, size, "directory");
  std::size_t next = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (next + 46 > directory.size() || directory.compare(next, 4, "PK\1\2") != 0) fail("its directory is corrupt");
    const auto name_size = little(directory, next + 28, 2), extra_size = little(directory, next + 30, 2);
    const auto whole = 46 + name_size + extra_size + little(directory, next + 32, 2);
    if (whole > directory.size() - next) fail("its directory is corrupt");
    const auto name = directory.substr(next + 46, name_size);
    std::uint64_t packed = little(directory, next + 20, 4);
    Member member{.offset = little(directory, next + 42, 4), .size = little(directory, next + 24, 4)};
    // The ZIP64 field holds, in this order, those of the numbers that did not fit.
    std::string_view extra = std::string_view(directory).substr(next + 46 + name_size, extra_size);
    while (extra.size() >= 4) {
      const auto length = std::min<std::size_t>(little(extra, 2, 2), extra.size() - 4);
      auto field = extra.substr(4, length);
      for (auto* number : {&member.size, &packed, &member.offset})
        if (little(extra, 0, 2) == 1 && *number == 0xffffffff && field.size() >= 8)
          *number = little(field, 0, 8), field.remove_prefix(8);
      extra.remove_prefix(4 + length);
    }
    const bool compressed = little(directory, next + 10, 2) != 0;
    next += whole;
    if (compressed) continue;
    if (packed != member.size) fail("its member " + name + " has two sizes");
    const auto header = bytes(member.offset, 30, "members");
    if (!header.starts_with("PK\3\4")) fail("its member " + name + " is not where the directory says");
    member.offset += 30 + little(header, 26, 2) + little(header, 28, 2);
    if (member.offset > file_.size() || member.size > file_.size() - member.offset)
      fail("its member " + name + " is truncated");
    members_[name] = member;
  }
}

}  // namespace quix::io
