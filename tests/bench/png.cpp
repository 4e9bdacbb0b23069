// Decoding a dataset's PNG images from memory, one thread: through quix (libspng), and through libpng's simplified
// interface.
//
//     cmake --build build --target bench_png && build/tests/bench_png data/fashion-mnist
#include <png.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include <quix/data.hpp>

namespace {

struct Labelled {
  quix::Image<"png", quix::gray> image;
  quix::Class<"cls"> label;
};

template <class F>
void measure(const char* name, const std::vector<std::vector<std::byte>>& images, F&& decode) {
  std::vector<double> rates;
  unsigned sum = 0;
  std::vector<std::byte> out(1 << 20);
  for (int run = 0; run < 7; ++run) {
    const auto start = std::chrono::steady_clock::now();
    for (const auto& image : images) {
      decode(image, out.data());
      sum += static_cast<unsigned>(out[400]);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    if (run > 0) rates.push_back(static_cast<double>(images.size()) / seconds.count());
  }
  std::sort(rates.begin(), rates.end());
  std::printf("%-10s %9.0f images/s (%.0f … %.0f), checksum %u\n", name, rates[rates.size() / 2], rates.front(),
              rates.back(), sum);
}

}  // namespace

int main(int argc, char** argv) {
  const quix::Split<Labelled> split(argc > 1 ? argv[1] : "fashion-mnist", "val");
  std::vector<std::vector<std::byte>> images;
  for (std::size_t i = 0; i < split.size(); ++i) {
    std::vector<std::byte> buffer;
    const auto bytes = split.index().read(i, 0, buffer);
    images.emplace_back(bytes.begin(), bytes.end());
  }
  const quix::ImageSize size{.width = split.layout(0).shape[2], .height = split.layout(0).shape[1]};
  quix::ImageDecoder decoder;
  measure("quix", images, [&](const auto& image, std::byte* to) { decoder.decode(image, quix::gray, size, to); });
  measure("libpng", images, [&](const auto& image, std::byte* to) {
    png_image png;
    std::memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    png_image_begin_read_from_memory(&png, image.data(), image.size());
    png.format = PNG_FORMAT_GRAY;
    png_image_finish_read(&png, nullptr, to, 0, nullptr);
  });
}
