// What augmentations draw: their ranges and probabilities; the policies' tables and magnitudes, which are torchvision's
// (golden/make_augment.py); and that masks and boxes go along.
#include <check.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include <quix/cfg/json.hpp>
#include <quix/data.hpp>

using namespace quix;

namespace {

Rng draws_of(std::uint64_t i) { return {1, RngStream::augment, 0, i, 0}; }

ImageBuffer& put(ImageSample& views, const ImageBuffer& in) {
  auto& to = views.add_picture(in.size, in.channels == 3 ? rgb : gray);
  std::copy_n(in.data(), in.bytes(), to.data());
  return to;
}

template <class Op>
ImageBuffer applied(const Op& op, const ImageBuffer& in, std::uint64_t i) {
  ImageSample views;
  put(views, in);
  auto draws = draws_of(i);
  op.apply(views, draws);
  return views.image(0);
}

template <class Op>
ImageBuffer evaluated(const Op& op, const ImageBuffer& in) {
  ImageSample views;
  put(views, in);
  op.evaluate(views);
  return views.image(0);
}

bool same(const ImageBuffer& a, const ImageBuffer& b) {
  return a.size == b.size && std::equal(a.data(), a.data() + a.bytes(), b.data());
}

/// Values that are more than 2 apart. Magnitudes are float here and there: where nearest pixels are chosen, or a
/// threshold is met, a tie may fall to the other side.
std::size_t apart(const ImageBuffer& a, const std::uint8_t* b) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < a.bytes(); ++i) out += std::abs(a.data()[i] - b[i]) > 2;
  return out;
}

/// All pixels of one colour.
ImageBuffer plain(ImageSize size, std::initializer_list<int> colour) {
  ImageBuffer out(size, static_cast<std::int64_t>(colour.size()));
  for (std::size_t i = 0; i < out.bytes(); ++i)
    out.data()[i] = static_cast<std::uint8_t>(colour.begin()[i % colour.size()]);
  return out;
}

/// Gray; a pixel says where it is.
ImageBuffer places(ImageSize size) {
  ImageBuffer out(size, 1);
  for (std::int64_t y = 0; y < size.height; ++y)
    for (std::int64_t x = 0; x < size.width; ++x) out.row(y)[x] = static_cast<std::uint8_t>(2 * x + y);
  return out;
}

/// The least and the greatest that `f` gives for 2,000 draws, and the mean.
struct Range {
  double least = 1e9, greatest = -1e9, mean = 0;
};
template <class F>
Range range_of(F&& f) {
  Range out;
  constexpr int n = 2000;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double value = f(i);
    out.least = std::min(out.least, value), out.greatest = std::max(out.greatest, value), out.mean += value / n;
  }
  return out;
}

