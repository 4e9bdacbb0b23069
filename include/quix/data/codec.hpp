#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/text.hpp>
#include <quix/data/array.hpp>
#include <quix/data/image.hpp>

namespace quix {

using Bytes = std::span<const std::byte>;

/// What a field of a sample is to training: handed to the model, or to the loss and the metrics.
enum class Use : std::uint8_t { input, target };

/// The type of a sample's field: which tar member it is, and how its bytes become memory. Derives from Array, and
/// has, as static members,
///
///     suffix                                   the tar member's name after the key and a dot: "png"
///     use                                      Use::input or Use::target
///     Layout inspect(Bytes)                    dtype and shape of one encoded sample
///     void decode(Bytes, const Layout&, std::byte* to)    throws Error when the bytes do not have that layout
///     std::vector<std::byte> encode(const Array&)
template <class C>
concept Codec = std::derived_from<C, Array> &&
    requires(Bytes bytes, const Layout& layout, std::byte* to, const Array& array) {
  { C::suffix } -> std::convertible_to<std::string_view>;
  { C::use } -> std::convertible_to<Use>;
  { C::inspect(bytes) } -> std::same_as<Layout>;
  C::decode(bytes, layout, to);
  { C::encode(array) } -> std::same_as<std::vector<std::byte>>;
};

/// An image of uint8: a sample [C, H, W], a batch [B, C, H, W]. In memory the channels of a pixel stand together
/// (torch's channels-last). The format is told from the bytes, not from the suffix.
template <Text Suffix, Channels Colours = rgb>
struct Image : Array {
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::input;

  static Layout inspect(Bytes bytes) {
    const auto size = image_size(bytes);
    const std::int64_t c = channel_count(Colours);
    return {.dtype = DType::u8, .shape = {c, size.height, size.width}, .strides = {1, size.width * c, c}};
  }
  static void decode(Bytes bytes, const Layout& layout, std::byte* to) {
    decode_image(bytes, Colours, {.width = layout.shape[2], .height = layout.shape[1]}, to);
  }
  static std::vector<std::byte> encode(const Array& image) {
    return encode_png(image.data(), Colours, {.width = image.shape()[2], .height = image.shape()[1]});
  }
};

/// A class number, in the member as decimal digits (Python quix's and WebDataset's `cls`): int64, a sample [], a batch
/// [B].
template <Text Suffix>
struct Class : Array {
  static constexpr std::string_view suffix = Suffix.view();
  static constexpr Use use = Use::target;
  /// Read once, with the index.
  static constexpr bool is_class = true;

  static Layout inspect(Bytes) { return {.dtype = DType::i64, .shape = {}, .strides = {}}; }
  static void decode(Bytes bytes, const Layout&, std::byte* to);
  static std::vector<std::byte> encode(const Array& label);
};

namespace detail {

/// The class number in a member's bytes; blanks around it are allowed. Throws Error.
std::int64_t parse_class(Bytes bytes);

}  // namespace detail

template <Text Suffix>
void Class<Suffix>::decode(Bytes bytes, const Layout&, std::byte* to) {
  *reinterpret_cast<std::int64_t*>(to) = detail::parse_class(bytes);
}

template <Text Suffix>
std::vector<std::byte> Class<Suffix>::encode(const Array& label) {
  const auto text = std::to_string(*label.data<std::int64_t>());
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/codec.ipp>
#endif
