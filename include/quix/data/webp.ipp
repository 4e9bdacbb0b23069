#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include <webp/decode.h>

#include <quix/data/image.ipp>

namespace quix::detail {

/// Calls f(name, payload) for each chunk of a RIFF container, after its first 12 bytes, until f returns true.
template <class F>
void each_riff_chunk(ByteView bytes, F&& f) {
  while (bytes.size() >= 8) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= static_cast<std::size_t>(bytes[4 + i]) << 8 * i;
    if (size > bytes.size() - 8) return;
    if (f(std::string_view(reinterpret_cast<const char*>(bytes.data()), 4), bytes.subspan(8, size))) return;
    bytes = bytes.subspan(std::min(bytes.size(), 8 + size + size % 2));
  }
}

/// The decoded part of a WebP: the image, or an animation's first frame, which is a part of the canvas.
struct WebpFrame {
  ByteView data;
  ImageSize canvas{};
  Region part{};
  bool alpha = false;
};

inline WebPBitstreamFeatures webp_features(ByteView bytes) {
  WebPBitstreamFeatures features{};
  if (WebPGetFeatures(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &features) != VP8_STATUS_OK)
    throw Error("", "the WebP image is corrupt");
  return features;
}

QUIX_INLINE WebpFrame webp_frame(ByteView bytes) {
  const auto all = webp_features(bytes);
  WebpFrame out{.data = bytes, .canvas = {all.width, all.height}, .part = {0, 0, all.width, all.height}};
  out.alpha = all.has_alpha != 0;
  if (!all.has_animation) return out;
  out.data = {};
  each_riff_chunk(bytes.subspan(12), [&](std::string_view name, ByteView payload) {
    if (name != "ANMF" || payload.size() < 16) return name == "ANMF";
    const auto number = [&](std::size_t at) {
      return static_cast<std::int64_t>(payload[at]) | static_cast<std::int64_t>(payload[at + 1]) << 8 |
             static_cast<std::int64_t>(payload[at + 2]) << 16;
    };
    out.part = {2 * number(0), 2 * number(3), number(6) + 1, number(9) + 1};
    out.data = payload.subspan(16);
    return true;
  });
  const auto& part = out.part;
  if (out.data.empty()) throw Error("", "the WebP image is corrupt: an animation without a frame");
  const auto frame = webp_features(out.data);
  if (frame.has_animation || frame.width != part.width || frame.height != part.height ||
      part.x + part.width > out.canvas.width || part.y + part.height > out.canvas.height)
    throw Error("", "the WebP image is corrupt: the animation's first frame does not fit");
  return out;
}

QUIX_INLINE ImageSize webp_size(ByteView bytes) {
  const auto features = webp_features(bytes);
  return {features.width, features.height};
}

QUIX_INLINE void decode_webp(ByteView bytes, Channels channels, ImageSize size, std::byte* to,
                             std::vector<std::byte>& rows) {
  const auto frame = webp_frame(bytes);
  const auto& part = frame.part;
  const auto count = static_cast<std::size_t>(size.width * size.height);
  const auto into = [&](std::byte* out, bool alpha) {
    const std::int64_t pixel = alpha ? 4 : 3;
    const auto all = count * static_cast<std::size_t>(pixel);
    if (part.width != size.width || part.height != size.height) {  // the rest of the canvas: black, or transparent
      std::memset(out, 0, all);
      for (std::size_t i = 3; alpha && !frame.alpha && i < all; i += 4) out[i] = std::byte{255};
    }
    const auto begin = (part.y * size.width + part.x) * pixel;
    auto* p = reinterpret_cast<std::uint8_t*>(out) + begin;
    const auto room = all - static_cast<std::size_t>(begin);
    const auto stride = static_cast<int>(size.width * pixel);
    const auto* data = reinterpret_cast<const std::uint8_t*>(frame.data.data());
    if (!(alpha ? WebPDecodeRGBAInto(data, frame.data.size(), p, room, stride)
                : WebPDecodeRGBInto(data, frame.data.size(), p, room, stride)))
      throw Error("", "the WebP image is corrupt");
  };
  if (channels != Channels::gray) return into(to, channels == Channels::rgba);
  rows.resize(3 * count);
  into(rows.data(), false);
  luma(reinterpret_cast<const unsigned char*>(rows.data()), count, to);
}

}  // namespace quix::detail
