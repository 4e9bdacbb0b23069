#include "resize_sample.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <webp/decode.h>

#include <quix/cfg/terminal.hpp>

#include "raw_png.hpp"

namespace quix::tool {
namespace {

/// Puts the EXIF orientation into a JPEG, after its first segment.
void keep_orientation(std::vector<std::byte>& jpeg, int orientation) {
  const auto tiff = exif_of(orientation);
  const auto size = 2 + 6 + tiff.size();
  std::vector<std::byte> segment{std::byte{0xff}, std::byte{0xe1}, static_cast<std::byte>(size >> 8),
                                 static_cast<std::byte>(size)};
  for (const char c : {'E', 'x', 'i', 'f', '\0', '\0'}) segment.push_back(static_cast<std::byte>(c));
  segment.insert(segment.end(), tiff.begin(), tiff.end());
  const auto first = 4 + (static_cast<std::size_t>(jpeg[4]) << 8 | static_cast<std::size_t>(jpeg[5]));
  jpeg.insert(jpeg.begin() + static_cast<std::ptrdiff_t>(jpeg[3] == std::byte{0xe0} ? first : 2), segment.begin(),
              segment.end());
}

/// The nearest pixel of `bytes` bytes, centre to centre.
std::vector<std::byte> nearest(const std::byte* from, ImageSize size, ImageSize to, std::size_t bytes) {
  std::vector<std::byte> out(static_cast<std::size_t>(to.width * to.height) * bytes);
  auto* at = out.data();
  for (std::int64_t y = 0; y < to.height; ++y) {
    const auto* row = from + static_cast<std::size_t>((2 * y + 1) * size.height / (2 * to.height) * size.width) * bytes;
    for (std::int64_t x = 0; x < to.width; ++x, at += bytes)
      std::memcpy(at, row + static_cast<std::size_t>((2 * x + 1) * size.width / (2 * to.width)) * bytes, bytes);
  }
  return out;
}

/// Colors times alpha, and back: transparent pixels have no color of their own when they are averaged.
void premultiply(ImageBuffer& image) {
  auto* p = image.data();
  for (auto* end = p + image.bytes(); p != end; p += 4)
    for (int c = 0; c < 3; ++c) p[c] = static_cast<std::uint8_t>((p[c] * p[3] + 127) / 255);
}
void unpremultiply(ImageBuffer& image) {
  auto* p = image.data();
  for (auto* end = p + image.bytes(); p != end; p += 4)
    for (int c = 0; p[3] != 0 && c < 3; ++c) p[c] = static_cast<std::uint8_t>(std::min(255, 255 * p[c] / p[3]));
}

/// Which channels an encoded image is decoded into: those that it has.
Channels channels_of(ByteView bytes) {
  switch (image_format(bytes)) {
    case ImageFormat::png: {
      spng_ihdr header{};
      const auto png = open_png(bytes, header);
      spng_trns transparency{};
      if (header.color_type >= SPNG_COLOR_TYPE_GRAYSCALE_ALPHA || spng_get_trns(png.get(), &transparency) == 0)
        return rgba;
      return header.color_type == SPNG_COLOR_TYPE_GRAYSCALE ? gray : rgb;
    }
    case ImageFormat::webp: {
      WebPBitstreamFeatures features{};
      WebPGetFeatures(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &features);
      return features.has_alpha ? rgba : rgb;
    }
    case ImageFormat::jpeg: break;
  }
  const auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned>(bytes[i]) : 0; };
  for (std::size_t i = 2; at(i) == 0xff;) {
    const auto marker = at(i + 1);
    if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
      return at(i + 9) == 1 ? gray : rgb;  // the components of the frame header
    i += marker == 0xff ? 1 : 2 + (at(i + 2) << 8 | at(i + 3));
  }
  return rgb;
}

}  // namespace

SampleResizer::Frame SampleResizer::frame_of(ByteView bytes) const {
  Frame out{.stored = image_size(bytes), .turn = exif_orientation(bytes)};
  out.shown = options_.upright ? turned(out.stored, out.turn) : out.stored;
  const auto shortest = std::min(out.shown.width, out.shown.height);
  out.to = out.shown;
  if (options_.short_side > 0 && shortest > options_.short_side)
    out.to = {std::max<std::int64_t>(1, out.shown.width * options_.short_side / shortest),
              std::max<std::int64_t>(1, out.shown.height * options_.short_side / shortest)};
  out.changed = out.to != out.shown || (options_.upright && out.turn != 1);
  return out;
}

