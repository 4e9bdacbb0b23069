#pragma once

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <quix/data/tar.hpp>
#include <quix/data/tar_sink.hpp>
#include <quix/detail/utf8.hpp>

namespace quix {
namespace detail {

/// The position that splits a name into ustar's prefix and name; npos if it does not fit.
inline std::size_t ustar_cut(std::string_view name) {
  if (name.size() <= 100) return 0;
  const auto slash = name.find('/', name.size() - 101);  // the first after which at most 100 bytes are left
  return slash == name.npos || slash == 0 || slash > 155 || slash + 1 == name.size() ? name.npos : slash;
}
/// "LENGTH KEY=VALUE\n", whose length counts its own digits.
inline std::string pax_record(std::string_view key, std::string_view value) {
  const auto rest = key.size() + value.size() + 3;
  auto length = rest + 1;
  while (length != rest + std::to_string(length).size()) length = rest + std::to_string(length).size();
  return std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

/// Whether a name has a part "..", begins with a slash, is empty, or has a byte 0.
inline bool is_unsafe(std::string_view name) {
  if (name.empty() || name.starts_with('/') || name.find('\0') != name.npos) return true;
  for (std::size_t at = 0; at <= name.size();) {
    const auto end = std::min(name.find('/', at), name.size());
    if (name.substr(at, end - at) == "..") return true;
    at = end + 1;
  }
  return false;
}

}  // namespace detail

QUIX_INLINE void TarSink::flush() {
  broken_ = true;  // if writing throws, the file is truncated at any point
  sink_.write(buffer_);
  buffer_.clear();
  broken_ = false;
}

QUIX_INLINE void TarSink::put(const void* data, std::size_t size) {
  constexpr std::size_t room = std::size_t{1} << 20;
  if (buffer_.size() + size > room) flush();
  size_ += size;
  if (size <= room) {
    buffer_.append(static_cast<const char*>(data), size);
    return;
  }
  broken_ = true;
  sink_.write(data, size);
  broken_ = false;
}

QUIX_INLINE void TarSink::put_padding(std::uint64_t size, std::uint64_t to) {
  const std::string zeros((to - size % to) % to, '\0');
  put(zeros.data(), zeros.size());
}

QUIX_INLINE void TarSink::put_header(std::string_view prefix, std::string_view name, std::uint64_t size,
                                     std::int64_t time, char type) {
  detail::TarHeader header{};
  std::memcpy(header.name, name.data(), name.size());
  std::memcpy(header.prefix, prefix.data(), prefix.size());
  const auto octal = [](auto& field, std::uint64_t value) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%0*llo", static_cast<int>(sizeof field - 1),
                  static_cast<unsigned long long>(value));
    std::memcpy(field, digits, sizeof field - 1);
  };
  octal(header.mode, 0644), octal(header.uid, 0), octal(header.gid, 0);
  octal(header.size, size),
      octal(header.mtime, static_cast<std::uint64_t>(std::clamp(time, std::int64_t{0}, (std::int64_t{1} << 33) - 1)));
  header.type = type;
  std::memcpy(header.magic, "ustar", 6), std::memcpy(header.version, "00", 2);
  std::memset(header.checksum, ' ', sizeof header.checksum);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < sizeof header; ++i) sum += reinterpret_cast<const unsigned char*>(&header)[i];
  std::snprintf(header.checksum, sizeof header.checksum - 1, "%06llo", static_cast<unsigned long long>(sum));
  put(&header, sizeof header);
}

QUIX_INLINE void TarSink::check(const std::filesystem::path& path, const std::string& name, std::uint64_t size) {
  if (detail::is_unsafe(name))
    throw Error(path.string(), "the member name \"" + name +
                                   "\" is empty, absolute, or has a part \"..\" or a byte 0; write a relative name");
  if (size >= 0xffffffff) throw Error(path.string(), "the member " + name + " has 4 GiB or more");
}

QUIX_INLINE void TarSink::add(const std::string& name, std::span<const std::byte> data, std::int64_t time) {
  if (broken_) throw Error(path_.string(), "an earlier write failed; nothing can be added");
  check(path_, name, data.size());
  auto cut = detail::ustar_cut(name);
  if (cut == name.npos) {
    const auto records =
        (detail::is_utf8(name) ? "" : detail::pax_record("hdrcharset", "BINARY")) + detail::pax_record("path", name);
    put_header({}, "PaxHeader", records.size(), time, 'x');
    put(records.data(), records.size());
    put_padding(records.size(), 512);
    put_header({}, std::string_view(name).substr(0, 100), data.size(), time, '0');
  } else if (cut == 0) {
    put_header({}, name, data.size(), time, '0');
  } else {
    put_header(std::string_view(name).substr(0, cut), std::string_view(name).substr(cut + 1), data.size(), time, '0');
  }
  put(data.data(), data.size());
  put_padding(data.size(), 512);
}

QUIX_INLINE void TarSink::close() {
  if (broken_) throw Error(path_.string(), "an earlier write failed; the archive is incomplete");
  const std::string mark(1024, '\0');
  put(mark.data(), mark.size());
  put_padding(size_, 10240);  // as tar and Python's tarfile end an archive
  flush();
  broken_ = true;
  sink_.sync();
  broken_ = false;
  sink_ = io::Sink();
}

}  // namespace quix
