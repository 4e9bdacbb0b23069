// What  quix data convert --short_side  makes of a sample: masks against Pillow's NEAREST (golden/make_convert.py),
// boxes, EXIF orientations, and what it refuses.
#include <check.hpp>

#include <cstdlib>
#include <random>

#include <resize_sample.hpp>

using namespace quix;
using tool::Members;
using tool::ResizeOptions;

namespace {

std::string golden;

std::vector<std::byte> bytes_of(std::string_view text) { return detail::to_bytes(text); }
std::vector<std::byte> file(const std::string& name) { return bytes_of(io::read_text(golden + name)); }

/// An image with many colors.
std::vector<std::byte> photo(ImageSize size, Channels channels, bool png) {
  std::vector<std::byte> pixels;
  for (std::int64_t y = 0; y < size.height; ++y)
    for (std::int64_t x = 0; x < size.width; ++x)
      for (std::int64_t c = 0; c < channel_count(channels); ++c)
        pixels.push_back(static_cast<std::byte>(5 * x + 3 * (c + 1) * y + 60 * c));
  return png ? encode_png(pixels.data(), channels, size) : encode_jpeg(pixels.data(), channels, size, 95);
}

Members resized(Members members, ResizeOptions options = {.short_side = 12}) {
  tool::SampleResizer resizer(options);
  resizer(members);
  return members;
}

const std::vector<std::byte>& of(const Members& members, std::string_view suffix) {
  for (const auto& [name, bytes] : members)
    if (name == suffix) return bytes;
  throw Error(std::string(suffix), "is gone");
}

std::string values(ByteView png, std::size_t element) {
  const auto info = mask_info(png, 0);
  std::string out(static_cast<std::size_t>(info.size.width * info.size.height) * element, '\0');
  std::vector<std::byte> room;
  decode_mask(png, 0, info.size, element, reinterpret_cast<std::byte*>(out.data()), room);
  return out;
}

void masks() {
  // By name, by format, or next to an image: whatever the suffix.
  for (const auto& [name, suffixes] :
       {std::pair<std::string, std::vector<std::string>>{
            "gray8", {"seg.png", "seg8", "segmentation.png", "mask.png", "label.png", "png"}},
        {"gray16", {"seg16", "depth.png", "a.png"}},
        {"bits1", {"seg.png", "a.png"}},
        {"palette4", {"SEG.PNG", "a.png"}},
        {"palette8", {"gt.png", "a.png"}},
        {"interlaced4", {"seg.png", "a.png"}},
        {"interlaced16", {"depth.png"}},
        {"rgb", {"seg24", "seg_rgb.png"}}})
    for (const auto& suffix : suffixes) {
      const auto png = file(name + ".png");
      const auto small = of(resized({{"jpg", photo({45, 30}, rgb, false)}, {suffix, png}}), suffix);
      CHECK(image_format(small) == ImageFormat::png && image_size(small) == ImageSize({18, 12}));
      CHECK(small[24] == png[24] && small[25] == png[25]);  // bits and color type
      std::string found;
      if (name == "rgb") {
        found.resize(18 * 12 * 3);
        ImageDecoder().decode(small, rgb, {18, 12}, reinterpret_cast<std::byte*>(found.data()));
      } else {
        found = values(small, name.ends_with("16") ? 2 : 1);
      }
      auto wanted = io::read_text(golden + name + ".raw");
      if (name == "bits1")
        for (auto& c : wanted) c = c ? '\xff' : '\0';
      if (found != wanted) test::fail(__FILE__, __LINE__, name + " as " + suffix + " differs from Pillow's NEAREST");
      if (!name.starts_with("palette") && name != "interlaced4") continue;
      // The same colors, and the same transparent index.
      const std::string_view before(reinterpret_cast<const char*>(png.data()), png.size()),
          after(reinterpret_cast<const char*>(small.data()), small.size());
      const auto chunk = [](std::string_view text, const char* kind) {
        const auto at = text.find(kind);
        if (at == text.npos) return std::string();
        const auto length = static_cast<unsigned char>(text[at - 2]) << 8 | static_cast<unsigned char>(text[at - 1]);
        return std::string(text.substr(at, 4 + static_cast<std::size_t>(length)));
      };
      CHECK(!chunk(before, "PLTE").empty() && chunk(after, "PLTE") == chunk(before, "PLTE"));
      CHECK(chunk(after, "tRNS") == chunk(before, "tRNS"));
    }
  // A gray PNG alone is an image; two of them need a word; an option settles each.
  const auto alone = of(resized({{"png", file("gray8.png")}, {"cls", bytes_of("3")}}), "png");
  CHECK(image_format(alone) == ImageFormat::jpeg);
  const Members two{{"a.png", file("gray8.png")}, {"b.png", file("gray8.png")}};
  CHECK_ERROR(resized(two), "a.png", "is one of several PNGs in gray or of few colors", "--images a.png",
              "--masks a.png");
  const auto settled = resized(two, {.short_side = 12, .images = {"a.png"}});
  CHECK(image_format(of(settled, "a.png")) == ImageFormat::jpeg);
  CHECK_EQ(values(of(settled, "b.png"), 1) == io::read_text(golden + "gray8.raw"), true);
  const auto forced = of(resized({{"png", file("rgb.png")}}, {.short_side = 12, .masks = {"png"}}), "png");
  CHECK(image_format(forced) == ImageFormat::png);
  // A few colors next to an image are labels; a photo next to another is not, and transparency stays.
  const auto flat = encode_mask(std::vector<std::byte>(45 * 30, std::byte{7}).data(), 1, {45, 30}, 24);
  const auto others = resized({{"jpg", photo({45, 30}, rgb, false)},
                               {"target.png", flat},
                               {"right.png", photo({45, 30}, rgb, true)},
                               {"alpha.png", photo({45, 30}, rgba, true)}});
  CHECK(image_format(of(others, "target.png")) == ImageFormat::png);
  CHECK(image_format(of(others, "right.png")) == ImageFormat::jpeg);
  CHECK(of(others, "alpha.png")[25] == std::byte{6});
  // What the colors tell has to be so in all samples.
  tool::SampleResizer resizer({.short_side = 12});
  Members first{{"jpg", photo({45, 30}, rgb, false)}, {"a.png", flat}},
      next{first[0], {"a.png", photo({45, 30}, rgb, true)}};
  resizer(first);
  CHECK_ERROR(resizer(next), "a.png", "looks like an image in one sample and like a mask in another", "--masks a.png");
  // A palette is a mask's next to another image, and an image's without one.
  const auto indexed = resized({{"a.png", file("palette8.png")}, {"b.png", file("gray8.png")}});
  CHECK(image_format(of(indexed, "a.png")) == ImageFormat::png &&
        image_format(of(indexed, "b.png")) == ImageFormat::jpeg);
  const auto lone = of(resized({{"png", file("palette4.png")}, {"cls", bytes_of("3")}}), "png");
  CHECK(image_format(lone) == ImageFormat::jpeg || lone[25] == std::byte{6});
  // An image of few colors that only a gray PNG accompanies is an image.
  const auto pair = resized({{"png", flat}, {"b.png", file("gray8.png")}});
  CHECK(image_format(of(pair, "png")) == ImageFormat::jpeg && image_format(of(pair, "b.png")) == ImageFormat::png);
  CHECK_ERROR(resized({{"a.png", flat}, {"b.png", flat}}), "a.png", "in gray or of few colors");
  // Transparent pixels lend no color, as in Pillow.
  const auto alpha = of(resized({{"png", file("alpha.png")}}), "png");
  std::string shown(18 * 12 * 4, '\0');
  ImageDecoder().decode(alpha, rgba, {18, 12}, reinterpret_cast<std::byte*>(shown.data()));
  const auto wanted = io::read_text(golden + "alpha.raw");
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const int opacity = static_cast<unsigned char>(wanted[i | 3]);
    const int apart = std::abs(static_cast<unsigned char>(shown[i]) - static_cast<unsigned char>(wanted[i]));
    CHECK(i % 4 == 3 ? apart <= 1 : apart * opacity <= 2 * 255);
  }
  // Arrays of the image's size, with dimensions before and behind.
  std::vector<std::uint16_t> numbers(2 * 30 * 45 * 3);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::uint16_t>(i);
  const auto npy = io::write_npy(DType::u16, {2, 30, 45, 3}, reinterpret_cast<const std::byte*>(numbers.data()));
  const auto rle = write_rle(DType::u16, {30, 45}, reinterpret_cast<const std::byte*>(numbers.data()));
  const auto arrays = resized({{"jpg", photo({45, 30}, rgb, false)}, {"npy", npy}, {"rle", rle}});
  const auto header = io::read_npy_header(of(arrays, "npy"));
  CHECK_EQ(header.shape, Dims({2, 12, 18, 3}));
  std::vector<std::uint16_t> out(header.data_bytes() / 2);
  io::read_npy(of(arrays, "npy"), header, reinterpret_cast<std::byte*>(out.data()));
  for (std::size_t p = 0; p < 2; ++p)
    for (std::size_t y = 0; y < 12; ++y)
      for (std::size_t x = 0; x < 18; ++x) {
        const auto from = ((p * 30 + (2 * y + 1) * 30 / 24) * 45 + (2 * x + 1) * 45 / 36) * 3;
        CHECK_EQ(out[((p * 12 + y) * 18 + x) * 3 + 2], numbers[from + 2]);
      }
  CHECK_EQ(read_rle_header(of(arrays, "rle")).shape, Dims({12, 18}));
  // What is not shrunk is left as it is, byte for byte.
  const Members small{
      {"jpg", photo({45, 30}, rgb, false)}, {"seg.png", file("gray8.png")}, {"json", bytes_of("{\"bbox\": 1}")}};
  CHECK(resized(small, {.short_side = 30}) == small);
}

