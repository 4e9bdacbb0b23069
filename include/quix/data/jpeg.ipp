#pragma once

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <jpeglib.h>

#include <jerror.h>

#include <quix/data/image.hpp>
#include <quix/data/image.ipp>

namespace quix {
namespace detail {

/// libjpeg reports errors by longjmp; stores the message.
struct JpegErrors {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char text[JMSG_LENGTH_MAX];

  static void stop(j_common_ptr info) {
    auto* self = reinterpret_cast<JpegErrors*>(info->err);
    info->err->format_message(info, self->text);
    std::longjmp(self->jump, 1);
  }
  /// Corrupt or missing data: a batch contains no guesses. Other warnings (a stray byte, an odd marker) do not affect
  /// pixels.
  static void warn(j_common_ptr info, int level) {
    const auto code = info->err->msg_code;
    if (level < 0 &&
        (code == JWRN_HIT_MARKER || code == JWRN_JPEG_EOF || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC))
      stop(info);
  }
  void install(jpeg_error_mgr*& slot) {
    slot = jpeg_std_error(&base);
    base.error_exit = &stop;
    base.emit_message = &warn;
  }
};

}  // namespace detail

struct ImageDecoder::Jpeg {
  jpeg_decompress_struct info{};
  detail::JpegErrors errors{};
  std::vector<unsigned char> scratch;

  Jpeg() {
    errors.install(info.err);
    if (setjmp(errors.jump)) fail();
    jpeg_create_decompress(&info);
    jpeg_save_markers(&info, JPEG_APP0 + 14, 0);
  }
  ~Jpeg() { jpeg_destroy_decompress(&info); }
  Jpeg(const Jpeg&) = delete;

  [[noreturn]] void fail() {
    jpeg_abort_decompress(&info);
    throw Error("", std::string("the JPEG is corrupt: ") + errors.text);
  }

  ImageSize open(ByteView bytes) {
    if (setjmp(errors.jump)) fail();
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&info, TRUE);
    return {info.image_width, info.image_height};
  }
  void close() { jpeg_abort_decompress(&info); }

  /// Reads rows to consecutive memory, as many per call as libjpeg decodes at once. libjpeg-turbo writes rows that are
  /// aligned to its vectors (16 or 32 bytes) with non-temporal stores, which bypass the cache and take several times
  /// as long. Such rows are decoded into an unaligned buffer that stays in the cache, then copied.
  class Rows {
   public:
    Rows(Jpeg& jpeg, std::size_t row_bytes, std::size_t rows)
        : jpeg_(jpeg), bytes_(row_bytes), most_(std::clamp<std::size_t>(rows, 1, group)) {
      const auto needed = most_ * stride() + 2 * vector_bytes;
      if (jpeg.scratch.size() < needed) jpeg.scratch.resize(needed);
      const auto misaligned = reinterpret_cast<std::uintptr_t>(jpeg.scratch.data()) % vector_bytes;
      scratch_ = jpeg.scratch.data() + (vector_bytes - misaligned) % vector_bytes + vector_bytes / 4;
    }
    /// Reads between one and `rows` rows; returns their number.
    std::size_t read(JSAMPROW to, std::size_t rows) {
      JSAMPROW at[group];
      const auto n = std::min(rows, most_);
      for (std::size_t i = 0; i < n; ++i) {
        at[i] = to + i * bytes_;
        if (is_aligned(at[i])) at[i] = scratch_ + i * stride();
      }
      const auto got = jpeg_read_scanlines(&jpeg_.info, at, static_cast<JDIMENSION>(n));
      for (std::size_t i = 0; i < got; ++i)
        if (at[i] != to + i * bytes_) std::memcpy(to + i * bytes_, at[i], bytes_);
      return got;
    }

   private:
    static constexpr std::size_t group = 4, vector_bytes = 32;
    static bool is_aligned(JSAMPROW row) { return reinterpret_cast<std::uintptr_t>(row) % (vector_bytes / 2) == 0; }
    std::size_t stride() const { return (bytes_ + vector_bytes - 1) / vector_bytes * vector_bytes; }

    Jpeg& jpeg_;
    std::size_t bytes_, most_;
    JSAMPROW scratch_;
  };