void ranges() {
  // Each factor of the jitter is from 1 - x to 1 + x, uniformly.
  const auto is = [](const Range& r, double from, double to) {
    const double slack = (to - from) / 20;
    return r.least >= from - 1 && r.least < from + slack && r.greatest <= to + 1 && r.greatest > to - slack &&
           std::abs(r.mean - (from + to) / 2) < slack;
  };
  const auto one = plain({1, 1}, {100, 100, 100});
  CHECK(is(range_of([&](auto i) { return applied(ColorJitter{.brightness = 0.5f}, one, i).data()[0]; }), 50, 150));
  auto two = plain({2, 1}, {100});
  two.data()[1] = 140;  // 20 above the mean
  CHECK(is(range_of([&](auto i) { return applied(ColorJitter{.contrast = 0.8f}, two, i).data()[1]; }), 124, 156));
  const auto red = plain({1, 1}, {150, 100, 100});  // luma 114: 36 above it
  CHECK(is(range_of([&](auto i) { return applied(ColorJitter{.saturation = 0.8f}, red, i).data()[0]; }), 121, 178));
  int first = 0, both = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto turned = applied(ColorJitter{.hue = 0.1f}, plain({1, 1}, {200, 0, 0}), i);
    CHECK(turned.data()[0] == 200 && turned.data()[1] <= 121 && turned.data()[2] <= 121);
    first += turned.data()[1] > 0, both += turned.data()[1] > 0 || turned.data()[2] > 0;
  }
  CHECK(std::abs(first - 1000) < 150 && both > 1900);
  // In a random order: brightness that cuts, then contrast, or the other way round.
  auto bright = plain({2, 1}, {100});
  bright.data()[1] = 250;
  int before = 0, after = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    auto draws = draws_of(i);
    for (std::uint32_t n = 4; n > 1; --n) draws.below(n);
    const float b = draws.uniform(0, 2), c = draws.uniform(1 - 0.9f, 1 + 0.9f);
    auto one_way = bright, other_way = bright;
    adjust_brightness(one_way, b), adjust_contrast(one_way, c);
    adjust_contrast(other_way, c), adjust_brightness(other_way, b);
    const auto out = applied(ColorJitter{.brightness = 1, .contrast = 0.9f}, bright, i);
    CHECK(same(out, one_way) || same(out, other_way));
    if (!same(one_way, other_way)) before += same(out, one_way), after += same(out, other_way);
  }
  CHECK(before > 80 && after > 80);

  const auto share = [](auto&& changed) { return range_of([&](auto i) { return changed(i) ? 1.0 : 0.0; }).mean; };
  const auto colours = plain({1, 1}, {200, 100, 50});
  CHECK(std::abs(share([&](auto i) { return !same(applied(Grayscale{.p = 0.2f}, colours, i), colours); }) - 0.2) <
        0.04);
  CHECK(std::abs(share([&](auto i) {
                   const auto out = applied(Solarize{.p = 0.3f, .threshold = 90}, colours, i);
                   CHECK(same(out, colours) || same(out, plain({1, 1}, {55, 155, 50})));
                   return !same(out, colours);
                 }) -
                 0.3) < 0.045);

  // A blur's kernel is a tenth of the image: a line of 100 pixels spreads over 11.
  auto line = plain({100, 100}, {0});
  for (std::int64_t y = 0; y < 100; ++y) line.row(y)[50] = 255;
  const auto blurred = applied(GaussianBlur{.p = 1, .sigma = {2, 2}}, line, 0);
  CHECK(blurred.row(50)[55] > 0 && blurred.row(50)[45] > 0 && blurred.row(50)[56] == 0 && blurred.row(50)[44] == 0);
  CHECK(same(applied(GaussianBlur{.p = 0}, line, 0), line));

  // One of three, each as often: 150 becomes 105, 114 to 168, or stays.
  int solarized = 0, kept = 0;
  const auto saturated = range_of([&](auto i) {
    const int out = applied(ThreeAugment{}, red, i).data()[0];
    solarized += out == 105, kept += out == 150;
    return out == 105 || out == 150 ? 141 : out;
  });
  CHECK(is(saturated, 114, 168));
  CHECK(std::abs(solarized - 667) < 110 && std::abs(kept - 680) < 110);

  // Erased: of the given height over width, share and gray.
  const auto black = plain({100, 100}, {0});
  CHECK(std::abs(share([&](auto i) {
                   const auto out = applied(
                       RandomErasing{.p = 0.5f, .scale = {0.05f, 0.1f}, .ratio = {2, 3}, .value = 77}, black, i);
                   std::int64_t x0 = 100, x1 = 0, y0 = 100, y1 = 0, n = 0;
                   for (std::int64_t y = 0; y < 100; ++y)
                     for (std::int64_t x = 0; x < 100; ++x)
                       if (out.row(y)[x] == 77)
                         ++n, x0 = std::min(x0, x), x1 = std::max(x1, x + 1), y0 = std::min(y0, y),
                              y1 = std::max(y1, y + 1);
                   if (n == 0) return false;
                   const double ratio = static_cast<double>(y1 - y0) / static_cast<double>(x1 - x0);
                   CHECK(n == (x1 - x0) * (y1 - y0) && n > 450 && n < 1050 && ratio > 1.8 && ratio < 3.3);
                   return true;
                 }) -
                 0.5) < 0.05);
}

