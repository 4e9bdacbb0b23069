#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <string>

#include <quix/data/rle.hpp>

namespace quix {
namespace detail {

static_assert(std::endian::native == std::endian::little, "quix: files are written as this machine's memory is");

/// u8 i8 u16 i16 …: the high half of the first byte.
inline constexpr DType rle_types[] = {DType::u8,  DType::i8,  DType::u16, DType::i16,
                                      DType::u32, DType::i32, DType::u64, DType::i64};

/// Calls `f` with a value of the C++ type of an integer DType.
template <class F>
decltype(auto) with_integer(DType type, F&& f) {
  switch (type) {
    case DType::u8: return f(std::uint8_t{});
    case DType::i8: return f(std::int8_t{});
    case DType::u16: return f(std::uint16_t{});
    case DType::i16: return f(std::int16_t{});
    case DType::u32: return f(std::uint32_t{});
    case DType::i32: return f(std::int32_t{});
    case DType::u64: return f(std::uint64_t{});
    case DType::i64: return f(std::int64_t{});
    default: throw Error("", "run-length coding needs integers, got " + std::string(name_of(type)));
  }
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace detail

QUIX_INLINE RleHeader read_rle_header(std::span<const std::byte> file) {
  if (file.size() < 17)
    throw Error("", "the RLE bytes are truncated: at least 17 are needed, got " + std::to_string(file.size()));
  RleHeader header;
  const auto types = static_cast<unsigned>(file[0]);
  if (types >> 4 > 7 || (types & 15) > 3)
    throw Error("", "the RLE bytes are corrupt: the first is not a pair of integer types");
  header.dtype = detail::rle_types[types >> 4];
  header.runs = detail::rle_types[2 * (types & 15)];
  const auto length = [&](std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<std::uint64_t>(file[at + i]);
    return value;
  };
  const auto shape = length(1), table = length(9), rest = std::uint64_t{file.size() - 17};
  if (shape % 8 != 0 || shape > 64 || shape > rest || table > rest - shape || table % size_of(header.dtype) != 0)
    throw Error("", "the RLE bytes are corrupt: a shape of " + std::to_string(shape) + " bytes and a table of " +
                        std::to_string(table) + " do not fit");
  std::uint64_t count = 1;
  for (std::size_t d = 0; d < shape / 8; ++d) {
    const auto size = detail::load<std::uint64_t>(file.data() + 17 + 8 * d);
    if (size > (std::uint64_t{1} << 48) || (size > 0 && count > (std::uint64_t{1} << 48) / size))
      throw Error("", "the RLE bytes are corrupt: the shape is too large");
    count *= std::max<std::uint64_t>(size, 1);
    header.shape.push_back(static_cast<std::int64_t>(size));
  }
  header.table_at = 17 + shape, header.runs_at = header.table_at + table;
  header.table = table / size_of(header.dtype);
  const auto runs = file.size() - header.runs_at;
  if (runs % (2 * size_of(header.runs)) != 0) throw Error("", "the RLE bytes are truncated in the middle of a run");
  header.count = runs / (2 * size_of(header.runs));
  return header;
}

QUIX_INLINE void read_rle(std::span<const std::byte> file, const RleHeader& header, std::byte* to) {
  const auto total = static_cast<std::uint64_t>(header.shape.count());
  detail::with_integer(header.runs, [&]<class R>(R) {
    detail::with_integer(header.dtype, [&]<class T>(T) {
      const auto* index = file.data() + header.runs_at;
      const auto* length = index + header.count * sizeof(R);
      auto* out = reinterpret_cast<T*>(to);
      std::uint64_t filled = 0;
      for (std::size_t i = 0; i < header.count; ++i) {
        const auto which = static_cast<std::uint64_t>(detail::load<R>(index + i * sizeof(R)));
        const auto n = static_cast<std::uint64_t>(detail::load<R>(length + i * sizeof(R)));
        if (which >= header.table || n > total - filled)
          throw Error("", "the RLE bytes are corrupt: run " + std::to_string(i) + " does not fit");
        std::fill_n(out + filled, n, detail::load<T>(file.data() + header.table_at + which * sizeof(T)));
        filled += n;
      }
      if (filled != total)
        throw Error("", "the RLE bytes are corrupt: the runs have " + std::to_string(filled) +
                            " elements, but the shape is " + header.shape.text());
    });
  });
}

QUIX_INLINE std::vector<std::byte> write_rle(DType dtype, const Dims& shape, const std::byte* data) {
  return detail::with_integer(dtype, [&]<class T>(T) {
    const auto* values = reinterpret_cast<const T*>(data);
    const auto n = static_cast<std::size_t>(shape.count());
    if (n == 0) throw Error("", "an empty array has no run-length code");
    struct Run {
      T value;
      std::uint64_t length;
    };
    std::vector<Run> runs;
    for (std::size_t i = 0; i < n; ++i)
      if (!runs.empty() && runs.back().value == values[i])
        ++runs.back().length;
      else
        runs.push_back({values[i], 1});
    std::vector<T> table;
    for (const auto& run : runs) table.push_back(run.value);
    std::sort(table.begin(), table.end());
    table.erase(std::unique(table.begin(), table.end()), table.end());
    std::uint64_t longest = table.size();
    for (const auto& run : runs) longest = std::max(longest, run.length);
    const unsigned width = longest < 1u << 8 ? 0 : longest < 1u << 16 ? 1 : longest < std::uint64_t{1} << 32 ? 2 : 3;

    std::vector<std::byte> out;
    const auto type =
        std::find(std::begin(detail::rle_types), std::end(detail::rle_types), dtype) - std::begin(detail::rle_types);
    out.push_back(static_cast<std::byte>(static_cast<unsigned>(type) << 4 | width));
    const auto put = [&](std::uint64_t value, std::size_t bytes) {
      for (std::size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> 8 * i));
    };
    for (const std::uint64_t length : {shape.size() * 8, table.size() * sizeof(T)})
      for (int i = 7; i >= 0; --i) out.push_back(static_cast<std::byte>(length >> 8 * i));
    for (const auto d : shape) put(static_cast<std::uint64_t>(d), 8);
    for (const auto value : table) put(static_cast<std::uint64_t>(value), sizeof(T));
    const auto bytes = std::size_t{1} << width;
    for (const auto& run : runs)
      put(static_cast<std::uint64_t>(std::lower_bound(table.begin(), table.end(), run.value) - table.begin()), bytes);
    for (const auto& run : runs) put(run.length, bytes);
    return out;
  });
}

}  // namespace quix
