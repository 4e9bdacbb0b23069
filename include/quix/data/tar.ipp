#pragma once

#include <algorithm>
#include <charconv>
#include <cstring>

#include <quix/data/tar.hpp>

namespace quix {
namespace detail {

/// The 512 bytes before each member (POSIX.1-2001 ustar).
struct TarHeader {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6], version[2],
      user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};
static_assert(sizeof(TarHeader) == 512);

template <std::size_t N>
std::string_view field(const char (&chars)[N]) {
  return {chars, ::strnlen(chars, N)};
}

/// Octal, or base 256 when the first bit is set (GNU, for sizes from 8 GiB).
template <std::size_t N>
bool tar_number(const char (&chars)[N], std::uint64_t& value) {
  value = 0;
  if (static_cast<unsigned char>(chars[0]) & 0x80) {
    for (std::size_t i = 0; i < N; ++i) {
      if (value >> 55) return false;
      value = value << 8 | (static_cast<unsigned char>(chars[i]) & (i == 0 ? 0x7fu : 0xffu));
    }
    return true;
  }
  std::size_t i = 0;
  while (i < N && chars[i] == ' ') ++i;
  for (; i < N && chars[i] >= '0' && chars[i] <= '7'; ++i) value = value << 3 | static_cast<unsigned>(chars[i] - '0');
  return i == N || chars[i] == '\0' || chars[i] == ' ';
}

inline bool checksum_matches(const TarHeader& header) {
  std::uint64_t written = 0;
  if (!tar_number(header.checksum, written)) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
  std::uint64_t sum = 8 * ' ';
  for (std::size_t i = 0; i < 512; ++i) sum += bytes[i];
  for (std::size_t i = 148; i < 156; ++i) sum -= bytes[i];
  return sum == written;
}

QUIX_INLINE bool compressed(std::string_view begin) {
  return begin.starts_with("\x1f\x8b") || begin.starts_with("BZh") || begin.substr(1).starts_with("7zXZ") ||
         begin.starts_with("\x28\xb5\x2f\xfd");
}

/// A member's name by its header alone: prefix/name.
inline void plain_name(const TarHeader& header, char (&name)[257]) {
  char* to = name;
  if (std::memcmp(header.magic, "ustar", 6) == 0 && header.prefix[0]) {
    const auto prefix = field(header.prefix);
    to = std::copy(prefix.begin(), prefix.end(), to);
    *to++ = '/';
  }
  const auto last = field(header.name);
  *std::copy(last.begin(), last.end(), to) = '\0';
}

QUIX_INLINE bool read_plain_name(const io::File& file, std::uint64_t at, char (&name)[257]) {
  TarHeader header;
  if (file.read(at, &header, sizeof header) != sizeof header || !checksum_matches(header)) return false;
  if (header.type != '0' && header.type != '\0' && header.type != '7') return false;
  plain_name(header, name);
  return true;
}

QUIX_INLINE bool split_member(std::string_view name, std::string_view& key, std::string_view& suffix) {
  const auto slash = name.rfind('/');
  const auto base = slash == name.npos ? 0 : slash + 1;
  const auto dot = name.find('.', base);
  if (dot == name.npos || dot == base || dot + 1 == name.size()) return false;
  key = name.substr(0, dot), suffix = name.substr(dot + 1);
  return true;
}

}  // namespace detail

QUIX_INLINE void TarScan::fail(std::uint64_t offset, const std::string& what) const {
  throw Error(file_.path().string(),
              what + " (at byte " + std::to_string(offset) + " of " + std::to_string(file_.size()) + ")");
}

QUIX_INLINE const std::byte* TarScan::window(std::uint64_t offset, std::size_t size) {
  if (offset >= buffer_offset_ && offset + size <= buffer_offset_ + buffer_size_)
    return buffer_.data() + (offset - buffer_offset_);
  if (offset + size > file_.size())
    fail(offset, "the tar archive is truncated: " + std::to_string(size) + " more bytes are expected");
  // Small members: read on, many at a time. Large ones: only what is asked for.
  const std::size_t ahead = span_.size <= 16384 ? ahead_ : std::min<std::size_t>(ahead_, 4096);
  if (buffer_.size() < std::max(ahead, size)) buffer_.resize(std::max(ahead, size));
  buffer_offset_ = offset;
  buffer_size_ = file_.read(offset, buffer_.data(), std::max(ahead, size));
  if (buffer_size_ < size) fail(offset, "the tar archive became shorter while it was read");
  return buffer_.data();
}

