#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <quix/data/stream.hpp>
#include <quix/data/tar.hpp>

namespace quix {

struct TarStream::State {
  std::unique_ptr<archive, decltype(&archive_read_free)> tar{archive_read_new(), &archive_read_free};
};

QUIX_INLINE TarStream::TarStream(const std::filesystem::path& path) : state_(std::make_unique<State>()), path_(path) {
  auto* tar = state_->tar.get();
  archive_read_support_filter_all(tar);
  archive_read_support_format_tar(tar);
  archive_read_support_format_gnutar(tar);
  if (archive_read_open_filename(tar, path.c_str(), 1 << 17) != ARCHIVE_OK)
    throw Error(path.string(), std::string("cannot be read as a tar archive: ") + archive_error_string(tar));
}

QUIX_INLINE TarStream::~TarStream() = default;

QUIX_INLINE bool TarStream::next() {
  auto* tar = state_->tar.get();
  const auto fail = [&] {
    const char* why = archive_error_string(tar);
    throw Error(path_.string(), "the archive is damaged" + (name_.empty() ? "" : " after the member " + name_) + ": " +
                                    (why ? why : "unknown reason"));
  };
  for (;;) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(tar, &entry);
    if (code == ARCHIVE_EOF) return false;
    if (code < ARCHIVE_WARN) fail();
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* name = archive_entry_pathname(entry);
    name_ = name ? name : "";
    const auto size = archive_entry_size(entry);
    if (size < 0 || size >= std::int64_t{0xffffffff})
      throw Error(path_.string(), "the member " + name_ + " has 4 GiB or more");
    // The header may lie about the size: memory comes with the data.
    bytes_.clear();
    while (bytes_.size() < static_cast<std::size_t>(size)) {
      const auto at = bytes_.size();
      bytes_.resize(std::min(static_cast<std::size_t>(size), at + (std::size_t{1} << 24)));
      const auto n = archive_read_data(tar, bytes_.data() + at, bytes_.size() - at);
      if (n < 0) fail();
      bytes_.resize(at + static_cast<std::size_t>(n));
      if (n == 0) throw Error(path_.string(), "the member " + name_ + " is cut");
    }
    return true;
  }
}

QUIX_INLINE bool is_compressed(const io::File& file) {
  char begin[6];
  return file.size() >= 6 && file.read(0, begin, 6) == 6 && detail::compressed({begin, 6});
}

QUIX_INLINE std::uint64_t half_of_free_memory() {
  std::ifstream info("/proc/meminfo");
  for (std::string word; info >> word;)
    if (word == "MemAvailable:") {
      std::uint64_t kilobytes = 0;
      info >> kilobytes;
      return kilobytes * 512;
    }
  return std::uint64_t{1} << 30;
}

namespace detail {

QUIX_INLINE int open_temporary(const std::filesystem::path& shard, std::uint64_t at_least) {
  const char* variable = std::getenv("TMPDIR");
  const std::filesystem::path folder = variable && *variable ? variable : "/var/tmp";
  std::error_code ignored;
  const auto space = std::filesystem::space(folder, ignored);
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) io::fail(folder, "cannot hold a temporary file, for a compressed shard; let TMPDIR name another folder");
  if (!ignored && space.available / 2 > at_least) return fd;
  ::close(fd);
  throw Error(shard.string(), "is compressed, and unpacked too large for the memory and for " + folder.string() +
                                  ": let TMPDIR name a folder with more room, or make plain shards with  quix data "
                                  "convert");
}

}  // namespace detail

QUIX_INLINE io::File unpacked(const io::File& file, std::uint64_t most) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> packed(archive_read_new(), &archive_read_free);
  archive_read_support_filter_all(packed.get());
  archive_read_support_format_raw(packed.get());
  archive_entry* entry = nullptr;
  const auto fail = [&] {
    const char* why = archive_error_string(packed.get());
    throw Error(file.path().string(), std::string("cannot be unpacked: ") + (why ? why : "unknown reason"));
  };
  if (archive_read_open_filename(packed.get(), file.path().c_str(), 1 << 17) != ARCHIVE_OK ||
      archive_read_next_header(packed.get(), &entry) != ARCHIVE_OK)
    fail();
  const int fd = ::memfd_create("quix shard", MFD_CLOEXEC);
  if (fd < 0) io::fail(file.path(), "cannot be unpacked into memory");
  auto out = io::File::adopt(file, fd);  // closes it if what follows throws
  auto sink = io::Sink::adopt(file.path(), ::dup(fd));
  std::uint64_t size = 0;
  bool in_memory = true;
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const auto n = archive_read_data(packed.get(), buffer.data(), buffer.size());
    if (n < 0) fail();
    if (n == 0) return io::File::adopt(file, ::dup(out.descriptor()));
    size += static_cast<std::uint64_t>(n);
    if (size > most && std::exchange(in_memory, false)) {  // what there is moves to the disk, and the rest follows
      const auto so_far = io::File::adopt(file, ::dup(out.descriptor()));
      const int temporary = detail::open_temporary(file.path(), size);
      out = io::File::adopt(file, temporary);
      sink = io::Sink::adopt(file.path(), ::dup(temporary));
      std::vector<char> block(1 << 20);
      for (std::uint64_t at = 0; at < so_far.size();) {
        const auto m = so_far.read(at, block.data(), block.size());
        sink.write(block.data(), m);
        at += m;
      }
    }
    sink.write(buffer.data(), static_cast<std::size_t>(n));
  }
}

}  // namespace quix
