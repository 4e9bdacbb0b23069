#pragma once

#include <algorithm>
#include <charconv>
#include <cstring>
#include <unordered_map>
#include <utility>

#include <quix/cfg/suggest.hpp>
#include <quix/data/tar.hpp>
#include <quix/io/format.hpp>

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

inline bool is_zero(const void* bytes, std::size_t size) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  return std::all_of(at, at + size, [](unsigned char c) { return c == 0; });
}

inline bool checksum_matches(const TarHeader& header) {
  std::uint64_t written = 0;
  if (!tar_number(header.checksum, written)) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
  std::uint64_t sum = 8 * ' ', high = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += bytes[i], high += bytes[i] >> 7;
  for (std::size_t i = 148; i < 156; ++i) sum -= bytes[i], high -= bytes[i] >> 7;
  return sum == written || sum == written + 256 * high;  // old programs add signed bytes
}

/// A member's name from its header alone: prefix/name.
inline void plain_name(const TarHeader& header, std::string& to) {
  to.clear();
  if (std::memcmp(header.magic, "ustar", 6) == 0 && header.prefix[0]) to.append(field(header.prefix)).append(1, '/');
  to.append(field(header.name));
}

QUIX_INLINE bool read_plain_name(const io::File& file, std::uint64_t at, std::string& name) {
  TarHeader header;
  if (file.read(at, &header, sizeof header) != sizeof header || !checksum_matches(header)) return false;
  if (!(header.type >= '0' && header.type <= '2') && header.type != '\0' && header.type != '7') return false;
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

QUIX_INLINE void lower_suffix(std::string_view text, std::string& to) {
  to = text;
  for (auto& c : to) c = lower(c);
}

QUIX_INLINE bool same_suffix(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
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
  // Small members: read ahead, many at a time. Large ones: only the requested bytes.
  const std::size_t ahead = span_.size <= 16384 ? ahead_ : std::min<std::size_t>(ahead_, 4096);
  if (buffer_.size() < std::max(ahead, size)) buffer_.resize(std::max(ahead, size));
  buffer_offset_ = offset;
  buffer_size_ = file_.read(offset, buffer_.data(), std::max(ahead, size));
  if (buffer_size_ < size) fail(offset, "the tar archive was truncated while it was read");
  return buffer_.data();
}

QUIX_INLINE std::span<const std::byte> TarScan::bytes() { return {window(span_.offset, span_.size), span_.size}; }

/// The files of an archive with links, and the target of each link.
struct TarScan::Links {
  std::unordered_map<std::string, Span> files;
  std::unordered_map<std::string, std::string> targets;

  static std::string normal(const std::filesystem::path& path) { return path.lexically_normal().generic_string(); }
  /// A hard link's target is named from the archive's root, a symbolic one's from its own folder.
  static std::string target(const TarScan& link) {
    if (!link.is_symbolic_) return normal(link.target_);
    return normal(std::filesystem::path(link.name_).parent_path() / link.target_);
  }
};

/// Gives a link its target's span. False when that is not a file of the archive.
QUIX_INLINE bool TarScan::follow_link() {
  if (!links_) {
    auto links = std::make_shared<Links>();
    TarScan all(file_);
    for (all.whole_ = false; all.next();)
      if (all.is_link_)
        links->targets.insert_or_assign(Links::normal(all.name_), Links::target(all));
      else
        links->files.insert_or_assign(Links::normal(all.name_), all.span_);
    links_ = std::move(links);
  }
  auto name = Links::target(*this);
  for (int steps = 0; steps < 40; ++steps) {  // as many as Linux follows
    if (const auto file = links_->files.find(name); file != links_->files.end()) return span_ = file->second, true;
    const auto link = links_->targets.find(name);
    if (link == links_->targets.end()) return false;
    name = link->second;
  }
  return false;
}

/// POSIX lets a hard link have data, where others write a size without any.
QUIX_INLINE bool TarScan::has_data(std::uint64_t data, std::uint64_t size) {
  if (size == 0 || size > file_.size() || data + size > file_.size() || data + 512 > file_.size()) return false;
  detail::TarHeader next;
  std::memcpy(&next, window(data, 512), 512);
  return !detail::is_zero(&next, 512) && !detail::checksum_matches(next);
}

/// Counts the samples of archives after the end mark; other bytes there count as one.
QUIX_INLINE void TarScan::count_after_end() {
  whole_ = false;
  for (auto at = at_ + 512; at < file_.size();) {
    const auto n = std::min<std::uint64_t>(file_.size() - at, 512);
    if (detail::is_zero(window(at, n), n)) {
      at += n;
      continue;
    }
    const auto add = [&](const std::string& what, std::uint64_t where) {
      unread_.add(Unread::after_end, what + " at byte " + std::to_string(where));
    };
    try {
      TarScan rest(file_, at);
      rest.ahead_ = ahead_;
      for (std::string last; rest.next_member();) {
        if (rest.key_ == last) continue;
        last = rest.key_;
        add(rest.name_, rest.header_);
      }
      at = rest.at_ + 512;
    } catch (const Error&) {
      return add("bytes that are not an archive,", at);
    }
  }
}

/// Records are "LENGTH KEY=VALUE\n".
QUIX_INLINE void TarScan::read_pax(std::string_view rest, Extended& to) const {
  while (!rest.empty() && rest[0] != '\0') {
    std::size_t length = 0;
    const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
    const auto digits = static_cast<std::size_t>(end - rest.data());
    if (code != std::errc{} || length > rest.size() || length < digits + 3 || rest[digits] != ' ' ||
        rest[length - 1] != '\n')
      fail(at_, "an extended tar header is corrupt");
    const auto record = rest.substr(digits + 1, length - digits - 2);
    const auto equals = record.find('=');
    if (equals == record.npos) fail(at_, "an extended tar header is corrupt");
    const auto key = record.substr(0, equals), value = record.substr(equals + 1);
    if (key == "path") to.name = value;
    if (key == "linkpath") to.link = value;
    if (key == "size") {
      const auto [stop, bad] = std::from_chars(value.data(), value.data() + value.size(), to.size);
      if (bad != std::errc{} || stop != value.data() + value.size())
        fail(at_, "an extended tar header is corrupt (size)");
      to.has_size = true;
    }
    to.sparse |= key.starts_with("GNU.sparse");
    if (key == "GNU.sparse.name") to.name = value;
    rest.remove_prefix(length);
  }
}

QUIX_INLINE bool TarScan::next() {
  auto& extended = extended_;
  if (extended.any) extended = {};
  header_ = at_;
  if (at_ == 0 && file_.size() >= 6) {
    io::refuse_stand_in(file_);
    char begin[6];
    file_.read_all(0, begin, 6);
    if (!io::compression({begin, 6}).empty())
      fail(0, "a compressed archive has no random access; make a plain one with  quix data convert");
  }
  for (;;) {
    if (at_ >= file_.size())
      fail(at_,
           file_.size() == 0 ? "the tar archive is empty" : "the tar archive is truncated: its end mark is missing");
    const auto* bytes = window(at_, 512);
    detail::TarHeader copy;  // of fields needed after more has been read
    if (const char type = static_cast<char>(bytes[156]); type >= '1' && type <= '2')
      bytes = static_cast<const std::byte*>(std::memcpy(&copy, bytes, 512));
    const auto& header = *reinterpret_cast<const detail::TarHeader*>(bytes);
    if (header.name[0] == '\0' && detail::is_zero(&header, 512)) {
      if (whole_) count_after_end();
      return false;
    }
    if (!detail::checksum_matches(header))
      fail(at_,
           at_ == 0 ? "not a tar archive, or a corrupt one" : "a tar header is corrupt (its checksum does not match)");
    std::uint64_t size = 0;
    if (!detail::tar_number(header.size, size)) fail(at_, "a tar header is corrupt (no size)");
    const auto data = at_ + 512;
    const char type = header.type;
    const bool is_extended = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    if (extended.has_size && !is_extended) size = extended.size;
    // Links, devices, folders and pipes have no data.
    if (type >= '1' && type <= '6' && !(type == '1' && has_data(data, size))) size = 0;
    if (size > file_.size() || data + size > file_.size())
      fail(at_, "the tar archive is truncated: the member " + std::string(detail::field(header.name)) + " of " +
                    std::to_string(size) + " bytes does not fit");
    if (type == 'S' || (extended.sparse && !is_extended))
      fail(at_, "the member " + (extended.name.empty() ? std::string(detail::field(header.name)) : extended.name) +
                    " is a sparse file, which is not supported; pack it again without  --sparse");
    if (is_extended) {
      extended.any = true;
      if (size > (1 << 20)) fail(at_, "an extended tar header is larger than 1 MiB");
      const std::string text(reinterpret_cast<const char*>(window(data, size)), size);
      if (type == 'L') extended.name = text.c_str();
      if (type == 'K') extended.link = text.c_str();
      if (type == 'x') read_pax(text, extended);
    }
    at_ = data + (size + 511) / 512 * 512;
    if (is_extended) continue;

    if (extended.name.empty())
      detail::plain_name(header, name_);
    else
      name_ = extended.name;
    is_link_ = (type == '1' && size == 0) || type == '2';
    span_ = {data, size};
    if (is_link_) {
      is_symbolic_ = type == '2', span_.size = 0;
      target_ = extended.link.empty() ? std::string(detail::field(header.link)) : extended.link;
      if (!whole_ || follow_link()) return true;
      unread_.add(Unread::dangling_link, name_);
    } else if (type == '0' || type == '\0' || type == '7' || type == '1') {
      if (!name_.ends_with('/')) return true;                // the oldest programs write a directory like this
    } else if (type != '5' && type != 'V' && type != 'D') {  // folders, a volume's name, a list of a folder
      unread_.add(Unread::not_a_file, name_);
    }
    if (extended.any) extended = {};
    header_ = at_;
  }
}

QUIX_INLINE bool TarScan::next_member() {
  while (next()) {
    std::string_view suffix;
    if (detail::split_member(name_, key_, suffix)) return detail::lower_suffix(suffix, suffix_), true;
    if (name_.compare(name_.rfind('/') + 1, 1, ".") != 0) unread_.add(Unread::no_suffix, name_);
  }
  return false;
}

}  // namespace quix
