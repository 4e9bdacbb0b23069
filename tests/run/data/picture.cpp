// Image operations against torchvision 0.14 (golden/make_augment.py), parameters given: at most 2 of 255 apart.
#include <check.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numbers>

#include <quix/cfg/json.hpp>
#include <quix/data/picture.hpp>
#include <quix/io/file.hpp>

using namespace quix;

namespace {

/// An operation of cases.json, with its arguments.
struct Operation {
  std::string op;
  std::vector<double> a;
  float first() const { return a.empty() ? 0.0f : static_cast<float>(a[0]); }
};

/// The buffers that operations work in.
struct WorkBuffers {
  ResizeScratch scratch;
  ImageBuffer other;
};

// Each of these does the operation if it is one of its own, and says whether it was.

bool resized(const Operation& operation, const ImageBuffer& original, ImageBuffer& image, WorkBuffers& buffers) {
  const auto& op = operation.op;
  const auto& a = operation.a;
  if (!op.starts_with("resize_")) return false;
  const auto i = [&](std::size_t k) { return static_cast<std::int64_t>(a[k]); };
  resize(original, {i(0), i(1), i(2), i(3)}, {i(4), i(5)},
         op.ends_with("nearest")    ? Interpolation::nearest
         : op.ends_with("bilinear") ? Interpolation::bilinear
                                    : Interpolation::bicubic,
         image, buffers.scratch);
  return true;
}

bool flipped_or_adjusted(const Operation& operation, ImageBuffer& image, WorkBuffers& buffers) {
  const auto& op = operation.op;
  const auto f = operation.first();
  if (op == "flip_horizontal")
    flip_horizontal(image);
  else if (op == "flip_vertical")
    flip_vertical(image);
  else if (op == "brightness")
    adjust_brightness(image, f);
  else if (op == "contrast")
    adjust_contrast(image, f);
  else if (op == "saturation")
    adjust_saturation(image, f);
  else if (op == "sharpness")
    adjust_sharpness(image, f, buffers.other);
  else if (op == "hue")
    adjust_hue(image, f);
  else
    return false;
  return true;
}

bool recoloured_or_blurred(const Operation& operation, ImageBuffer& image, WorkBuffers& buffers) {
  const auto& op = operation.op;
  const auto& a = operation.a;
  const auto f = operation.first();
  if (op == "gray")
    make_gray(image);
  else if (op == "invert")
    invert(image);
  else if (op == "solarize")
    solarize(image, f);
  else if (op == "posterize")
    posterize(image, static_cast<int>(a[0]));
  else if (op == "autocontrast")
    autocontrast(image);
  else if (op == "equalize")
    equalize(image);
  else if (op == "blur")
    gaussian_blur(image, static_cast<int>(a[0]), static_cast<float>(a[1]), buffers.other);
  else
    return false;
  return true;
}

bool moved_by_map(const Operation& operation, const ImageBuffer& original, ImageBuffer& image) {
  const auto& op = operation.op;
  const auto& a = operation.a;
  const auto moved = [&](const Affine& map) { quix::transform(original, map, image); };
  const double degrees = a.empty() ? 0 : std::atan(a[0]) * 180 / std::numbers::pi;
  if (op == "rotate")
    moved(affine_map(-a[0], 0, 0, 0, 0));
  else if (op == "shear_x")
    moved(affine_map(0, 0, 0, degrees, 0, -16, -12));
  else if (op == "shear_y")
    moved(affine_map(0, 0, 0, 0, degrees, -16, -12));
  else if (op == "move_x")
    moved(affine_map(0, a[0], 0, 0, 0));
  else if (op == "move_y")
    moved(affine_map(0, 0, a[0], 0, 0));
  else
    return false;
  return true;
}

bool erased(const Operation& operation, ImageBuffer& image) {
  const auto& op = operation.op;
  const auto& a = operation.a;
  if (op != "erase") return false;
  const std::uint8_t colour[] = {static_cast<std::uint8_t>(a[4]), static_cast<std::uint8_t>(a[5]),
                                 static_cast<std::uint8_t>(a[6])};
  fill(image,
       {static_cast<std::int64_t>(a[0]), static_cast<std::int64_t>(a[1]), static_cast<std::int64_t>(a[2]),
        static_cast<std::int64_t>(a[3])},
       colour);
  return true;
}

/// The values of the image against those of the file, that begin there.
void compare(const Operation& operation, const ImageBuffer& image, std::string_view expected,
             std::map<std::string, int>& worst) {
  const auto& op = operation.op;
  const auto f = operation.first();
  int most = 0;
  std::size_t apart = 0;
  for (std::size_t i = 0; i < image.bytes(); ++i) {
    const int d = std::abs(image.data()[i] - static_cast<unsigned char>(expected[i]));
    most = std::max(most, d);
    apart += d > 2;
  }
  // Where nearest pixels are chosen, a tie of halves may fall to the other side.
  const bool chosen = op == "rotate" || op.starts_with("shear") || op == "resize_nearest";
  worst[op] = std::max(worst[op], chosen && apart * 100 <= image.bytes() ? 0 : most);
  if (worst[op] > 2)
    test::fail(__FILE__, __LINE__,
               op + "(" + std::to_string(f) + ", …) differs by " + std::to_string(most) + " in " +
                   std::to_string(apart) + " values");
}

void operations(WorkBuffers& buffers) {
  const auto folder = std::string(std::getenv("QUIX_GOLDEN")) + "/augment/";
  const auto golden = json::parse(io::read_text(folder + "cases.json"), "cases.json");
  const auto results = io::read_text(folder + "results.bin"), pixels = io::read_text(folder + "picture.bin");
  ImageBuffer original({32, 24}, 3);
  std::copy(pixels.begin(), pixels.end(), original.data());
  std::map<std::string, int> worst;
  int cases = 0;
  for (const auto& item : golden.find("cases")->items) {
    const auto op = item.find("op")->text;
    std::vector<double> a;
    for (const auto& x : item.find("args")->items) a.push_back(std::stod(x.text));
    const Operation operation{op, a};
    const auto number = [&](const char* name) { return std::stoll(item.find(name)->text); };
    auto image = original;
    if (!resized(operation, original, image, buffers) && !flipped_or_adjusted(operation, image, buffers) &&
        !recoloured_or_blurred(operation, image, buffers) && !moved_by_map(operation, original, image) &&
        !erased(operation, image))
      test::fail(__FILE__, __LINE__, "no such operation: " + op);
    ++cases;
    CHECK(image.size == ImageSize({number("width"), number("height")}));
    if (image.bytes() + static_cast<std::size_t>(number("begin")) > results.size()) continue;
    compare(operation, image, std::string_view(results).substr(static_cast<std::size_t>(number("begin"))), worst);
  }
  CHECK(cases > 70);
}

/// A large resize needs room for all its taps; and every region inside the image works.
void large_resize(WorkBuffers& buffers) {
  auto& scratch = buffers.scratch;
  auto& other = buffers.other;
  ImageBuffer wide({3000, 2}, 1);
  std::fill_n(wide.data(), wide.bytes(), std::uint8_t{77});
  resize(wide, {0, 0, 3000, 2}, {3, 1}, Interpolation::bicubic, other, scratch);
  CHECK(other.data()[0] == 77 && other.data()[2] == 77);
  CHECK_ERROR(resize(wide, {1, 0, 3000, 2}, {3, 1}, Interpolation::bilinear, other, scratch), "not inside the image");
}

}  // namespace

TESTS {
  WorkBuffers buffers;
  operations(buffers);
  large_resize(buffers);
  return 0;
}