void SampleResizer::resize_image(std::vector<std::byte>& bytes, const Frame& frame, const std::string& suffix) {
  if (!frame.changed) return count(suffix, "images, copied");
  const auto channels = channels_of(bytes);
  const bool shrunk = frame.shrunk();
  const bool png = channels == rgba || (!shrunk && image_format(bytes) == ImageFormat::png);
  pixels_.reset(frame.shown, channel_count(channels));
  decoder_.decode(bytes, channels, frame.shown, reinterpret_cast<std::byte*>(pixels_.data()),
                  options_.upright ? Orientation::apply : Orientation::ignore);
  if (shrunk && channels == rgba) premultiply(pixels_);
  resize(pixels_, {0, 0, frame.shown.width, frame.shown.height}, frame.to, Interpolation::bilinear, small_, scratch_);
  if (shrunk && channels == rgba) unpremultiply(small_);
  const int kept = options_.upright ? 1 : frame.turn;
  if (png) {
    bytes = write_png(png_of(small_), kept);
  } else {
    bytes = encode_jpeg(reinterpret_cast<const std::byte*>(small_.data()), channels, frame.to, options_.quality);
    if (kept != 1) keep_orientation(bytes, kept);
  }
  count(suffix, std::string("images, ") + (shrunk ? "shrunk" : "turned upright") + (png ? ", PNG" : ", JPEG"));
}

void SampleResizer::resize_mask(std::vector<std::byte>& bytes, const std::vector<Frame>& frames,
                                const std::string& suffix) {
  auto own = frame_of(bytes);
  std::string sizes;
  bool found = false;
  for (const auto& frame : frames) {
    sizes += (sizes.empty() ? "" : ", ") + detail::size_text(frame.shown);
    if (std::exchange(found, true)) continue;
    if (own.shown == frame.shown)
      own.to = frame.to;
    else if (!options_.upright && own.shown == turned(frame.shown, frame.turn))  // it belongs to the upright image
      own.to = turned(frame.to, frame.turn);
    else
      found = false;
  }
  if (!found)
    throw Error(suffix, "the mask is " + detail::size_text(own.shown) + ", the sample's image " + sizes +
                            (options_.upright ? " upright" : "") + leave_text(suffix));
  if (!own.shrunk() && (!options_.upright || own.turn == 1)) return count(suffix, "masks, copied");
  RawPng mask;
  if (image_format(bytes) == ImageFormat::png) {
    mask = read_png(bytes);
  } else {
    pixels_.reset(own.stored, channel_count(channels_of(bytes)));
    decoder_.decode(bytes, channels_of(bytes), own.stored, reinterpret_cast<std::byte*>(pixels_.data()));
    mask = png_of(pixels_);
  }
  if (options_.upright && own.turn != 1) {
    std::vector<std::byte> upright(mask.pixels.size());
    make_upright(mask.pixels.data(), own.stored, static_cast<std::int64_t>(mask.pixel), own.turn, upright.data());
    mask.pixels = std::move(upright);
  }
  mask.pixels = nearest(mask.pixels.data(), own.shown, own.to, mask.pixel);
  mask.header.width = static_cast<std::uint32_t>(own.to.width);
  mask.header.height = static_cast<std::uint32_t>(own.to.height);
  bytes = write_png(mask, options_.upright ? 1 : own.turn);
  count(suffix, "masks, nearest pixel, PNG");
}

void SampleResizer::resize_array(std::vector<std::byte>& bytes, const std::vector<Frame>& frames,
                                 const std::string& suffix, bool rle) {
  DType dtype{};
  Dims shape;
  std::vector<std::byte> data;
  if (rle) {
    const auto header = read_rle_header(bytes);
    if (header.shape.count() > (std::int64_t{1} << 30)) throw Error(suffix, "claims to be " + header.shape.text());
    dtype = header.dtype, shape = header.shape;
    data.resize(static_cast<std::size_t>(shape.count()) * size_of(dtype));
    read_rle(bytes, header, data.data());
  } else {
    const auto header = io::read_npy_header(bytes);
    dtype = header.dtype, shape = header.shape;
    data.resize(header.data_bytes());
    io::read_npy(bytes, header, data.data());
  }
  // Two neighbouring dimensions that are an image's height and width.
  for (const auto& frame : frames)
    for (std::size_t d = 0; d + 1 < shape.size(); ++d) {
      if (shape[d] != frame.shown.height || shape[d + 1] != frame.shown.width) continue;
      std::int64_t planes = 1, inner = static_cast<std::int64_t>(size_of(dtype));
      for (std::size_t i = 0; i < d; ++i) planes *= shape[i];
      for (std::size_t i = d + 2; i < shape.size(); ++i) inner *= shape[i];
      const auto plane = frame.shown.width * frame.shown.height * inner;
      std::vector<std::byte> out;
      for (std::int64_t p = 0; p < planes; ++p) {
        const auto one = nearest(data.data() + p * plane, frame.shown, frame.to, static_cast<std::size_t>(inner));
        out.insert(out.end(), one.begin(), one.end());
      }
      shape.set(d, frame.to.height), shape.set(d + 1, frame.to.width);
      bytes = rle ? write_rle(dtype, shape, out.data()) : io::write_npy(dtype, shape, out.data());
      return count(suffix, "arrays of the image's size, nearest pixel");
    }
  if ((names_mask(suffix) && shape.size() > 1) || listed(options_.masks, suffix) || (rle && shape.size() == 2))
    throw Error(suffix, "the mask is " + shape.text() + ", the sample's image " +
                            detail::size_text(frames.front().shown) + leave_text(suffix));
  count(suffix, "copied");
}

