#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <spng.h>

#include <quix/data/image.hpp>

namespace quix::tool {

using Png = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

/// A decoder that has read the header. Throws Error.
Png open_png(ByteView bytes, spng_ihdr& header);

/// A PNG's pixels as its file has them, each value of less than 8 bits in a separate byte, and what gives them
/// meaning.
struct RawPng {
  spng_ihdr header{};
  std::optional<spng_plte> palette{};
  std::optional<spng_trns> transparency{};
  std::size_t pixel = 1;  ///< bytes
  std::vector<std::byte> pixels{};

  ImageSize size() const { return {header.width, header.height}; }
};

/// Throws Error when it is damaged.
RawPng read_png(ByteView bytes);
/// Not interlaced; an orientation other than 1 is written as EXIF. Throws Error.
std::vector<std::byte> write_png(const RawPng& image, int orientation);
/// 8 bits a channel.
RawPng png_of(const ImageBuffer& picture);
/// The TIFF header of an EXIF block that holds an orientation.
std::vector<std::byte> exif_of(int orientation);

}  // namespace quix::tool
