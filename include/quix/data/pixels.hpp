#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace quix {

/// The bytes of a file or a tar member.
using ByteView = std::span<const std::byte>;

/// The channels of an image in memory, independent of its file.
enum class Channels : std::uint8_t { gray = 1, rgb = 3, rgba = 4 };
inline constexpr Channels gray = Channels::gray, rgb = Channels::rgb, rgba = Channels::rgba;

constexpr std::int64_t channel_count(Channels channels) { return static_cast<std::int64_t>(channels); }

struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
  bool operator==(const ImageSize&) const = default;
};

/// A part of an image, in pixels.
struct Region {
  std::int64_t x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Region&) const = default;
};

/// Pixels of height × width × channels bytes. Reused, it allocates only to grow.
class ImageBuffer {
 public:
  ImageSize size{};
  std::int64_t channels = 0;

  ImageBuffer() = default;
  ImageBuffer(ImageSize s, std::int64_t c) { reset(s, c); }

  /// Resizes the memory; the contents are lost.
  void reset(ImageSize s, std::int64_t c) {
    size = s, channels = c;
    const auto bytes = static_cast<std::size_t>(s.width * s.height * c) + 16;  // vector loads may read past the end
    if (pixels_.size() < bytes) pixels_.resize(bytes);
  }
  std::uint8_t* data() { return pixels_.data(); }
  const std::uint8_t* data() const { return pixels_.data(); }
  std::uint8_t* row(std::int64_t y) { return data() + y * size.width * channels; }
  const std::uint8_t* row(std::int64_t y) const { return data() + y * size.width * channels; }
  std::size_t bytes() const { return static_cast<std::size_t>(size.width * size.height * channels); }

 private:
  std::vector<std::uint8_t> pixels_;
};
using Picture [[deprecated("renamed quix::ImageBuffer")]] = ImageBuffer;

namespace detail {

/// "640x480"
inline std::string size_text(ImageSize size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

}  // namespace detail
}  // namespace quix
