#pragma once

#include <charconv>
#include <cstring>

#include <quix/data/fields.hpp>

namespace quix::detail {

QUIX_INLINE std::int64_t parse_class(ByteView bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  const auto trimmed =
      begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), value);
  if (trimmed.empty() || code != std::errc{} || end != trimmed.data() + trimmed.size())
    throw Error(
        "", "expected a class index, got " + (text.empty() ? "nothing" : '"' + std::string(text.substr(0, 20)) + '"'));
  return value;
}

QUIX_INLINE const io::NpyHeader& npy_header(ByteView bytes, Scratch& scratch) {
  auto& last = scratch.npy_text;
  if (!last.empty() && bytes.size() >= last.size() + scratch.npy.data_bytes() &&
      std::memcmp(bytes.data(), last.data(), last.size()) == 0)
    return scratch.npy;
  last.clear();
  scratch.npy = io::read_npy_header(bytes);
  last.assign(reinterpret_cast<const char*>(bytes.data()), scratch.npy.begin);
  return scratch.npy;
}

QUIX_INLINE void require_dtype(DType found, DType wanted) {
  if (found == wanted) return;
  throw Error("", "the file has dtype " + std::string(name_of(found)) + ", but the field has " +
                      std::string(name_of(wanted)) + "; change the field's type");
}

inline void require_shape(const Dims& found, const Dims& wanted) {
  if (found != wanted)
    throw Error("", "the array is " + found.text() + ", but the dataset's first is " + wanted.text() +
                        "; use quix::Ragged or quix::Padded for arrays of different shapes");
}

QUIX_INLINE void decode_npy(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
  const auto& header = npy_header(bytes, scratch);
  if (header.shape != layout.shape) require_shape(header.shape, layout.shape);
  require_dtype(header.dtype, layout.dtype);
  io::read_npy(bytes, header, to);
}

QUIX_INLINE void decode_padded(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
  const auto& header = npy_header(bytes, scratch);
  require_dtype(header.dtype, layout.dtype);
  auto shape = header.shape;
  if (shape.size() != layout.shape.size()) require_shape(shape, layout.shape);
  if (shape[0] > layout.shape[0])
    throw Error("", "the array has " + std::to_string(shape[0]) + " rows, but the field is padded to " +
                        std::to_string(layout.shape[0]));
  shape.set(0, layout.shape[0]);
  require_shape(shape, layout.shape);
  io::read_npy(bytes, header, to);
  std::memset(to + header.data_bytes(), 0, layout.bytes() - header.data_bytes());
}

QUIX_INLINE void decode_rle(ByteView bytes, const Layout& layout, std::byte* to) {
  const auto header = read_rle_header(bytes);
  require_dtype(header.dtype, layout.dtype);
  require_shape(header.shape, layout.shape);
  read_rle(bytes, header, to);
}

}  // namespace quix::detail
