#pragma once

#include <algorithm>
#include <cstdint>

#include <archive.h>
#include <archive_entry.h>

#include <quix/data/stream.hpp>

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

}  // namespace quix
