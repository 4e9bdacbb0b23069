#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <quix/cfg/parse.hpp>
#include <quix/data/codec.hpp>
#include <quix/data/rle.hpp>
#include <quix/data/views.hpp>

namespace quix {

/// An image of uint8: a sample [C, H, W], a batch [B, C, H, W]. In memory the channels of a pixel are adjacent (torch's
/// channels-last). JPEG, PNG or WebP, detected from the bytes and not from the suffix; written as JPEG when the suffix
/// is jpg or jpeg, else as PNG.
///
/// The EXIF orientation is ignored, as Pillow's `Image.open` does; `Image<"jpg", rgb, Orientation::apply>` turns the
/// image upright, as `ImageOps.exif_transpose`. Shape, crops, masks and boxes are then those of the upright image:
/// masks and boxes themselves are never turned.
template <Literal Suffix, Channels Colours = rgb, Orientation Turn = Orientation::ignore>
struct Image : Array {
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::input;
  static constexpr Channels channels = Colours;
  static constexpr Orientation orientation = Turn;

  Image() = default;
  /// From height × width × channels bytes, which are copied.
  Image(const std::byte* pixels, ImageSize size) : Array(detail::own_array(layout_of(size), pixels)) {}

  static Layout layout_of(ImageSize size) {
    const std::int64_t c = channel_count(Colours);
    return {.dtype = DType::u8, .shape = {c, size.height, size.width}, .strides = {1, size.width * c, c}};
  }
  static Layout inspect(ByteView bytes) { return layout_of(image_size(bytes, Turn)); }
  static void decode(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
    scratch.images.decode(bytes, Colours, {.width = layout.shape[2], .height = layout.shape[1]}, to, Turn);
  }
  static std::vector<std::byte> encode(const Array& image) {
    const ImageSize size{.width = image.shape()[2], .height = image.shape()[1]};
    if constexpr (Colours != rgba && (suffix.ends_with("jpg") || suffix.ends_with("jpeg")))
      return encode_jpeg(image.data(), Colours, size);
    else
      return encode_png(image.data(), Colours, size);
  }
};

/// A class index, in the member as decimal digits (Python quix's and WebDataset's `cls`): int64, a sample [], a batch
/// [B]. Read once, with the index.
template <Literal Suffix>
struct Class : Array {
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::target;
  static constexpr bool is_class = true;

  Class() = default;
  Class(std::int64_t number) : Array(detail::own_array(inspect({}), &number)) {}  // NOLINT: {.label = 3}

  static Layout inspect(ByteView) { return {.dtype = DType::i64, .shape = {}, .strides = {}}; }
  static void decode(ByteView bytes, const Layout&, std::byte* to);
  static std::vector<std::byte> encode(const Array& label) {
    return detail::to_bytes(std::to_string(*label.data<std::int64_t>()));
  }
};

/// A NumPy array, of one shape in all samples. T is the element type of the files; void accepts any.
template <Literal Suffix, class T = void, Use As = Use::input>
struct Npy : Array {
  using element = T;
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = As;
  static constexpr bool mapped = true;

  Npy() = default;
  Npy(Array array) : Array(std::move(array)) {}  // NOLINT: {.x = quix::array_of<float>({2}, {1, 2})}
  /// Row-major values, which are copied.
  Npy(const Dims& shape, const T* values) requires(!std::is_void_v<T>)
      : Array(detail::own_array({.dtype = dtype_for<T>(), .shape = shape, .strides = detail::strides_of(shape)},
                                values)) {}

  static Layout inspect(ByteView bytes);
  static void decode(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch);
  static std::vector<std::byte> encode(const Array& array) {
    return io::write_npy(array.dtype(), array.shape(), array.data());
  }
};

/// A NumPy array whose first dimension varies, padded with zeros to `Length`. A longer one is an error.
template <Literal Suffix, class T, std::int64_t Length, Use As = Use::input>
struct Padded : Array {
  using element = T;
  Padded() = default;
  Padded(Array array) : Array(std::move(array)) {}  // NOLINT

  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = As;
  static constexpr bool mapped = true;

