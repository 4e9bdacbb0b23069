#pragma once

#include <algorithm>
#include <cctype>

#include <quix/io/format.hpp>

namespace quix::io {
namespace detail {

inline std::string first_bytes(const File& file) {
  std::string begin(512, '\0');
  begin.resize(file.read(0, begin.data(), begin.size()));
  return begin;
}

}  // namespace detail

QUIX_INLINE std::string stand_in(std::string_view begin) {
  if (begin.starts_with("version https://git-lfs.github.com/spec/"))
    return "a Git LFS pointer, not the file itself; fetch that with  git lfs pull";
  if (begin.starts_with("\xef\xbb\xbf")) begin.remove_prefix(3);
  while (!begin.empty() && std::isspace(static_cast<unsigned char>(begin[0]))) begin.remove_prefix(1);
  const auto is = [&](std::string_view tag) {
    if (begin.size() < tag.size()) return false;
    for (std::size_t i = 0; i < tag.size(); ++i)
      if (std::tolower(static_cast<unsigned char>(begin[i])) != tag[i]) return false;
    return true;
  };
  if (is("<!doctype html") || is("<html") || is("<head"))
    return "an HTML page, not the file itself; check its address, and whether the download needs a login";
  if (is("<?xml")) return "an XML page, often a server's error message; check the file's address";
  return {};
}

QUIX_INLINE void refuse_stand_in(const File& file) {
  if (const auto what = stand_in(detail::first_bytes(file)); !what.empty()) throw Error(file.path().string(), what);
}

QUIX_INLINE std::string_view compression(std::string_view begin) {
  if (begin.starts_with("\x1f\x8b")) return "gzip";
  if (begin.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  if (begin.starts_with("\x04\x22\x4d\x18")) return "lz4";
  if (begin.starts_with('\xfd') && begin.substr(1).starts_with("7zXZ")) return "xz";
  // A name may begin with BZh: bzip2 has a digit, and then the number pi or its root.
  if (begin.size() < 6 || !begin.starts_with("BZh") || begin[3] < '1' || begin[3] > '9') return {};
  const auto mark = begin.substr(4, 2);
  return mark == "1A" || mark == "\x17\x72" ? "bzip2" : "";
}

QUIX_INLINE TensorFormat tensor_format(const File& file) {
  const auto begin = detail::first_bytes(file);
  const auto fail = [&](const std::string& what) { throw Error(file.path().string(), what); };
  if (begin.empty()) fail("empty file");
  if (const auto what = stand_in(begin); !what.empty()) fail(what);
  // torch.save: a ZIP archive; before torch 1.6 a pickle, or a tar archive.
  if (begin.starts_with("PK") || begin.starts_with("\x80\x02")) return TensorFormat::pt;
  if (begin.size() > 262 && begin.compare(257, 5, "ustar") == 0) fail("a tar archive; unpack it first");
  if (const auto tool = compression(begin); !tool.empty())
    fail("compressed by " + std::string(tool) + "; unpack it first");
  if (begin.size() > 8 && begin[8] == '{') return TensorFormat::safetensors;
  if (begin.size() >= 8 &&
      std::all_of(begin.begin(), begin.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(begin.size(), 32)),
                  [](unsigned char c) { return c >= ' ' ? c < 0x7f : std::isspace(c) != 0; }))
    fail("text, not weights; check the origin of the file");
  // A corrupt file: its reader reports the error.
  const auto suffix = file.path().extension();
  if (suffix == ".safetensors") return TensorFormat::safetensors;
  if (suffix == ".pt" || suffix == ".pth") return TensorFormat::pt;
  fail("unknown format; weights are read from safetensors and from files of Python's torch.save");
  return TensorFormat::pt;
}

}  // namespace quix::io
