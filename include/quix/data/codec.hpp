#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/text.hpp>
#include <quix/data/array.hpp>
#include <quix/data/image.hpp>
#include <quix/data/list.hpp>
#include <quix/data/views.hpp>
#include <quix/io/npy.hpp>

namespace quix {

/// The use of a field in training: input of the model, target of the loss and the metrics, or neither.
enum class Use : std::uint8_t { input, target, other };

/// Memory that a decoding thread reuses from sample to sample, so that nothing is allocated in a steady state.
struct Scratch {
  std::vector<std::byte> bytes;  ///< of the member that is read
  std::vector<std::byte> other;
  ImageDecoder images;
  std::string npy_text;  ///< the last NPY header, and its contents
  io::NpyHeader npy;
  ImageSample views;  ///< of the sample that is augmented
};

/// A codec whose samples share a dtype and a shape: the type of a sample's field. It names the tar member and decodes
/// its bytes. Derives from Array, and has these static members:
///
///     suffix                                   the tar member's name after the key's dot: "png"
///     use                                      Use::input, Use::target or Use::other
///     Layout inspect(ByteView)                 dtype and shape of one encoded sample
///     void decode(ByteView, const Layout&, std::byte* to)    throws Error when the bytes do not have that layout
///     std::vector<std::byte> encode(const Array&)
///
/// decode may take a Scratch& as last parameter.
template <class C>
concept ArrayCodec = std::derived_from<C, Array> && requires(ByteView bytes, const Array& array) {
  { C::suffix } -> std::convertible_to<std::string_view>;
  { C::use } -> std::convertible_to<Use>;
  { C::inspect(bytes) } -> std::same_as<Layout>;
  { C::encode(array) } -> std::same_as<std::vector<std::byte>>;
} &&(
    requires(ByteView bytes, const Layout& layout, std::byte* to) { C::decode(bytes, layout, to); } ||
    requires(ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
      C::decode(bytes, layout, to, scratch);
    });

/// A codec of values without a common shape. Derives from List<T>, and has as static members suffix, use, and
///
///     void decode(ByteView, T& to)             `to` contains an older sample's value
///     std::vector<std::byte> encode(const T&)
template <class C>
concept ListCodec = requires {
  typename C::value_type;
}
&&std::derived_from<C, List<typename C::value_type>>&& requires(ByteView bytes, typename C::value_type& value) {
  { C::suffix } -> std::convertible_to<std::string_view>;
  { C::use } -> std::convertible_to<Use>;
  C::decode(bytes, value);
  { C::encode(value) } -> std::same_as<std::vector<std::byte>>;
};

/// The sample's key: "00042", including directories in the member's name. A batch has a list of keys.
struct Key : List<std::string> {
  using List<std::string>::List;
  static constexpr bool is_key = true;
  static constexpr std::string_view suffix{};
  static constexpr Use use = Use::other;
};

/// The sample's index in the split, int64: a batch [B].
struct Index : Array {
  static constexpr bool is_index = true;
  static constexpr std::string_view suffix{};
  static constexpr Use use = Use::other;
};

template <class C>
concept Codec = ArrayCodec<C> || ListCodec<C> || std::same_as<C, Key> || std::same_as<C, Index>;

namespace detail {

/// A field's codec, for code that does not depend on the sample's type.
struct FieldCodec {
  enum class Kind : std::uint8_t { array, label, list, key, index };
  enum class AugmentKind : std::uint8_t { none, image, mask, boxes };  ///< how augmentations treat the field

  std::string_view suffix;
  Kind kind = Kind::array;
  bool mapped = false;  ///< copied rather than decoded: read from a memory map
  Layout (*inspect)(ByteView) = nullptr;
  void (*decode)(ByteView, const Layout&, std::byte* to, Scratch&) = nullptr;  ///< of a list: `to` is the value
  AugmentKind view = AugmentKind::none;
  Channels channels = Channels::rgb;  ///< of an image
  Orientation orientation = Orientation::ignore;
  std::optional<DType> dtype{};  ///< the only accepted one
  std::size_t element = 0;       ///< of a list: the value's size
  void (*construct)(std::byte* at) = nullptr;
  void (*destroy)(std::byte* at) = nullptr;

