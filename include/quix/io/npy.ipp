#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

#include <quix/io/npy.hpp>

namespace quix::io {
namespace detail {

/// NumPy's letters: kind and size, without the byte order.
inline constexpr std::string_view npy_codes[] = {"b1", "u1", "i1", "i2", "i4", "i8", "f2", "",
                                                 "f4", "f8", "u2", "u4", "u8", "c8", "c16"};

/// The header's Python dictionary: three names, in any order.
class NpyDict {
 public:
  explicit NpyDict(std::string_view text) : text_(text) {}

  void read(NpyHeader& header) {
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!take('}')) {
      const auto name = quoted();
      expect(':');
      if (name == "descr")
        read_dtype(header), descr = true;
      else if (name == "fortran_order")
        header.fortran = boolean(), order = true;
      else if (name == "shape")
        header.shape = tuple(), shape = true;
      else
        fail("has the unknown key " + std::string(name.substr(0, 40)));
      if (!take(',') && next() != '}') fail("is corrupt: a comma is missing");
    }
    if (!descr || !order || !shape) fail("lacks descr, fortran_order or shape");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error("", "the NPY header " + what); }
  char next() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
    return text_.empty() ? '\0' : text_[0];
  }
  bool take(char c) {
    if (next() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("is corrupt: ") + c + " is missing");
  }
  std::string_view quoted() {
    const char quote = next();
    const auto end = quote == '\'' || quote == '"' ? text_.find(quote, 1) : text_.npos;
    if (end == text_.npos) fail("is corrupt: a name is missing");
    const auto out = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return out;
  }
  bool boolean() {
    next();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
      if (text_.starts_with(word)) {
        text_.remove_prefix(word.size());
        return value;
      }
    fail("is corrupt: fortran_order is neither True nor False");
  }
  Dims tuple() {
    Dims out;
    expect('(');
    std::int64_t count = 1;
    while (!take(')')) {
      next();
      std::int64_t size = 0;
      const auto [end, code] = std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (code != std::errc{} || size < 0) fail("is corrupt: a size is not a number");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      if (text_.starts_with('L')) text_.remove_prefix(1);  // Python 2
      if (out.size() == 8) fail("has more than eight dimensions");
      if (size > 0 && count > (std::int64_t{1} << 56) / size) fail("claims more elements than a file can hold");
      count *= std::max<std::int64_t>(size, 1);
      out.push_back(size);
      if (!take(',') && next() != ')') fail("is corrupt: the shape is not closed");
    }
    return out;
  }
  void read_dtype(NpyHeader& header) {
    if (next() != '\'' && next() != '"')
      fail("has a structured dtype, which tensors do not support; write one array per field");
    const auto descr = quoted();
    const char order = descr.empty() ? '\0' : descr[0];
    const auto code = std::find(std::begin(npy_codes), std::end(npy_codes), descr.substr(descr.empty() ? 0 : 1));
    if (descr.size() > 1 && (descr[1] == 'O' || descr[0] == 'O'))
      fail("has the dtype object: Python objects are not read, as that would run code from the file");
    if (code == std::end(npy_codes) || descr.size() < 3 ||
        (order != '<' && order != '>' && order != '|' && order != '='))
      fail("has the dtype " + std::string(descr.substr(0, 20)) + ", which tensors do not support");
    header.dtype = static_cast<DType>(code - std::begin(npy_codes));
    header.swapped = order == (std::endian::native == std::endian::little ? '>' : '<') && size_of(header.dtype) > 1;
  }

  std::string_view text_;
};

inline void swap_bytes(std::byte* data, std::size_t count, std::size_t size) {
  for (std::size_t i = 0; i < count; ++i) std::reverse(data + i * size, data + (i + 1) * size);
}

}  // namespace detail

