#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <utility>
#include <vector>

#include <archive.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <quix/data/stream.hpp>
#include <quix/data/tar.hpp>
#include <quix/io/format.hpp>

namespace quix {

struct TarStream::State {
  explicit State(const std::filesystem::path& path) : file(open_shard(path)), tar(file) {}
  io::File file;
  TarScan tar;
};

QUIX_INLINE TarStream::TarStream(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}

QUIX_INLINE TarStream::~TarStream() = default;

QUIX_INLINE bool TarStream::next() {
  const bool more = state_->tar.next();
  bytes_ = more ? state_->tar.bytes() : std::span<const std::byte>();
  return more;
}

QUIX_INLINE const std::string& TarStream::name() const { return state_->tar.name(); }

QUIX_INLINE bool is_compressed(const io::File& file) {
  char begin[6];
  return file.size() >= 6 && file.read(0, begin, 6) == 6 && !io::compression({begin, 6}).empty();
}

QUIX_INLINE io::File open_shard(const std::filesystem::path& path, std::uint64_t most) {
  io::File file(path);
  return is_compressed(file) ? unpacked(file, most) : std::move(file);
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

inline std::filesystem::path temporary_folder() {
  const char* variable = std::getenv("TMPDIR");
  return variable && *variable ? variable : "/var/tmp";
}

QUIX_INLINE int open_temporary(const std::filesystem::path& shard, std::uint64_t at_least) {
  const auto folder = temporary_folder();
  std::error_code ignored;
  const auto space = std::filesystem::space(folder, ignored);
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    io::fail(folder, "no temporary file can be created for a compressed shard; set TMPDIR to another directory");
  if (!ignored && space.available / 2 > at_least) return fd;
  ::close(fd);
  throw Error(shard.string(), "compressed, and too large when unpacked for the memory and for " + folder.string() +
                                  "; set TMPDIR to a directory with more space, or make plain shards with  quix data "
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
  auto sink = io::Sink::adopt(file.path().string() + ", unpacked in memory", ::dup(fd));
  std::uint64_t size = 0;
  bool in_memory = true;
  std::vector<char> buffer(1 << 20);
  for (;;) {
    const auto n = archive_read_data(packed.get(), buffer.data(), buffer.size());
    if (n < 0) fail();
    if (n == 0) return io::File::adopt(file, ::dup(out.descriptor()));
    size += static_cast<std::uint64_t>(n);
    if (size > most && std::exchange(in_memory, false)) {  // move the unpacked bytes to the disk; the rest follows
      const auto so_far = io::File::adopt(file, ::dup(out.descriptor()));
      const int temporary = detail::open_temporary(file.path(), size);
      out = io::File::adopt(file, temporary);
      sink = io::Sink::adopt(detail::temporary_folder().string() + ", temporary file of " + file.path().string(),
                             ::dup(temporary));
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
