// Any bytes as an NPY, RLE, image, mask, tar archive, idx.json, .pt or CSV: read, or refused with an Error in words.
// Under clang this is a libFuzzer target (tools/check --fuzz); else a program that mutates files of each kind.
// libraries: -lyaml-cpp -lspng -ljpeg -lwebp -larchive -lxxhash -lnettle
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <unistd.h>

#include <quix/data.hpp>
#include <quix/io.hpp>

namespace {

using namespace quix;

/// A file of these bytes, which is gone with this object.
struct TempFile {
  std::string path;
  explicit TempFile(ByteView bytes) {
    char name[] = "/tmp/quix_fuzz_XXXXXX";
    const int fd = ::mkstemp(name);
    if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
    ::close(fd);
    path = name;
  }
  ~TempFile() { ::unlink(path.c_str()); }
};

/// The largest output that is tried: claims beyond it are left alone, as SplitData does at max_sample_bytes.
constexpr std::size_t limit = 1 << 22;

void one(std::string_view input) {
  if (input.empty()) return;
  const auto bytes = std::as_bytes(std::span(input.data() + 1, input.size() - 1));
  std::vector<std::byte> out;
  try {
    switch (input[0] % 8) {
      case 0: {
        const auto header = io::read_npy_header(bytes);
        if (header.data_bytes() > limit) return;
        out.resize(header.data_bytes());
        io::read_npy(bytes, header, out.data());
        break;
      }
      case 1: {
        const auto header = read_rle_header(bytes);
        if (header.shape.count() > static_cast<std::int64_t>(limit / 8)) return;
        out.resize(static_cast<std::size_t>(header.shape.count()) * size_of(header.dtype));
        read_rle(bytes, header, out.data());
        // What was read encodes, and reads back to the same.
        if (out.empty()) return;
        const auto again = write_rle(header.dtype, header.shape, out.data());
        std::vector<std::byte> back(out.size());
        read_rle(again, read_rle_header(again), back.data());
        if (back != out) std::abort();
        break;
      }
      case 2: {
        static ImageDecoder decoder;
        const auto size = image_size(bytes);
        if (size.width * size.height > 1 << 18) return;
        for (const auto channels : {rgb, gray, rgba}) decoder.decode(bytes, channels, out);
        Region part{size.width / 3, size.height / 4, size.width - size.width / 3, size.height / 2 + 1};
        part.height = std::min(part.height, size.height - part.y);
        ImageBuffer picture;
        decoder.decode_region(bytes, rgb, part, picture);
        // Upright: a crop is a part of the whole.
        const auto upright = image_size(bytes, Orientation::apply);
        out.resize(static_cast<std::size_t>(upright.width * upright.height * 3));
        decoder.decode(bytes, rgb, upright, out.data(), Orientation::apply);
        static ImageSample views;
        views.clear();
        views.next_bytes();
        views.add_image(bytes, rgb, decoder, Orientation::apply);
        const Region crop{upright.width / 3, upright.height / 4, upright.width - upright.width / 3,
                          std::max<std::int64_t>(1, upright.height / 2)};
        views.crop(crop, {crop.width, crop.height}, Interpolation::nearest);
        for (std::int64_t y = 0; y < crop.height; ++y)
          if (std::memcmp(views.image(0).row(y), out.data() + ((crop.y + y) * upright.width + crop.x) * 3,
                          static_cast<std::size_t>(crop.width * 3)) != 0)
            std::abort();
        break;
      }
      case 3:
        for (const int bits : {0, 8, 16, 24, 32}) {
          const auto info = mask_info(bytes, bits);
          if (info.size.width * info.size.height > 1 << 18) return;
          out.resize(static_cast<std::size_t>(info.size.width * info.size.height) * 4);
          std::vector<std::byte> room;
          decode_mask(bytes, bits, info.size, 4, out.data(), room);
        }
        break;
      case 4: {
        const TempFile file(bytes);
        const TarIndex index({file.path}, {{"cls", true, false}, {"npy", false, true}},
                             {.threads = 1, .keep_partial = true});
        for (std::size_t i = 0; i < index.size() && i < 50; ++i) {
          (void)index.key(i);
          if (index.has(i, 1)) (void)index.read(i, 1, out);
        }
        break;
      }
      case 5: {
        const TempFile file(bytes);
        (void)TarIndex::parse_json(file.path);
        break;
      }
      case 6: {
        const TempFile file(bytes);
        const io::PtFile tensors(file.path);
        for (const auto& [name, entry] : tensors.entries()) {
          if (entry.bytes() > limit) continue;
          out.resize(entry.bytes());
          tensors.read(entry, out.data());
        }
        break;
      }
      default: {
        const TempFile file(bytes);
        const auto table = read_csv(file.path);
        for (std::size_t c = 0; c < table.columns.size(); ++c)
          for (const bool classes : {true, false}) try {
              (void)(classes ? static_cast<double>(CsvClasses(table, c).number(table, 0, c)) : table.number(0, c));
            } catch (const Error& error) {  // of this column: the others are read all the same
              if (error.problems().empty()) std::abort();
            }
      }
    }
  } catch (const Error& error) {
    if (error.problems().empty() || *error.what() == '\0') std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  one({reinterpret_cast<const char*>(data), size});
  return 0;
}

#ifndef QUIX_LIBFUZZER
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

int main() {
  const auto* golden = std::getenv("QUIX_GOLDEN");
  std::vector<std::string> seeds;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(golden ? golden : ".") / "../fuzz/seeds/data")) {
    std::ifstream stream(entry.path(), std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    one(seeds.back());
  }
  if (seeds.size() < 10) return 1;
  std::mt19937 random(6);
  for (int round = 0; round < 20000; ++round) {
    auto text = seeds[random() % seeds.size()];
    for (auto n = random() % 4 + 1; n > 0 && text.size() > 1; --n) {
      const auto at = 1 + random() % (text.size() - 1);
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text[at] = static_cast<char>(text[at] ^ (1 << random() % 8)); break;
        case 2: text.resize(at); break;
        default: text.insert(at, text.substr(at, random() % 16));
      }
    }
    one(text);
  }
}
#endif