  /// After open(): the rows of a region of a gray or YCbCr image, which grows to whole blocks on its left.
  bool read(Channels channels, Region& region, ImageBuffer& to, unsigned shrink = 1) {
    if (info.jpeg_color_space != JCS_YCbCr && info.jpeg_color_space != JCS_GRAYSCALE) return false;
    if (setjmp(errors.jump)) fail();
    info.out_color_space = channels == Channels::gray   ? JCS_GRAYSCALE
                           : channels == Channels::rgba ? JCS_EXT_RGBA
                                                        : JCS_RGB;
    info.scale_num = 8 / shrink, info.scale_denom = 8;
    jpeg_start_decompress(&info);
    // Smooth upsampling uses neighbors: with a margin of two pixels, a region's pixels are as in the whole image.
    const auto left = std::max<std::int64_t>(region.x - 2, 0), top = std::max<std::int64_t>(region.y - 2, 0);
    auto x = static_cast<JDIMENSION>(left);
    auto width = static_cast<JDIMENSION>(std::min<std::int64_t>(region.x + region.width + 2, info.output_width) - left);
    jpeg_crop_scanline(&info, &x, &width);
    const auto bottom = std::min<std::int64_t>(region.y + region.height + 2, info.output_height);
    region = {x, top, width, bottom - top};
    to.reset({region.width, region.height}, channel_count(channels));
    if (top > 0) jpeg_skip_scanlines(&info, static_cast<JDIMENSION>(top));
    const auto height = static_cast<std::size_t>(region.height);
    Rows rows(*this, static_cast<std::size_t>(width) * static_cast<std::size_t>(to.channels), height);
    for (std::size_t y = 0; y < height;) y += rows.read(to.row(static_cast<std::int64_t>(y)), height - y);
    jpeg_abort_decompress(&info);  // the rows below are not needed
    return true;
  }

  /// After open(): all rows. `rows` is room for CMYK.
  void read(Channels channels, std::byte* to, std::vector<std::byte>& rows) {
    const bool cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
    const auto width = static_cast<std::size_t>(info.image_width);
    if (cmyk) rows.resize(width * 4);
    const auto pixel = static_cast<std::size_t>(channel_count(channels));
    if (setjmp(errors.jump)) fail();
    const bool luma = info.jpeg_color_space == JCS_YCbCr || info.jpeg_color_space == JCS_GRAYSCALE;
    info.out_color_space = cmyk                                 ? JCS_CMYK
                           : channels == Channels::gray && luma ? JCS_GRAYSCALE
                           : channels == Channels::rgba         ? JCS_EXT_RGBA
                                                                : JCS_RGB;
    const bool rgb_to_gray = channels == Channels::gray && !luma && !cmyk;
    if (rgb_to_gray) rows.resize(width * 3);
    jpeg_start_decompress(&info);
    if (!cmyk && !rgb_to_gray) {
      Rows whole(*this, width * pixel, info.output_height);
      while (info.output_scanline < info.output_height)
        whole.read(reinterpret_cast<JSAMPROW>(to + info.output_scanline * width * pixel),
                   info.output_height - info.output_scanline);
    }
    while (info.output_scanline < info.output_height) {
      auto* row = reinterpret_cast<JSAMPROW>(to + info.output_scanline * width * pixel);
      auto* other = reinterpret_cast<JSAMPROW>(rows.data());
      jpeg_read_scanlines(&info, &other, 1);
      for (std::size_t x = 0; x < width; ++x) {
        unsigned c[3];
        if (cmyk) {  // Adobe's files hold the inverse
          const auto* p = other + 4 * x;
          const bool inverse = info.saw_Adobe_marker;
          for (int i = 0; i < 3; ++i)
            c[i] = inverse ? (p[i] * p[3] + 127u) / 255 : ((255u - p[i]) * (255u - p[3]) + 127u) / 255;
        } else {
          for (int i = 0; i < 3; ++i) c[i] = other[3 * x + static_cast<std::size_t>(i)];
        }
        auto* out = row + x * pixel;
        if (pixel == 1)
          out[0] = static_cast<unsigned char>((19595u * c[0] + 38470u * c[1] + 7471u * c[2] + 0x8000u) >> 16);
        else
          for (int i = 0; i < 3; ++i) out[i] = static_cast<unsigned char>(c[i]);
        if (pixel == 4) out[3] = 255;
      }
    }
    jpeg_finish_decompress(&info);
  }
};

QUIX_INLINE ImageDecoder::ImageDecoder() = default;
QUIX_INLINE ImageDecoder::~ImageDecoder() = default;
QUIX_INLINE ImageDecoder::ImageDecoder(ImageDecoder&&) noexcept = default;
QUIX_INLINE ImageDecoder& ImageDecoder::operator=(ImageDecoder&&) noexcept = default;
QUIX_INLINE ImageDecoder::Jpeg& ImageDecoder::jpeg() {
  if (!jpeg_) jpeg_ = std::make_unique<Jpeg>();
  return *jpeg_;
}