void sizes() {
  CHECK(evaluated(Resize{.height = 40}, places({100, 80})).size == ImageSize({50, 40}));
  CHECK(evaluated(Resize{.height = 40}, places({80, 100})).size == ImageSize({40, 50}));
  CHECK(evaluated(Resize{.height = 20, .width = 30}, places({80, 100})).size == ImageSize({30, 20}));
  const auto middle = evaluated(CenterCrop{.size = 10}, places({20, 30}));
  CHECK(middle.size == ImageSize({10, 10}) && middle.data()[0] == 2 * 5 + 10);
  CHECK_ERROR(evaluated(CenterCrop{.size = 25}, places({20, 30})), "20x30 is smaller than the crop of 25");
  // Evaluating, the middle takes its share of the shorter side: here 70 pixels of 80.
  const auto crop = evaluated(RandomResizedCrop{.size = 70}, places({100, 80}));
  CHECK(crop.size == ImageSize({70, 70}) && crop.data()[0] == 2 * 15 + 5 && crop.row(69)[0] == 2 * 15 + 74);
  // Shapes are uniform in the logarithm: as many are wide as are high.
  const RandomResizedCrop shapes{.size = 8, .scale = {0.1f, 0.2f}, .ratio = {0.5f, 2.0f}};
  const auto wide = range_of([&](auto i) {
    auto draws = draws_of(i);
    const auto region = shapes.draw({400, 400}, draws);
    return region.width > region.height ? 1.0 : 0.0;
  });
  CHECK(std::abs(wide.mean - 0.5) < 0.05);
  // Each way of interpolating is drawn as often.
  const RandomResizedCrop two{
      .size = 9, .scale = {1, 1}, .ratio = {1, 1}, .interpolations = {Interpolation::nearest, Interpolation::bilinear}};
  auto board = plain({2, 2}, {0});
  board.data()[0] = board.data()[3] = 255;
  const auto nearest = range_of([&](auto i) {
    const auto out = applied(two, board, i);
    return std::all_of(out.data(), out.data() + out.bytes(), [](auto v) { return v == 0 || v == 255; }) ? 1.0 : 0.0;
  });
  CHECK(std::abs(nearest.mean - 0.5) < 0.05);
  // A JPEG is decoded smaller only where that has as many pixels as are asked for.
  ImageDecoder decoder;
  auto tall = places({64, 128});
  const auto jpeg = encode_jpeg(reinterpret_cast<const std::byte*>(tall.data()), gray, {64, 128}, 95);
  const auto cropped = [&](std::int64_t side, bool draft) {
    ImageSample views;
    views.add_image(jpeg, gray, decoder);
    views.crop({0, 0, 64, 128}, {side, side}, Interpolation::bilinear, draft);
    return views.image(0);
  };
  CHECK(same(cropped(33, true), cropped(33, false)) && !same(cropped(32, true), cropped(32, false)));
}

// --- policies -----------------------------------------------------------------------------------------
const std::map<std::string, ImageChange> changes{{"Identity", ImageChange::none},
                                                 {"ShearX", ImageChange::shear_x},
                                                 {"ShearY", ImageChange::shear_y},
                                                 {"TranslateX", ImageChange::move_x},
                                                 {"TranslateY", ImageChange::move_y},
                                                 {"Rotate", ImageChange::rotate},
                                                 {"Brightness", ImageChange::brightness},
                                                 {"Color", ImageChange::color},
                                                 {"Contrast", ImageChange::contrast},
                                                 {"Sharpness", ImageChange::sharpness},
                                                 {"Posterize", ImageChange::posterize},
                                                 {"Solarize", ImageChange::solarize},
                                                 {"AutoContrast", ImageChange::autocontrast},
                                                 {"Equalize", ImageChange::equalize},
                                                 {"Invert", ImageChange::invert}};

/// One step as torchvision takes it: a magnitude of the golden space, then a sign.
void step(ImageSample& views, Rng& draws, const Node& space, const std::string& name, std::size_t level) {
  const auto* op = space.find(name);
  const auto& levels = op->find("magnitudes")->items;
  const float value = std::stof(levels.size() == 1 ? levels[0].text : levels.at(level).text);
  change_image(views, changes.at(name), op->find("signed")->text == "true" && draws.chance(0.5f) ? -value : value);
}

void policies(const Node& golden, const ImageBuffer& picture) {
  const auto& spaces = *golden.find("spaces");
  const auto expect = [&](const char* name, const auto& op, auto&& steps) {
    for (std::uint64_t i = 0; i < 400; ++i) {
      ImageSample views;
      put(views, picture);
      auto draws = draws_of(i);
      steps(views, draws);
      if (apart(views.image(0), applied(op, picture, i).data()) * 20 < picture.bytes()) continue;
      return test::fail(__FILE__, __LINE__, std::string(name) + " is not torchvision's, draw " + std::to_string(i));
    }
  };
  for (const auto& [name, policy] :
       {std::pair{"imagenet", AutoPolicy::imagenet}, {"cifar10", AutoPolicy::cifar10}, {"svhn", AutoPolicy::svhn}})
    expect(name, AutoAugment{.policy = policy},
           [&, table = golden.find("policies")->find(name)](auto& views, auto& draws) {
             for (const auto& one : table->items.at(draws.below(25)).items)
               if (draws.chance(std::stof(one.items[1].text)))
                 step(views, draws, *spaces.find("auto"), one.items[0].text,
                      static_cast<std::size_t>(std::max(0, std::stoi(one.items[2].text))));
           });
  expect("RandAugment", RandAugment{.ops = 3, .magnitude = 11}, [&](auto& views, auto& draws) {
    const auto& space = *spaces.find("randaugment");
    for (int k = 0; k < 3; ++k) step(views, draws, space, space.members.at(draws.below(14)).key, 11);
  });
  expect("TrivialAugment", TrivialAugment{}, [&](auto& views, auto& draws) {
    const auto& space = *spaces.find("trivial");
    const auto name = space.members.at(draws.below(14)).key;
    step(views, draws, space, name, draws.below(31));
  });
}