  bool is_list() const { return kind == Kind::list || kind == Kind::key; }
  bool has_member() const { return kind != Kind::key && kind != Kind::index; }
};

template <class C>
constexpr bool is_class_field = requires {
  requires C::is_class;
};

template <class C>
constexpr FieldCodec field_codec() {
  FieldCodec out{.suffix = C::suffix};
  if constexpr (std::same_as<C, Index>) {
    out.kind = FieldCodec::Kind::index;
    out.inspect = [](ByteView) { return Layout{.dtype = DType::i64, .shape = {}, .strides = {}}; };
  } else if constexpr (ArrayCodec<C>) {
    out.kind = is_class_field<C> ? FieldCodec::Kind::label : FieldCodec::Kind::array;
    out.mapped = requires { requires C::mapped; };
    if constexpr (requires {
                    { C::channels } -> std::convertible_to<Channels>;
                  })
      out.view = FieldCodec::AugmentKind::image, out.channels = C::channels;
    if constexpr (requires {
                    { C::orientation } -> std::convertible_to<Orientation>;
                  })
      out.orientation = C::orientation;
    if constexpr (requires { requires C::is_mask; }) out.view = FieldCodec::AugmentKind::mask;
    if constexpr (requires { typename C::element; })
      if constexpr (!std::is_void_v<typename C::element>) out.dtype = dtype_for<typename C::element>();
    out.inspect = &C::inspect;
    out.decode = [](ByteView bytes, const Layout& layout, std::byte* to, Scratch& scratch) {
      if constexpr (requires { C::decode(bytes, layout, to, scratch); })
        C::decode(bytes, layout, to, scratch);
      else
        C::decode(bytes, layout, to);
    };
  } else {
    using T = typename C::value_type;
    static_assert(alignof(T) <= 64);
    out.kind = std::same_as<C, Key> ? FieldCodec::Kind::key : FieldCodec::Kind::list;
    out.element = sizeof(T);
    if constexpr (std::same_as<T, std::vector<Box>>) out.view = FieldCodec::AugmentKind::boxes;
    out.construct = [](std::byte* at) { new (at) T(); };
    out.destroy = [](std::byte* at) { std::destroy_at(std::launder(reinterpret_cast<T*>(at))); };
    if constexpr (!std::same_as<C, Key>)
      out.decode = [](ByteView bytes, const Layout&, std::byte* to, Scratch&) {
        C::decode(bytes, *std::launder(reinterpret_cast<T*>(to)));
      };
  }
  return out;
}

/// New memory for the field of a single sample to be written.
inline Array own_array(const Layout& layout, const void* data) {
  auto out = new_array(layout);
  if (const auto size = layout.bytes()) std::memcpy(out.data(), data, size);
  return out;
}

/// Row-major strides.
constexpr Dims strides_of(const Dims& shape) {
  Dims out = shape;
  std::int64_t step = 1;
  for (auto d = shape.size(); d-- > 0;) out.set(d, step), step *= shape[d];
  return out;
}

inline std::vector<std::byte> to_bytes(std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

}  // namespace detail

/// An array with new memory from row-major values: `quix::array_of<float>({2, 3}, {1, 2, 3, 4, 5, 6})`.
template <class T>
Array array_of(const Dims& shape, const std::vector<T>& values) {
  if (static_cast<std::int64_t>(values.size()) != shape.count())
    throw Error(
        "", shape.text() + " needs " + std::to_string(shape.count()) + " values, got " + std::to_string(values.size()));
  return detail::own_array({.dtype = dtype_for<T>(), .shape = shape, .strides = detail::strides_of(shape)},
                           values.data());
}

}  // namespace quix