std::vector<std::byte> boxes_of(const std::vector<float>& all) {
  return io::write_npy(DType::f32, {static_cast<std::int64_t>(all.size() / 4), 4},
                       reinterpret_cast<const std::byte*>(all.data()));
}

template <class T>
std::vector<T> numbers_of(ByteView npy) {
  const auto header = io::read_npy_header(npy);
  std::vector<T> out(header.data_bytes() / sizeof(T));
  io::read_npy(npy, header, reinterpret_cast<std::byte*>(out.data()));
  return out;
}

/// Damaged members are refused in words.
void damaged() {
  std::vector<std::vector<std::byte>> files{file("palette4.png"),
                                            file("interlaced16.png"),
                                            file("bits1.png"),
                                            boxes_of({1, 2, 3, 4}),
                                            bytes_of(io::read_text(golden + "../orientation/6big.jpg")),
                                            bytes_of(io::read_text(golden + "../orientation/frame_lossy.webp"))};
  std::mt19937 random(2);
  for (int round = 0; round < 3000; ++round) {
    auto bytes = files[random() % files.size()];
    for (int k = 0; k < 3; ++k)
      bytes[random() % std::min<std::size_t>(bytes.size(), 300)] = static_cast<std::byte>(random());
    if (random() % 3 == 0) bytes.resize(random() % bytes.size());
    try {
      resized({{"png", bytes}, {"boxes.npy", bytes}, {"seg.png", bytes}},
              {.short_side = 12, .upright = random() % 2 == 0});
    } catch (const Error& error) {
      CHECK(!error.problems().empty() && !error.problems().front().what.empty());
    }
  }
}