void SampleResizer::scale_boxes(std::vector<std::byte>& bytes, const std::vector<Frame>& frames,
                                const std::string& suffix) {
  const auto header = io::read_npy_header(bytes);
  const auto rest = leave_text(suffix);
  const auto& shape = header.shape;
  if (shape.empty() || shape.size() > 2 || shape[shape.size() - 1] != 4)
    throw Error(suffix, "boxes are scaled where they are an array [N, 4], these are " + shape.text() + rest);
  for (const auto& frame : frames)
    if (frame.shown != frames.front().shown)
      throw Error(suffix, "the sample has images of several sizes, and the boxes belong to one of them" + rest);
  const auto& frame = frames.front();
  std::vector<std::byte> data(header.data_bytes());
  io::read_npy(bytes, header, data.data());
  const double scale[] = {static_cast<double>(frame.to.width) / static_cast<double>(frame.shown.width),
                          static_cast<double>(frame.to.height) / static_cast<double>(frame.shown.height)};
  // Width and height, or x and y, take turns: corners and sizes are scaled alike.
  const auto each = [&]<class T>(T) {
    auto* values = reinterpret_cast<T*>(data.data());
    const auto n = static_cast<std::size_t>(shape.count());
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) largest = std::max(largest, std::abs(static_cast<double>(values[i])));
    if (std::is_floating_point_v<T> && largest <= 1.5) return count(suffix, "boxes relative to the image, copied");
    for (std::size_t i = 0; i < n; ++i) {
      const double scaled = static_cast<double>(values[i]) * scale[i % 2];
      values[i] = static_cast<T>(std::is_floating_point_v<T> ? scaled : std::nearbyint(scaled));
    }
    bytes = io::write_npy(header.dtype, shape, data.data());
    count(suffix, "boxes, scaled");
  };
  switch (header.dtype) {
    case DType::f32: return each(float{});
    case DType::f64: return each(double{});
    case DType::i16: return each(std::int16_t{});
    case DType::i32: return each(std::int32_t{});
    case DType::i64: return each(std::int64_t{});
    default: throw Error(suffix, "boxes of " + std::string(name_of(header.dtype)) + " are not scaled" + rest);
  }
}

void SampleResizer::operator()(Members& members) {
  if (options_.short_side == 0 && !options_.upright) return;
  const auto roles = roles_of(members);
  std::vector<Frame> frames;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (roles[i] != Role::image && roles[i] != Role::copied_image) continue;
    frames.push_back(frame_of(members[i].second));
    auto& frame = frames.back();
    // What belongs to a copied image stays as it is too.
    if (roles[i] == Role::copied_image) frame.shown = frame.to = frame.stored, frame.changed = false;
  }
  for (std::size_t i = 0, images = frames.size(); images == 0 && i < members.size(); ++i)
    if (roles[i] == Role::mask) frames.push_back(frame_of(members[i].second));  // masks alone are shrunk as images are
  const bool changed = std::any_of(frames.begin(), frames.end(), [](const Frame& frame) { return frame.changed; });
  const bool shrunk = std::any_of(frames.begin(), frames.end(), [](const Frame& frame) { return frame.shrunk(); });
  std::size_t image = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto& [suffix, bytes] = members[i];
    try {
      if (roles[i] == Role::image) {
        resize_image(bytes, frames[image++], suffix);
      } else if (roles[i] == Role::copied_image) {
        ++image;
        count(suffix, "copied");
      } else if (roles[i] == Role::mask) {
        resize_mask(bytes, frames, suffix);
      } else if (!changed || !shrunk || roles[i] == Role::other) {
        count(suffix, "copied");
      } else if (roles[i] == Role::npy && is_boxes(suffix)) {
        scale_boxes(bytes, frames, suffix);
      } else if (roles[i] == Role::npy || roles[i] == Role::rle) {
        if (roles[i] == Role::npy) refuse_coordinates(suffix, io::read_npy_header(bytes).shape);
        resize_array(bytes, frames, suffix, roles[i] == Role::rle);
      } else {
        refuse_coordinates(suffix, roles[i], bytes);
        count(suffix, "copied");
      }
    } catch (const Error& error) {
      throw Error(suffix, error.problems().front().what);
    }
  }
}

std::vector<std::string> SampleResizer::report() const {
  std::vector<std::string> out;
  for (const auto& [suffix, actions] : done_) {
    std::string line = suffix + ":";
    for (const auto& [what, n] : actions) line += (line.ends_with(':') ? " " : "; ") + grouped(n) + " " + what;
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace quix::tool