QUIX_INLINE NpyHeader read_npy_header(std::span<const std::byte> file) {
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(file[i]); };
  if (file.size() < 10 || std::memcmp(file.data(), "\x93NUMPY", 6) != 0) throw Error("", "not an NPY file");
  if (byte(6) < 1 || byte(6) > 3)
    throw Error("", "NPY version " + std::to_string(byte(6)) + " is not supported; use 1 to 3");
  const std::size_t prefix = byte(6) == 1 ? 10 : 12;
  if (file.size() < prefix) throw Error("", "the NPY header is truncated");
  const auto length = byte(6) == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > file.size() - prefix) throw Error("", "the NPY header is truncated");
  NpyHeader header;
  detail::NpyDict({reinterpret_cast<const char*>(file.data()) + prefix, length}).read(header);
  header.begin = prefix + length;
  if (file.size() - header.begin < header.data_bytes())
    throw Error("", "the NPY data are truncated: " + header.shape.text() + " " + std::string(name_of(header.dtype)) +
                        " needs " + std::to_string(header.data_bytes()) + " bytes, got " +
                        std::to_string(file.size() - header.begin));
  return header;
}

QUIX_INLINE void read_npy(std::span<const std::byte> file, const NpyHeader& header, std::byte* to) {
  if (header.data_bytes() == 0) return;
  const auto* from = file.data() + header.begin;
  const auto size = size_of(header.dtype);
  const auto& shape = header.shape;
  if (!header.fortran || shape.size() < 2) {
    std::memcpy(to, from, header.data_bytes());
  } else {
    // Row-major position by counting up; the file's position by its strides.
    std::int64_t at[8] = {}, strides[8] = {1};
    for (std::size_t d = 1; d < shape.size(); ++d) strides[d] = strides[d - 1] * shape[d - 1];
    for (std::int64_t i = 0, n = shape.count(), source = 0; i < n; ++i) {
      std::memcpy(to + static_cast<std::size_t>(i) * size, from + static_cast<std::size_t>(source) * size, size);
      for (auto d = shape.size(); d-- > 0;) {
        source += strides[d];
        if (++at[d] < shape[d]) break;
        source -= strides[d] * shape[d];
        at[d] = 0;
      }
    }
  }
  if (!header.swapped) return;
  const bool complex = header.dtype == DType::c64 || header.dtype == DType::c128;
  quix::io::detail::swap_bytes(to, header.data_bytes() / (complex ? size / 2 : size), complex ? size / 2 : size);
}

QUIX_INLINE std::vector<std::byte> write_npy(DType dtype, const Dims& shape, const std::byte* data) {
  const auto code = detail::npy_codes[static_cast<std::size_t>(dtype)];
  if (code.empty()) throw Error("", "NumPy has no bfloat16: convert to float32 before writing NPY");
  std::string dict = "{'descr': '";
  dict += size_of(dtype) == 1 ? '|' : std::endian::native == std::endian::little ? '<' : '>';
  dict += std::string(code) + "', 'fortran_order': False, 'shape': (";
  for (std::size_t d = 0; d < shape.size(); ++d)
    dict += std::to_string(shape[d]) + (shape.size() == 1 ? "," : d + 1 < shape.size() ? ", " : "");
  dict += "), }";
  // NumPy leaves room for the longest dimension to grow to 21 digits where the header is small anyway.
  if (!shape.empty()) dict.append(std::max<std::size_t>(0, 21 - std::to_string(shape[0]).size()), ' ');
  const std::size_t prefix = 10;
  dict.append(63 - (prefix + dict.size()) % 64, ' ');
  dict += '\n';
  std::vector<std::byte> out(prefix + dict.size());
  std::memcpy(out.data(), "\x93NUMPY\x01\x00", 8);
  out[8] = static_cast<std::byte>(dict.size() & 255), out[9] = static_cast<std::byte>(dict.size() >> 8);
  std::memcpy(out.data() + prefix, dict.data(), dict.size());
  const auto bytes = static_cast<std::size_t>(shape.count()) * size_of(dtype);
  out.insert(out.end(), data, data + bytes);
  return out;
}

}  // namespace quix::io