void coordinates() {
  const auto jpg = photo({45, 30}, rgb, false);
  const auto scaled = of(resized({{"jpg", jpg}, {"boxes.npy", boxes_of({0, 0, 45, 30, 5, 10, 20, 25})}}), "boxes.npy");
  CHECK(numbers_of<float>(scaled) == std::vector<float>({0, 0, 18, 12, 2, 4, 8, 10}));
  const auto of_mask = resized({{"seg.png", file("gray8.png")}, {"boxes.npy", boxes_of({0, 0, 45, 30})}});
  CHECK(numbers_of<float>(of(of_mask, "boxes.npy")) == std::vector<float>({0, 0, 18, 12}));
  const std::vector<std::int64_t> whole{5, 10, 21, 25};
  const auto integers =
      of(resized({{"jpg", jpg},
                  {"bbox.npy", io::write_npy(DType::i64, {4}, reinterpret_cast<const std::byte*>(whole.data()))}}),
         "bbox.npy");
  CHECK(numbers_of<std::int64_t>(integers) == std::vector<std::int64_t>({2, 4, 8, 10}));
  const auto relative = boxes_of({0.1f, 0.2f, 0.9f, 1.001f});
  CHECK(of(resized({{"jpg", jpg}, {"boxes.npy", relative}}), "boxes.npy") == relative);
  const auto named =
      of(resized({{"jpg", jpg}, {"npy", boxes_of({0, 0, 45, 30})}}, {.short_side = 12, .boxes = {"npy"}}), "npy");
  CHECK(numbers_of<float>(named) == std::vector<float>({0, 0, 18, 12}));
  // What it does not understand is refused by name, or copied.
  CHECK_ERROR(resized({{"jpg", jpg}, {"npy", boxes_of({1, 2, 3, 4})}}), "npy: is an array [1, 4]", "--boxes npy",
              "--copy npy");
  CHECK_ERROR(resized({{"jpg", jpg}, {"json", bytes_of(R"({"a": [{"bbox": [1, 2, 3, 4]}]})")}}),
              "json: has coordinates (bbox)", "--copy json", "--drop json");
  CHECK_ERROR(resized({{"jpg", jpg}, {"xml", bytes_of("<annotation><bndbox><xmin>3</xmin>")}}), "xml: has coordinates");
  CHECK_ERROR(resized({{"jpg", jpg}, {"keypoints.npy", boxes_of({1, 2, 3, 4, 5, 6, 7, 8})}}),
              "keypoints.npy: has coordinates");
  CHECK_ERROR(resized({{"jpg", photo({44, 30}, rgb, false)}, {"seg.png", file("gray8.png")}}),
              "seg.png: the mask is 45x30, the sample's image 44x30", "--copy seg.png");
  CHECK_ERROR(resized({{"jpg", jpg}, {"seg.tif", bytes_of("II*")}}),
              "seg.tif: is an image of a format that is not read");
  const Members copied{{"json", bytes_of(R"({"bbox": [1, 2, 3, 4]})")}, {"seg.png", file("gray8.png")}};
  auto members = copied;
  members.emplace_back("jpg", photo({44, 30}, rgb, false));
  members = resized(members, {.short_side = 12, .copy = {"json", "seg.png"}});
  CHECK(Members(members.begin(), members.begin() + 2) == copied);
  const auto text = bytes_of(R"({"caption": "a box", "width": 45})");
  CHECK(of(resized({{"jpg", jpg}, {"json", text}, {"txt", bytes_of("a cat")}}), "json") == text);
  // An image that is copied keeps its masks.
  CHECK(resized({{"jpg", jpg}, {"seg.png", file("gray8.png")}}, {.short_side = 12, .copy = {"jpg"}}) ==
        Members({{"jpg", jpg}, {"seg.png", file("gray8.png")}}));
}

