#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/data/pixels.hpp>
#include <quix/detail/separate.hpp>

// Operations on uint8 images before they become tensors. Each function matches torchvision's of the same name for a
// uint8 tensor, to within rounding (tests/golden/make_augment.py).

namespace quix {

enum class Interpolation : std::uint8_t { nearest, bilinear, bicubic };

/// Memory that resizing reuses from image to image.
struct ResizeScratch {
  std::vector<std::int32_t> first, taps;
  std::vector<std::int16_t> weights;
  std::vector<std::int16_t> between;
};

/// Resizes a region of `in`. Bilinear and bicubic are antialiased: shrinking averages over all pixels it covers.
void resize(const ImageBuffer& in, Region region, ImageSize to, Interpolation interpolation, ImageBuffer& out,
            ResizeScratch& scratch);

void flip_horizontal(ImageBuffer& image);
void flip_vertical(ImageBuffer& image);
/// The factor 0 gives black, a gray, a gray image; 1 the image itself.
void adjust_brightness(ImageBuffer& image, float factor);
void adjust_contrast(ImageBuffer& image, float factor);
void adjust_saturation(ImageBuffer& image, float factor);
/// The factor 0 gives a blurred image, 1 the image itself.
void adjust_sharpness(ImageBuffer& image, float factor, ImageBuffer& scratch);
/// Shifts the hue by a fraction of the circle, -0.5 to 0.5.
void adjust_hue(ImageBuffer& image, float shift);
/// Sets all channels to the luma.
void make_gray(ImageBuffer& image);
void invert(ImageBuffer& image);
/// Inverts values of at least the threshold.
void solarize(ImageBuffer& image, float threshold);
/// Keeps the upper `bits` bits of each channel.
void posterize(ImageBuffer& image, int bits);
/// Stretches each channel to 0 … 255.
void autocontrast(ImageBuffer& image);
/// Equalizes the histogram of each channel.
void equalize(ImageBuffer& image);
/// `kernel` is odd and at most twice the image's size minus one; borders are mirrored.
void gaussian_blur(ImageBuffer& image, int kernel, float sigma, ImageBuffer& scratch);

/// Maps an output pixel's center, relative to the image's center, to its source.
using Affine = std::array<double, 6>;
/// Turns by `angle` degrees clockwise about the center, shears by degrees, translates by pixels; `origin` is the fixed
/// point, relative to the image's center. The inverse map, as torchvision's `affine` uses it.
Affine affine_map(double angle, double move_x, double move_y, double shear_x, double shear_y, double origin_x = 0,
                  double origin_y = 0);
/// Nearest-neighbor sampling; black outside.
void transform(const ImageBuffer& in, const Affine& map, ImageBuffer& out);

/// Fills a region with one color.
void fill(ImageBuffer& image, Region region, std::span<const std::uint8_t> colour);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/picture.ipp>
#include <quix/data/resize.ipp>
#endif