QUIX_INLINE void ImageDecoder::decode(ByteView bytes, Channels channels, ImageSize size, std::byte* to) {
  const auto format = image_format(bytes);
  if (format == ImageFormat::jpeg) {
    auto& decoder = jpeg();
    const auto found = decoder.open(bytes);
    if (found != size) {
      decoder.close();
      detail::require_size(found, size);
    }
    return decoder.read(channels, to, rows_);
  }
  detail::require_size(image_size(bytes), size);
  if (format == ImageFormat::png)
    detail::decode_png(bytes, channels, size, to, rows_);
  else
    detail::decode_webp(bytes, channels, size, to, rows_);
}

QUIX_INLINE ImageSize ImageDecoder::decode(ByteView bytes, Channels channels, std::vector<std::byte>& to) {
  const auto size = image_size(bytes);
  to.resize(static_cast<std::size_t>(size.width * size.height * channel_count(channels)));
  decode(bytes, channels, size, to.data());
  return size;
}

QUIX_INLINE bool ImageDecoder::decode_shrunk(ByteView bytes, Channels channels, int shrink, Region& region,
                                             ImageBuffer& to) {
  if (image_format(bytes) != ImageFormat::jpeg) return false;
  auto& decoder = jpeg();
  const auto size = decoder.open(bytes);
  const auto width = (size.width + shrink - 1) / shrink, height = (size.height + shrink - 1) / shrink;
  region.x = std::min(region.x, width - 1), region.y = std::min(region.y, height - 1);
  region.width = std::clamp<std::int64_t>(region.width, 1, width - region.x);
  region.height = std::clamp<std::int64_t>(region.height, 1, height - region.y);
  if (decoder.read(channels, region, to, static_cast<unsigned>(shrink))) return true;
  decoder.close();
  return false;
}

QUIX_INLINE void ImageDecoder::decode_region(ByteView bytes, Channels channels, Region& region, ImageBuffer& to) {
  if (image_format(bytes) == ImageFormat::jpeg) {
    auto& decoder = jpeg();
    const auto size = decoder.open(bytes);
    const bool part = region.width * region.height * 10 < size.width * size.height * 9;
    if (part && decoder.read(channels, region, to)) return;
    decoder.close();
  }
  const auto size = image_size(bytes);
  to.reset(size, channel_count(channels));
  decode(bytes, channels, size, reinterpret_cast<std::byte*>(to.data()));
  region = {0, 0, size.width, size.height};
}

namespace detail {

/// Width and height from the frame header (ISO 10918-1, B.2.2), without a decoder.
QUIX_INLINE ImageSize jpeg_size(ByteView bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned>(bytes[i]); };
  for (std::size_t i = 2; i + 9 < bytes.size();) {
    const auto marker = at(i + 1);
    if (at(i) != 0xff || marker == 0xff || marker == 0) {  // bytes between markers, which libjpeg passes over
      ++i;
      continue;
    }
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) return {at(i + 7) << 8 | at(i + 8), at(i + 5) << 8 | at(i + 6)};
    i += 2 + (at(i + 2) << 8 | at(i + 3));
  }
  throw Error("", "the JPEG is corrupt: it has no frame header");
}

}  // namespace detail

QUIX_INLINE std::vector<std::byte> encode_jpeg(const std::byte* pixels, Channels channels, ImageSize size,
                                               int quality) {
  if (channels == Channels::rgba) throw Error("", "a JPEG has no alpha channel");
  jpeg_compress_struct info{};
  detail::JpegErrors errors{};
  errors.install(info.err);
  unsigned char* buffer = nullptr;
  unsigned long length = 0;
  if (setjmp(errors.jump)) {
    jpeg_destroy_compress(&info);
    std::free(buffer);
    throw Error("", std::string("the image cannot be encoded: ") + errors.text);
  }
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &buffer, &length);
  info.image_width = static_cast<JDIMENSION>(size.width), info.image_height = static_cast<JDIMENSION>(size.height);
  info.input_components = static_cast<int>(channel_count(channels));
  info.in_color_space = channels == Channels::gray ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row =
        const_cast<JSAMPROW>(reinterpret_cast<const JSAMPLE*>(pixels)) +
        static_cast<std::size_t>(info.next_scanline) * static_cast<std::size_t>(size.width * info.input_components);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  std::vector<std::byte> out(reinterpret_cast<std::byte*>(buffer), reinterpret_cast<std::byte*>(buffer) + length);
  jpeg_destroy_compress(&info);
  std::free(buffer);
  return out;
}

}  // namespace quix
