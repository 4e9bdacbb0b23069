#pragma once

#include <memory>
#include <string>

#include <archive.h>
#include <archive_entry.h>

#include <quix/data/idx.hpp>

namespace quix {

QUIX_INLINE Idx read_idx(const std::filesystem::path& path) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> file(archive_read_new(), &archive_read_free);
  archive_read_support_filter_gzip(file.get());
  archive_read_support_format_raw(file.get());
  archive_read_support_format_empty(file.get());
  archive_entry* entry = nullptr;
  const auto fail = [&](const std::string& what) { throw Error(path.string(), what); };
  if (archive_read_open_filename(file.get(), path.c_str(), 1 << 18) != ARCHIVE_OK ||
      archive_read_next_header(file.get(), &entry) != ARCHIVE_OK)
    fail("cannot be read: " +
         std::string(archive_error_string(file.get()) ? archive_error_string(file.get()) : "it is empty"));
  Idx idx;
  const auto read = [&](void* to, std::size_t size, const char* what) {
    std::size_t done = 0;
    while (done < size) {
      const auto n = archive_read_data(file.get(), static_cast<char*>(to) + done, size - done);
      if (n < 0) fail("corrupt: " + std::string(archive_error_string(file.get())));
      if (n == 0) fail("truncated IDX file: it ends in its " + std::string(what));
      done += static_cast<std::size_t>(n);
    }
  };
  unsigned char magic[4];
  read(magic, 4, "first four bytes");
  if (magic[0] != 0 || magic[1] != 0 || magic[3] == 0 || magic[3] > 4)
    fail("not an IDX file: it does not begin with 0, 0, a type and a number of dimensions");
  if (magic[2] != 0x08)
    fail("elements of type " + std::to_string(magic[2]) + " are not supported; use unsigned bytes (type 8)");
  std::uint64_t count = 1;
  for (int d = 0; d < magic[3]; ++d) {
    unsigned char size[4];
    read(size, 4, "sizes");
    const auto n = std::uint64_t{size[0]} << 24 | size[1] << 16 | size[2] << 8 | size[3];
    idx.shape.push_back(static_cast<std::int64_t>(n));
    count *= n;
    if (count > (std::uint64_t{1} << 36)) fail("claims more than 64 GiB");
  }
  // Grow while reading: a corrupt header must not allocate more than the file contains.
  for (std::uint64_t at = 0; at < count;) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(count - at, 1 << 24));
    idx.bytes.resize(at + n);
    read(idx.bytes.data() + at, n, "elements");
    at += n;
  }
  return idx;
}

}  // namespace quix