  static Layout inspect(ByteView bytes);
  static void decode(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch);
  static std::vector<std::byte> encode(const Array& array) {
    return io::write_npy(array.dtype(), array.shape(), array.data());
  }
};

/// The value of a Ragged field: row-major.
template <class T>
struct Tensor {
  Dims shape;
  std::vector<T> values;
  bool operator==(const Tensor&) const = default;
};

/// NumPy arrays of different shapes; a batch has a list of them.
template <Literal Suffix, class T, Use As = Use::other>
struct Ragged : List<Tensor<T>> {
  using List<Tensor<T>>::List;
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = As;
  static constexpr bool mapped = true;

  static void decode(ByteView bytes, Tensor<T>& to);
  static std::vector<std::byte> encode(const Tensor<T>& value) {
    return io::write_npy(dtype_for<T>(), value.shape, reinterpret_cast<const std::byte*>(value.values.data()));
  }
};

/// Rectangles on an image: float32 [N, 4] from NumPy, corner and opposite corner; N varies.
template <Literal Suffix>
struct Boxes : List<std::vector<Box>> {
  using List<std::vector<Box>>::List;
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::other;

  static void decode(ByteView bytes, std::vector<Box>& to);
  static std::vector<std::byte> encode(const std::vector<Box>& boxes) {
    return io::write_npy(DType::f32, {static_cast<std::int64_t>(boxes.size()), 4},
                         reinterpret_cast<const std::byte*>(boxes.data()));
  }
};

namespace detail {

/// The class index in a member's bytes, possibly with blanks around it. Throws Error.
std::int64_t parse_class(ByteView bytes);
/// Reads an NPY header; caches the last one.
const io::NpyHeader& npy_header(ByteView bytes, Scratch& scratch);
/// Throws Error unless the file's dtype is that of the field.
void require_dtype(DType found, DType wanted);
void decode_npy(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch);
/// The first dimension may be shorter; the rest is zero.
void decode_padded(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch);
void decode_rle(ByteView bytes, const Layout& layout, std::byte* to);

/// "seg16" → 16, "png" → 0: as in the PNG.
constexpr int mask_bits(std::string_view suffix) {
  for (const auto& [end, bits] :
       {std::pair<std::string_view, int>{"seg8", 8}, {"seg16", 16}, {"seg24", 24}, {"seg32", 32}})
    if (suffix == end ||
        (suffix.size() > end.size() && suffix.ends_with(end) && suffix[suffix.size() - end.size() - 1] == '.'))
      return bits;
  return 0;
}

template <int Bits>
using MaskType =
    std::conditional_t<Bits == 16, std::uint16_t, std::conditional_t<Bits >= 24, std::uint32_t, std::uint8_t>>;

}  // namespace detail

/// A number for each pixel, from a PNG: [H, W]. The suffixes seg8, seg16, seg24 and seg32 are Python quix's and give
/// the number of bits; for another suffix the PNG gives it (gray values, or a palette's indices). T may be wider:
/// `Mask<"seg8", std::int64_t>` suits a cross-entropy of pixels.
template <Literal Suffix, class T = detail::MaskType<detail::mask_bits(Suffix.view())>>
struct Mask : Array {
  using element = T;
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::target;
  static constexpr bool is_mask = true;
  static constexpr int bits = detail::mask_bits(suffix);
  static_assert(std::is_integral_v<T> && !std::same_as<T, bool>,
                "quix: a mask's type is an integer, like  Mask<\"seg8\", std::int64_t>");

  Mask() = default;
  Mask(const T* values, ImageSize size) : Array(detail::own_array(layout_of(size), values)) {}

  static Layout layout_of(ImageSize size) {
    return {.dtype = dtype_for<T>(), .shape = {size.height, size.width}, .strides = {size.width, 1}};
  }
  static Layout inspect(ByteView bytes) { return layout_of(mask_info(bytes, bits).size); }
  static void decode(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
    decode_mask(bytes, bits, {.width = layout.shape[1], .height = layout.shape[0]}, sizeof(T), to, scratch.other);
  }
  static std::vector<std::byte> encode(const Array& mask) {
    return encode_mask(mask.data(), sizeof(T), {.width = mask.shape()[1], .height = mask.shape()[0]},
                       bits             ? bits
                       : sizeof(T) == 1 ? 8
                                        : 16);
  }
};

/// A run-length coded array of integers (Python quix's `rle`): any shape, the same in all samples.
template <Literal Suffix, class T>
struct Rle : Array {
  using element = T;
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::target;
  static constexpr bool mapped = true;
  static constexpr bool is_mask = true;