void orientations() {
  const auto folder = golden + "../orientation/";
  for (int n = 1; n <= 8; ++n) {
    const auto jpg = bytes_of(io::read_text(folder + std::to_string(n) + ".jpg"));
    ImageDecoder decoder;
    for (const bool upright : {false, true}) {
      const auto option = upright ? Orientation::apply : Orientation::ignore;
      const auto shown = image_size(jpg, option);
      const ImageSize to = shown.width > shown.height ? ImageSize{18, 12} : ImageSize{12, 18};
      // A mask of that image follows it, whichever way the image lies.
      const auto mask = encode_mask(std::vector<std::byte>(45 * 30, std::byte{9}).data(), 1, shown, 8);
      const auto out = resized({{"jpg", jpg}, {"seg.png", mask}}, {.short_side = 12, .upright = upright});
      const auto& small = of(out, "jpg");
      CHECK_EQ(exif_orientation(small), upright ? 1 : n);
      CHECK(image_size(small) == to && image_size(of(out, "seg.png")) == to);
      // The pixels are those of the image, shrunk.
      ImageBuffer pixels(shown, 3), wanted, found(to, 3), again(to, 3);
      ResizeScratch scratch;
      decoder.decode(jpg, rgb, shown, reinterpret_cast<std::byte*>(pixels.data()), option);
      resize(pixels, {0, 0, shown.width, shown.height}, to, Interpolation::bilinear, wanted, scratch);
      const auto encoded = encode_jpeg(reinterpret_cast<const std::byte*>(wanted.data()), rgb, to, 90);
      decoder.decode(encoded, rgb, to, reinterpret_cast<std::byte*>(again.data()));
      decoder.decode(small, rgb, to, reinterpret_cast<std::byte*>(found.data()));
      CHECK(std::memcmp(found.data(), again.data(), found.bytes()) == 0);
    }
    // A mask of the upright image, beside an image that keeps its orientation.
    const auto upright = turned({45, 30}, n);
    const auto mask = encode_mask(std::vector<std::byte>(45 * 30, std::byte{9}).data(), 1, upright, 8);
    const auto both = resized({{"jpg", jpg}, {"seg.png", mask}});
    CHECK(image_size(of(both, "seg.png")) == turned(image_size(of(both, "jpg")), n));
    if (n >= 5)
      CHECK_ERROR(resized({{"jpg", jpg}, {"seg.png", file("gray8.png")}}, {.short_side = 12, .upright = true}),
                  "the mask is 45x30, the sample's image 30x45 upright");
    // Not shrunk: its bytes, or the same pixels upright.
    CHECK(resized({{"jpg", jpg}}, {.short_side = 30}) == Members({{"jpg", jpg}}));
    const auto turned_only = of(resized({{"jpg", jpg}}, {.upright = true}), "jpg");
    CHECK(n == 1 ? turned_only == jpg : exif_orientation(turned_only) == 1 && image_size(turned_only) == upright);
  }
  // PNG and masks keep theirs too.
  const auto png = bytes_of(io::read_text(folder + "6.png"));
  CHECK_EQ(exif_orientation(of(resized({{"png", png}}), "png")), 6);
  CHECK_EQ(exif_orientation(of(resized({{"seg.png", png}}), "seg.png")), 6);
  const auto turned_png = of(resized({{"png", png}}, {.upright = true}), "png");
  CHECK(image_format(turned_png) == ImageFormat::png && image_size(turned_png) == ImageSize({30, 45}));
}

}  // namespace

TESTS {
  golden = std::string(std::getenv("QUIX_GOLDEN")) + "/convert/";
  masks();
  damaged();
  coordinates();
  orientations();
  return 0;
}
