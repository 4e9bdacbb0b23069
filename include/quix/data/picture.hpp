#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/data/pixels.hpp>
#include <quix/detail/separate.hpp>

// What can be done to an image of uint8 before it is a tensor. Each function means what torchvision's of the same name
// means for a uint8 tensor, to within rounding (tests/golden/make_augment.py).

namespace quix {

enum class Interpolation : std::uint8_t { nearest, bilinear, bicubic };

/// What resizing keeps from one image to the next.
struct ResizeScratch {
  std::vector<std::int32_t> first, taps;
  std::vector<std::int16_t> weights;
  std::vector<std::int16_t> between;
};

/// Resizes a region of `in`. Bilinear and bicubic are antialiased: shrinking averages over all pixels it covers.
void resize(const Picture& in, Region region, ImageSize to, Interpolation interpolation, Picture& out,
            ResizeScratch& scratch);

void flip_horizontal(Picture& image);
void flip_vertical(Picture& image);
/// The factor 0 gives black, a gray, a gray image; 1 the image itself.
void adjust_brightness(Picture& image, float factor);
void adjust_contrast(Picture& image, float factor);
void adjust_saturation(Picture& image, float factor);
/// The factor 0 gives a blurred image, 1 the image itself.
void adjust_sharpness(Picture& image, float factor, Picture& scratch);
/// Turns the hue by `shift` full circles, -0.5 to 0.5.
void adjust_hue(Picture& image, float shift);
/// All channels become the luma.
void make_gray(Picture& image);
void invert(Picture& image);
/// Inverts what is at least the threshold.
void solarize(Picture& image, float threshold);
/// Keeps so many bits of each channel.
void posterize(Picture& image, int bits);
/// Stretches each channel to 0 … 255.
void autocontrast(Picture& image);
/// Makes each channel's values as frequent as one another.
void equalize(Picture& image);
/// `kernel` is odd and at most twice the image's size minus one; borders are mirrored.
void gaussian_blur(Picture& image, int kernel, float sigma, Picture& scratch);

/// From an output pixel's centre, relative to the image's centre, to the place it comes from.
using Affine = std::array<double, 6>;
/// Turns by `angle` degrees clockwise about the centre, shears by degrees, moves by pixels; `origin` is what
/// stays, relative to the image's centre. The inverse map, as torchvision's `affine` uses it.
Affine affine_map(double angle, double move_x, double move_y, double shear_x, double shear_y, double origin_x = 0,
                  double origin_y = 0);
/// The nearest pixel of each place; black outside.
void transform(const Picture& in, const Affine& map, Picture& out);

/// Fills a region with one colour.
void fill(Picture& image, Region region, std::span<const std::uint8_t> colour);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/data/picture.ipp>
#include <quix/data/resize.ipp>
#endif