  Rle() = default;
  Rle(const Dims& shape, const T* values)
      : Array(detail::own_array({.dtype = dtype_for<T>(), .shape = shape, .strides = detail::strides_of(shape)},
                                values)) {}

  static Layout inspect(ByteView bytes) {
    const auto header = read_rle_header(bytes);
    detail::require_dtype(header.dtype, dtype_for<T>());
    return {.dtype = header.dtype, .shape = header.shape, .strides = detail::strides_of(header.shape)};
  }
  static void decode(ByteView bytes, const Layout& layout, std::byte* to) { detail::decode_rle(bytes, layout, to); }
  static std::vector<std::byte> encode(const Array& array) {
    return write_rle(array.dtype(), array.shape(), array.data());
  }
};

/// The member's text.
template <Literal Suffix>
struct Text : List<std::string> {
  using List<std::string>::List;
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::other;
  static void decode(ByteView bytes, std::string& to) {
    to.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  static std::vector<std::byte> encode(const std::string& text) { return detail::to_bytes(text); }
};

/// The member's bytes.
template <Literal Suffix>
struct Bytes : List<std::vector<std::byte>> {
  using List<std::vector<std::byte>>::List;
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::other;
  static void decode(ByteView bytes, std::vector<std::byte>& to) { to.assign(bytes.begin(), bytes.end()); }
  static std::vector<std::byte> encode(const std::vector<std::byte>& bytes) { return bytes; }
};

/// A JSON document as a struct of options: names, types and limits are checked as in a configuration.
template <Literal Suffix, class T>
struct Json : List<T> {
  using List<T>::List;
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::other;
  static void decode(ByteView bytes, T& to) {
    to = cfg::from_json<T>(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  static std::vector<std::byte> encode(const T& value) { return detail::to_bytes(cfg::to_json(value)); }
};

template <Literal Suffix>
void Class<Suffix>::decode(ByteView bytes, const Layout&, std::byte* to) {
  *reinterpret_cast<std::int64_t*>(to) = detail::parse_class(bytes);
}

template <Literal Suffix, class T, Use As>
Layout Npy<Suffix, T, As>::inspect(ByteView bytes) {
  const auto header = io::read_npy_header(bytes);
  if constexpr (!std::is_void_v<T>) detail::require_dtype(header.dtype, dtype_for<T>());
  return {.dtype = header.dtype, .shape = header.shape, .strides = detail::strides_of(header.shape)};
}
template <Literal Suffix, class T, Use As>
void Npy<Suffix, T, As>::decode(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
  detail::decode_npy(bytes, layout, to, scratch);
}

template <Literal Suffix, class T, std::int64_t Length, Use As>
Layout Padded<Suffix, T, Length, As>::inspect(ByteView bytes) {
  auto header = io::read_npy_header(bytes);
  detail::require_dtype(header.dtype, dtype_for<T>());
  if (header.shape.empty()) throw Error("", "a padded field needs arrays of at least one dimension");
  header.shape.set(0, Length);
  return {.dtype = header.dtype, .shape = header.shape, .strides = detail::strides_of(header.shape)};
}
template <Literal Suffix, class T, std::int64_t Length, Use As>
void Padded<Suffix, T, Length, As>::decode(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
  detail::decode_padded(bytes, layout, to, scratch);
}

template <Literal Suffix, class T, Use As>
void Ragged<Suffix, T, As>::decode(ByteView bytes, Tensor<T>& to) {
  const auto header = io::read_npy_header(bytes);
  detail::require_dtype(header.dtype, dtype_for<T>());
  to.shape = header.shape;
  to.values.resize(static_cast<std::size_t>(header.shape.count()));
  io::read_npy(bytes, header, reinterpret_cast<std::byte*>(to.values.data()));
}

template <Literal Suffix>
void Boxes<Suffix>::decode(ByteView bytes, std::vector<Box>& to) {
  const auto header = io::read_npy_header(bytes);
  detail::require_dtype(header.dtype, DType::f32);
  if (header.shape.size() != 2 || header.shape[1] != 4)
    throw Error("", std::string("expected boxes [N, 4], got ").append(header.shape.text()));
  to.resize(static_cast<std::size_t>(header.shape[0]));
  io::read_npy(bytes, header, reinterpret_cast<std::byte*>(to.data()));
}

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/fields.ipp>
#endif
