// Codecs against NumPy and Pillow (golden/make_codecs.py) and the vectors of Python quix; what is encoded decodes to
// the same; what is damaged is refused.
#include <check.hpp>

#include <cstdlib>
#include <random>

#include <quix/data.hpp>

using namespace quix;

namespace {

std::string golden;

ByteView view(const std::string& text) { return std::as_bytes(std::span(text)); }
std::string file(const std::string& name) { return io::read_text(golden + name); }
std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string from_hex(std::string_view hex) {
  std::string out, digits;
  for (const char c : hex)
    if (c != ' ') digits += c;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return out;
}

struct Caption {
  std::string text = "";
  int width = 0;
};

void npy() {
  const std::pair<const char*, DType> kinds[] = {
      {"bool", DType::b8}, {"u1", DType::u8},   {"i1", DType::i8},   {"lu2", DType::u16},  {"li2", DType::i16},
      {"lu4", DType::u32}, {"li4", DType::i32}, {"lu8", DType::u64}, {"li8", DType::i64},  {"lf2", DType::f16},
      {"lf4", DType::f32}, {"lf8", DType::f64}, {"lc8", DType::c64}, {"lc16", DType::c128}};
  for (const auto& [name, dtype] : kinds) {
    const auto npy = file("npy_" + std::string(name) + ".npy"), raw = file("npy_" + std::string(name) + ".raw");
    const auto header = io::read_npy_header(view(npy));
    CHECK(header.dtype == dtype);
    CHECK_EQ(header.shape, Dims({3, 5}));
    std::string out(raw.size(), '\0');
    io::read_npy(view(npy), header, reinterpret_cast<std::byte*>(out.data()));
    CHECK_EQ(out == raw, true);
    // Byte for byte what numpy.save writes.
    CHECK_EQ(text_of(io::write_npy(dtype, {3, 5}, reinterpret_cast<const std::byte*>(raw.data()))) == npy, true);
  }
  for (const char* name :
       {"bu2", "bi4", "bf4", "bf8", "bc8", "fortran", "fortran_big", "v2", "v3", "scalar", "line", "empty"}) {
    const auto npy = file("npy_" + std::string(name) + ".npy"), raw = file("npy_" + std::string(name) + ".raw");
    const auto header = io::read_npy_header(view(npy));
    CHECK_EQ(header.data_bytes(), raw.size());
    std::string out(raw.size(), '\0');
    io::read_npy(view(npy), header, reinterpret_cast<std::byte*>(out.data()));
    if (out != raw) test::fail(__FILE__, __LINE__, std::string("npy_") + name);
  }
  for (const auto& [name, shape] : {std::pair<const char*, Dims>{"scalar", {}}, {"line", {5}}, {"empty", {0, 4}}})
    CHECK_EQ(text_of(io::write_npy(DType::f32, shape, view(file("npy_" + std::string(name) + ".raw")).data())) ==
                 file("npy_" + std::string(name) + ".npy"),
             true);
  CHECK_ERROR(io::read_npy_header(view(file("npy_objects.npy"))), "Python objects", "run code");
  const auto good = file("npy_lf4.npy");
  CHECK_ERROR(io::read_npy_header(view(good.substr(0, 60))), "the NPY header is truncated");
  CHECK_ERROR(io::read_npy_header(view(good.substr(0, 130))),
              "the NPY data are truncated: [3, 5] F32 needs 60 bytes, got 2");
  const auto with = [&](std::string_view old, std::string_view now) {
    auto text = good;
    text.replace(text.find(old), old.size(), now);
    return text;
  };
  CHECK_ERROR(io::read_npy_header(view(with("(3, 5), ", "(9999999999999, 9999999999999), "))),
              "more elements than a file can hold");
  CHECK_ERROR(io::read_npy_header(view(with("(3, 5)", "(3,-5)"))), "a size is not a number");
  CHECK_ERROR(io::read_npy_header(view(with("<f4", "<U4"))), "has the dtype <U4");
  CHECK_ERROR(io::read_npy_header(view(with("'<f4'", "[('a'"))), "has a structured dtype");
  CHECK_ERROR(io::read_npy_header(view(with("False", "Falso"))), "neither True nor False");
  CHECK_ERROR(io::read_npy_header(view("PNG")), "not an NPY file");
}

template <class T>
void rle_vector(const Dims& shape, const std::vector<T>& values, std::string_view hex) {
  const auto bytes = from_hex(hex);
  CHECK_EQ(text_of(write_rle(dtype_for<T>(), shape, reinterpret_cast<const std::byte*>(values.data()))) == bytes, true);
  const auto header = read_rle_header(view(bytes));
  CHECK(header.dtype == dtype_for<T>());
  CHECK_EQ(header.shape, shape);
  std::vector<T> back(values.size(), 77);
  read_rle(view(bytes), header, reinterpret_cast<std::byte*>(back.data()));
  CHECK(back == values);
}

template <class T>
void rle_round_trips() {
  std::mt19937_64 random(sizeof(T) + std::is_signed_v<T>);
  for (int round = 0; round < 200; ++round) {
    const Dims shape{static_cast<std::int64_t>(random() % 20 + 1), static_cast<std::int64_t>(random() % 30 + 1)};
    std::vector<T> values(static_cast<std::size_t>(shape.count()));
    const auto kinds = random() % 300 + 1;
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = i > 0 && random() % 3 ? values[i - 1] : static_cast<T>(random() % kinds * 0x9E3779B97F4A7C15ull);
    const auto bytes = write_rle(dtype_for<T>(), shape, reinterpret_cast<const std::byte*>(values.data()));
    std::vector<T> back(values.size());
    read_rle(bytes, read_rle_header(bytes), reinterpret_cast<std::byte*>(back.data()));
    CHECK(back == values);
  }
}

void rle() {
  rle_vector<std::uint8_t>(
      {2, 3}, {0, 0, 1, 1, 1, 5},
      "00 0000000000000010 0000000000000003 0200000000000000 0300000000000000 000105 000102 020301");
  rle_vector<std::int8_t>({3}, {-1, -1, 3}, "10 0000000000000008 0000000000000002 0300000000000000 ff03 0001 0201");
  rle_vector<std::uint16_t>({300}, std::vector<std::uint16_t>(300),
                            "21 0000000000000008 0000000000000002 2c01000000000000 0000 0000 2c01");
  rle_vector<std::uint8_t>({70000}, std::vector<std::uint8_t>(70000),
                           "02 0000000000000008 0000000000000001 7011010000000000 00 00000000 70110100");
  rle_vector<std::int32_t>({4, 4}, std::vector<std::int32_t>(16),
                           "50 0000000000000010 0000000000000004 0400000000000000 0400000000000000 00000000 00 10");
  rle_round_trips<std::uint8_t>(), rle_round_trips<std::int8_t>(), rle_round_trips<std::uint16_t>(),
      rle_round_trips<std::int16_t>();
  rle_round_trips<std::uint32_t>(), rle_round_trips<std::int32_t>(), rle_round_trips<std::uint64_t>(),
      rle_round_trips<std::int64_t>();
  // 256 values need two bytes: the number of them counts, not the largest index.
  std::vector<std::uint8_t> all(256);
  for (std::size_t i = 0; i < 256; ++i) all[i] = static_cast<std::uint8_t>(i);
  CHECK_EQ(static_cast<int>(write_rle(DType::u8, {256}, reinterpret_cast<const std::byte*>(all.data()))[0]), 1);
  CHECK_ERROR(write_rle(DType::u8, {0}, nullptr), "an empty array has no run-length code");
  CHECK_ERROR(write_rle(DType::f32, {1}, nullptr), "needs integers, got F32");
  auto bytes = from_hex("10 0000000000000008 0000000000000002 0300000000000000 ff03 0001 0201");
  std::int8_t out[3];
  const auto read = [&](const std::string& text) {
    read_rle(view(text), read_rle_header(view(text)), reinterpret_cast<std::byte*>(out));
  };
  auto odd = bytes;
  odd[29 - 2] = 7;
  CHECK_ERROR(read(odd), "run 0 does not fit");
  odd = bytes, odd.back() = 2;
  CHECK_ERROR(read(odd), "run 1 does not fit");
  odd = bytes, odd.back() = 0;
  CHECK_ERROR(read(odd), "the runs have 2 elements, but the shape is [3]");
  odd = bytes, odd[0] = '\x80';
  CHECK_ERROR(read(odd), "not a pair of integer types");
  odd = bytes, odd[4] = 1;
  CHECK_ERROR(read(odd), "do not fit");
  CHECK_ERROR(read(bytes.substr(0, 12)), "are truncated");
}

template <class Field, class T>
void mask(const std::string& name) {
  const auto png = file(name + ".png"), raw = file(name + ".raw");
  const auto layout = Field::inspect(view(png));
  Scratch scratch;
  CHECK_EQ(layout.shape, Dims({6, 9}));
  std::vector<T> out(54);
  Field::decode(view(png), layout, reinterpret_cast<std::byte*>(out.data()), scratch);
  const auto width = raw.size() / 54;
  for (std::size_t i = 0; i < 54; ++i) {
    std::uint64_t value = 0;
    std::memcpy(&value, raw.data() + i * width, width);
    CHECK_EQ(static_cast<std::uint64_t>(out[i]), value);
  }
  if (name == "palette") return;
  const auto again = Field::encode(Field(out.data(), {9, 6}));
  std::vector<T> back(54);
  Field::decode(again, layout, reinterpret_cast<std::byte*>(back.data()), scratch);
  CHECK(back == out);
}

void masks() {
  mask<Mask<"seg8">, std::uint8_t>("mask8");
  mask<Mask<"a.seg16">, std::uint16_t>("mask16");
  mask<Mask<"seg24">, std::uint32_t>("mask24");
  mask<Mask<"seg32">, std::uint32_t>("mask32");
  mask<Mask<"seg16", std::int64_t>, std::int64_t>("mask16");
  mask<Mask<"png">, std::uint8_t>("mask8");
  mask<Mask<"png">, std::uint8_t>("palette");
  static_assert(Mask<"xseg8">::bits == 0 && Mask<"x.seg8">::bits == 8);
  CHECK_ERROR(Mask<"seg8">::inspect(view(file("mask16.png"))), "a mask of 8 bits is a PNG of gray pixels", "16 bits");
  CHECK_ERROR(Mask<"seg8">::inspect(view(file("palette.png"))), "color type 3");
  CHECK_ERROR(Mask<"seg8">::inspect(view(file("j420.jpg"))), "expected a PNG for a mask");
  std::uint8_t out[54];
  Scratch scratch;
  CHECK_ERROR(Mask<"seg8">::decode(view(file("mask8.png")), Mask<"seg8">::layout_of({9, 5}),
                                   reinterpret_cast<std::byte*>(out), scratch),
              "the image is 9x6, but the dataset's first is 9x5");
  CHECK_ERROR(
      (Mask<"seg16", std::uint8_t>::decode(view(file("mask16.png")), Mask<"seg16", std::uint8_t>::layout_of({9, 6}),
                                           reinterpret_cast<std::byte*>(out), scratch)),
      "does not fit into the field's type");
  const std::uint32_t big = (1u << 24) + 5;
  CHECK_ERROR(Mask<"seg24">::encode(Mask<"seg24">(&big, {1, 1})),
              "the value 16777221 does not fit into a mask of 24 bits");
}

// Aligned rows are decoded through a buffer: same pixels, and no byte outside of the image is written.
void jpeg_rows() {
  ImageDecoder decoder;
  std::vector<std::byte> pixels(96 * 9 * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::byte>(i * i % 251);
  for (const auto width : {1, 5, 16, 31, 32, 33, 64, 96})
    for (const auto channels : {rgb, gray, rgba}) {
      const ImageSize size{width, 9};
      const auto jpeg = encode_jpeg(pixels.data(), rgb, size, 90);
      const auto bytes = static_cast<std::size_t>(size.width * size.height * channel_count(channels));
      std::vector<std::byte> first;
      for (std::size_t offset = 0; offset < 32; offset += offset < 4 ? 1 : 4) {
        std::vector<std::byte> room(bytes + 128, std::byte{77});
        auto* to = room.data() + 64 - reinterpret_cast<std::uintptr_t>(room.data()) % 32 + offset;
        decoder.decode(jpeg, channels, size, to);
        if (first.empty()) first.assign(to, to + bytes);
        CHECK(std::equal(first.begin(), first.end(), to));
        CHECK(std::all_of(room.data(), to, [](std::byte b) { return b == std::byte{77}; }) &&
              std::all_of(to + bytes, room.data() + room.size(), [](std::byte b) { return b == std::byte{77}; }));
      }
    }
}

void images() {
  ImageDecoder decoder;
  for (const char* name : {"j420.jpg", "j444.jpg", "j422.jpg", "jprogressive.jpg", "jgray.jpg", "jcmyk.jpg",
                           "wlossless.webp", "wlossy.webp", "walpha.webp"}) {
    const auto bytes = file(name), wanted = file(std::string(name) + ".rgb");
    CHECK(image_size(view(bytes)) == ImageSize({53, 37}));
    std::vector<std::byte> out;
    CHECK(decoder.decode(view(bytes), rgb, out) == ImageSize({53, 37}));
    int most = 0;
    for (std::size_t i = 0; i < out.size(); ++i)
      most =
          std::max(most, std::abs(static_cast<int>(out[i]) - static_cast<int>(static_cast<unsigned char>(wanted[i]))));
    // Pillow brings libraries of its own; CMYK is rounded differently.
    if (most > (std::string_view(name) == "jcmyk.jpg" ? 1 : 0))
      test::fail(__FILE__, __LINE__, std::string(name) + " differs from Pillow's pixels by " + std::to_string(most));
    std::vector<std::byte> four;
    decoder.decode(view(bytes), rgba, four);
    CHECK(four.size() == out.size() / 3 * 4 && four[3] == std::byte{255} && four[4] == out[3]);
    std::vector<std::byte> one;
    decoder.decode(view(bytes), gray, one);
    for (std::size_t i = 0; i < one.size(); ++i) {
      const auto c = [&](std::size_t k) { return static_cast<double>(out[3 * i + k]); };
      if (std::min({c(0), c(1), c(2)}) == 0 || std::max({c(0), c(1), c(2)}) == 255) continue;  // cut off
      const double luma = 0.299 * c(0) + 0.587 * c(1) + 0.114 * c(2);
      if (std::abs(static_cast<double>(one[i]) - luma) > 2.5) {
        test::fail(__FILE__, __LINE__, std::string(name) + ": gray is not the luma");
        break;
      }
    }
    CHECK_ERROR(decoder.decode(view(bytes.substr(0, bytes.size() / 2)), rgb, out), "corrupt");
    CHECK_ERROR(decoder.decode(view(bytes), rgb, {10, 10}, out.data()),
                "the image is 53x37, but the dataset's first is 10x10");
    decoder.decode(view(bytes), rgb, out);  // and after an error it decodes on
  }
  // JPEG, both directions.
  std::vector<std::byte> smooth(64 * 64 * 3), back;
  for (std::size_t i = 0; i < smooth.size(); ++i) smooth[i] = static_cast<std::byte>(i / 3 % 64 * 3 + i % 3 * 20);
  auto stray = encode_jpeg(smooth.data(), rgb, {64, 64}, 95);
  stray.insert(stray.begin() + 20,
               {std::byte{'x'}, std::byte{0}, std::byte{0xff}, std::byte{0}});  // after APP0: passed over
  CHECK(image_size(stray) == (ImageSize{64, 64}));
  decoder.decode(stray, rgb, back);
  const auto passed_over = back;
  decoder.decode(encode_jpeg(smooth.data(), rgb, {64, 64}, 95), rgb, back);
  CHECK(back == passed_over);
  int most = 0;
  for (std::size_t i = 0; i < back.size(); ++i)
    most = std::max(most, std::abs(static_cast<int>(back[i]) - static_cast<int>(smooth[i])));
  CHECK(most < 16);
  CHECK(image_format(Image<"jpg">::encode(Image<"jpg">(smooth.data(), {64, 64}))) == ImageFormat::jpeg);
  CHECK(image_format(Image<"png">::encode(Image<"png">(smooth.data(), {64, 64}))) == ImageFormat::png);
  // Gray is the luma as Pillow rounds it; of 16 bits the upper ones.
  const std::uint8_t colours[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 1, 2, 3, 255, 255, 255};
  std::vector<std::byte> lumas;
  decoder.decode(encode_png(reinterpret_cast<const std::byte*>(colours), rgb, {5, 1}), gray, lumas);
  CHECK_EQ(text_of(lumas), std::string("\x4c\x96\x1d\x02\xff"));
  std::vector<std::byte> sixteen, three;
  decoder.decode(view(file("mask16.png")), gray, sixteen), decoder.decode(view(file("mask16.png")), rgb, three);
  const auto raw16 = file("mask16.raw");
  for (std::size_t i = 0; i < sixteen.size(); ++i)
    CHECK(static_cast<char>(sixteen[i]) == raw16[2 * i + 1] && three[3 * i] == sixteen[i]);

  // A header that claims a gigantic picture is refused before any memory is taken.
  auto bomb = file("p16.png");
  bomb.replace(16, 8, from_hex("0000ffff0000ffff"));
  CHECK_ERROR(image_size(view(bomb)), "claims to be 65535x65535; the maximum is 2^28 pixels");
  CHECK_ERROR(mask_info(view(bomb), 0), "claims to be 65535x65535; the maximum is 2^28 pixels");
}

void lists() {
  const auto caption = Json<"json", Caption>::encode({.text = "a \"cat\"", .width = 3});
  Caption back;
  Json<"json", Caption>::decode(caption, back);
  CHECK_EQ(back.text, "a \"cat\"");
  CHECK_EQ(back.width, 3);
  const std::string wrong = R"({"text": "x", "widht": 3})";
  CHECK_ERROR((Json<"json", Caption>::decode(view(wrong), back)), "widht", "did you mean width");
  std::vector<Box> boxes;
  Boxes<"npy">::decode(Boxes<"npy">::encode({{1, 2, 3, 4}, {0, 0, 5.5f, 6}}), boxes);
  CHECK(boxes == std::vector<Box>({{1, 2, 3, 4}, {0, 0, 5.5f, 6}}));
  CHECK_ERROR(Boxes<"npy">::decode(view(file("npy_lf4.npy")), boxes), "expected boxes [N, 4], got [3, 5]");
  Tensor<float> tensor;
  Ragged<"npy", float>::decode(view(file("npy_lf4.npy")), tensor);
  CHECK_EQ(tensor.shape, Dims({3, 5}));
  CHECK_ERROR((Ragged<"npy", float>::decode(view(file("npy_lf8.npy")), tensor)),
              "the file has dtype F64, but the field has F32");
  std::string text;
  Text<"txt">::decode(Text<"txt">::encode("zwölf"), text);
  CHECK_EQ(text, "zwölf");
  std::int64_t number = 0;
  for (const auto& [written, value] : {std::pair<std::string, std::int64_t>{"5", 5}, {" -12\n", -12}, {"0007", 7}}) {
    Class<"cls">::decode(view(written), {}, reinterpret_cast<std::byte*>(&number));
    CHECK_EQ(number, value);
  }
  CHECK_ERROR(Class<"cls">::decode(view("True"), {}, reinterpret_cast<std::byte*>(&number)),
              "expected a class index, got \"True\"");
  CHECK_EQ(text_of(Class<"cls">::encode(Class<"cls">(-3))), "-3");
}

}  // namespace

TESTS {
  golden = std::string(std::getenv("QUIX_GOLDEN")) + "/codecs/";
  npy(), rle(), masks(), jpeg_rows(), images(), lists();
  return 0;
}