/// The operations with the policies' parameters.
void operations(const Node& golden, const ImageBuffer& picture, const std::string& results) {
  const std::map<std::string, ImageChange> of{
      {"shear_x", ImageChange::shear_x},     {"shear_y", ImageChange::shear_y},
      {"move_x", ImageChange::move_x},       {"move_y", ImageChange::move_y},
      {"rotate", ImageChange::rotate},       {"brightness", ImageChange::brightness},
      {"saturation", ImageChange::color},    {"contrast", ImageChange::contrast},
      {"sharpness", ImageChange::sharpness}, {"posterize", ImageChange::posterize},
      {"solarize", ImageChange::solarize},   {"autocontrast", ImageChange::autocontrast},
      {"equalize", ImageChange::equalize},   {"invert", ImageChange::invert}};
  std::map<std::string, int> checked;
  for (const auto& item : golden.find("cases")->items) {
    const auto found = of.find(item.find("op")->text);
    if (found == of.end()) continue;
    const auto what = found->second;
    const bool factor = what >= ImageChange::brightness && what <= ImageChange::sharpness;
    const auto& args = item.find("args")->items;
    const float value = args.empty() ? 0 : std::stof(args[0].text);
    ImageSample views;
    put(views, picture);
    change_image(views, what, factor ? value - 1 : value);
    const auto begin = static_cast<std::size_t>(std::stoll(item.find("begin")->text));
    const auto n = apart(views.image(0), reinterpret_cast<const std::uint8_t*>(results.data()) + begin);
    if (n * 40 > (what <= ImageChange::rotate ? picture.bytes() : 0))
      test::fail(__FILE__, __LINE__, found->first + " " + std::to_string(value) + " differs in " + std::to_string(n));
    ++checked[found->first];
  }
  CHECK_EQ(checked.size(), of.size());
  const auto changed = [&](ImageChange what, float value) {
    ImageSample views;
    put(views, picture);
    change_image(views, what, value);
    return views.image(0);
  };
  CHECK(same(changed(ImageChange::move_y, 3.7f), changed(ImageChange::move_y, 3)));
  CHECK(same(changed(ImageChange::move_x, -3.7f), changed(ImageChange::move_x, -3)));
}

// --- masks and boxes ----------------------------------------------------------------------------------
void together() {
  ImageSample views;
  auto& mask = views.add_mask({4, 3}, 1);
  std::fill_n(mask.data(), mask.bytes(), std::uint8_t{0});
  mask.row(0)[1] = 7;
  std::vector<Box> boxes{{1, 0, 2, 1}};
  views.add_boxes(boxes);
  views.flip_vertical();
  CHECK(views.mask(0).row(2)[1] == 7 && views.mask(0).row(0)[1] == 0);
  CHECK(boxes[0] == Box({1, 2, 2, 3}));
  views.flip_horizontal();
  CHECK(views.mask(0).row(2)[2] == 7 && boxes[0] == Box({2, 2, 3, 3}));
  views.transform(affine_map(0, 1, -2, 0, 0));
  CHECK(views.mask(0).row(0)[3] == 7 && boxes[0] == Box({3, 0, 4, 1}));
  views.transform(affine_map(0, 0.75, 0, 0, 0));  // what leaves the image is cut off
  CHECK(boxes[0] == Box({3.75f, 0, 4, 1}));
  views.crop({0, 0, 2, 2}, {4, 4}, Interpolation::bilinear);
  CHECK(boxes[0] == Box({4, 0, 4, 2}));

  ImageSample other;
  other.add_mask({4, 3}, 1);
  CHECK_ERROR(other.add_mask({4, 2}, 1), "is 4x2, but the sample's others are 4x3");
  CHECK_ERROR(other.add_mask({3, 3}, 1), "is 3x3");
}

}  // namespace

TESTS {
  const auto folder = std::string(std::getenv("QUIX_GOLDEN")) + "/augment/";
  const auto golden = json::parse(io::read_text(folder + "cases.json"), "cases.json");
  const auto pixels = io::read_text(folder + "picture.bin");
  ImageBuffer picture({32, 24}, 3);
  std::copy(pixels.begin(), pixels.end(), picture.data());
  ranges(), sizes(), policies(golden, picture), operations(golden, picture, io::read_text(folder + "results.bin")),
      together();
  return 0;
}