QUIX_INLINE std::span<const std::byte> TarScan::bytes() { return {window(span_.offset, span_.size), span_.size}; }

QUIX_INLINE bool TarScan::next() {
  std::string long_name;
  std::uint64_t long_size = 0;
  header_ = at_;
  if (at_ == 0 && file_.size() >= 6) {
    char begin[6];
    file_.read_all(0, begin, 6);
    if (detail::compressed({begin, 6}))
      fail(0, "this archive is compressed, and only a plain one is read in any order:  quix data convert  makes one");
  }
  bool has_long_size = false;
  const auto round = [](std::uint64_t n) { return (n + 511) / 512 * 512; };
  for (;;) {
    if (at_ >= file_.size())
      fail(at_,
           file_.size() == 0 ? "the tar archive is empty" : "the tar archive is truncated: its end mark is missing");
    detail::TarHeader header;
    std::memcpy(&header, window(at_, 512), 512);
    if (header.name[0] == '\0' &&
        std::all_of(reinterpret_cast<const char*>(&header), reinterpret_cast<const char*>(&header) + 512,
                    [](char c) { return c == 0; }))
      return false;
    if (!detail::checksum_matches(header))
      fail(at_, at_ == 0 ? "this is no tar archive, or a damaged one"
                         : "a tar header is damaged (its checksum does not match)");
    std::uint64_t size = 0;
    if (!detail::tar_number(header.size, size)) fail(at_, "a tar header is damaged (no size)");
    const auto data = at_ + 512;
    const char type = header.type;
    const bool regular = type == '0' || type == '\0' || type == '7';
    if (has_long_size && type != 'x' && type != 'L' && type != 'K') size = long_size, has_long_size = false;
    if ((regular || type == 'x' || type == 'g' || type == 'L' || type == 'K' || type == 'S') &&
        (size > file_.size() || data + size > file_.size()))
      fail(at_, "the tar archive is truncated: the member " + std::string(detail::field(header.name)) + " of " +
                    std::to_string(size) + " bytes does not fit");
    if (type == 'S') fail(at_, "sparse files in a tar archive are not read");
    if (type == 'L' || type == 'x') {
      if (size > (1 << 20)) fail(at_, "an extended tar header is larger than 1 MiB");
      std::string text(reinterpret_cast<const char*>(window(data, size)), size);
      if (type == 'L') long_name = text.c_str();
      // pax records: "LENGTH KEY=VALUE\n"
      for (std::string_view rest = type == 'x' ? std::string_view(text) : std::string_view{};
           !rest.empty() && rest[0] != '\0';) {
        std::size_t length = 0;
        const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
        const auto digits = static_cast<std::size_t>(end - rest.data());
        if (code != std::errc{} || length > rest.size() || length < digits + 3 || rest[digits] != ' ' ||
            rest[length - 1] != '\n')
          fail(at_, "an extended tar header is damaged");
        const auto record = rest.substr(digits + 1, length - digits - 2);
        const auto equals = record.find('=');
        if (equals == record.npos) fail(at_, "an extended tar header is damaged");
        const auto key = record.substr(0, equals), value = record.substr(equals + 1);
        if (key == "path") long_name = value;
        if (key == "size") {
          const auto [stop, bad] = std::from_chars(value.data(), value.data() + value.size(), long_size);
          if (bad != std::errc{} || stop != value.data() + value.size())
            fail(at_, "an extended tar header is damaged (size)");
          has_long_size = true;
        }
        if (key.starts_with("GNU.sparse")) fail(at_, "sparse files in a tar archive are not read");
        rest.remove_prefix(length);
      }
    } else if (regular) {
      name_ = long_name;
      if (long_name.empty()) {
        char plain[257];
        detail::plain_name(header, plain);
        name_ = plain;
      }
      span_ = {data, size};
      at_ = data + round(size);
      return true;
    } else {
      long_name.clear();
      header_ = data + (type >= '1' && type <= '6' ? 0 : round(size));
      if (type >= '1' && type <= '6') size = 0;  // links, devices, folders, pipes have no data
    }
    at_ = data + round(size);
  }
}

}  // namespace quix
