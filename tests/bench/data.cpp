// Epochs over tar shards, and opening their index. bench_data epoch-jpeg|epoch-photo|epoch-crop|epoch-whole|epoch-npy
// FOLDER THREADS [EPOCHS]
// bench_data libjpeg FOLDER THREADS [PASSES]: libjpeg alone on the same images, the limit of epoch-jpeg
// bench_data index|scan|json FOLDER THREADS SUFFIX;  bench_data make FOLDER SAMPLES
// An epoch: batches of 128 uint8 and int64 labels in a full random order, from making the iterator to the last batch;
// the first is not counted. Prints samples/s of each, and the sum of labels.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

#include <jpeglib.h>

#include <quix/data.hpp>

namespace {

using namespace quix;
using Clock = std::chrono::steady_clock;

double seconds(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

struct Jpeg {
  Image<"jpg"> image;
  Class<"cls"> label;
};
struct Digits {
  Npy<"npy", std::uint8_t> image;
  Class<"cls"> label;
};

struct Crop {
  RandomResizedCrop crop{.size = 224};
};
/// The same, but the whole image is decoded first.
struct WholeCrop {
  struct Whole {
    int unused = 0;
    void apply(ImageSample& views, Rng&) const { views.image(0); }
  } whole{};
  RandomResizedCrop crop{.size = 224};
};
struct NoAugmentation {};

template <class S, class A = NoAugmentation>
void epochs(const char* folder, unsigned threads, int count, bool train = false, const A& augmentation = {}) {
  Split<S> split(folder, "train");
  if constexpr (!std::is_same_v<A, NoAugmentation>) split.augment(sample_transform(augmentation));
  Loader<S> loader(split, {.batch_size = 128, .threads = threads});
  for (int e = 0; e <= count; ++e) {
    const auto begin = Clock::now();
    std::int64_t sum = 0;
    unsigned bytes = 0;
    double first = 0;
    for (auto& batch : loader.epoch(
             shuffled(static_cast<std::uint32_t>(split.size()), 1, static_cast<std::uint64_t>(e)), 0, ~std::uint64_t{0},
             {.seed = 1, .epoch = static_cast<std::uint64_t>(e), .position = 0, .train = train})) {
      if (first == 0) first = seconds(begin);
      for (std::size_t i = 0; i < batch.size; ++i) sum += batch.label.template data<std::int64_t>()[i];
      bytes += static_cast<unsigned>(batch.image.data()[0]);
    }
    const double time = seconds(begin);
    if (e > 0)
      std::printf("%.0f samples/s, first batch %.3f ms, labels %lld %s\n", static_cast<double>(split.size()) / time,
                  first * 1e3, static_cast<long long>(sum), bytes ? "" : "?");
  }
}

/// libjpeg alone: each thread decodes its part of the images from memory, in order, into rows whose addresses are
/// multiples of 64 or are not.
void ceiling(const char* folder, unsigned threads, int count) {
  const TarIndex index(find_shards(folder, "train"), {{"jpg", false, true}});
  std::vector<std::vector<std::byte>> images;
  std::vector<std::byte> buffer;
  for (std::size_t i = 0; i < index.size(); ++i) {
    const auto bytes = index.read(i, 0, buffer);
    images.emplace_back(bytes.begin(), bytes.end());
  }
  const auto decode = [&](std::size_t begin, std::size_t end, std::size_t offset) {
    jpeg_decompress_struct info{};
    jpeg_error_mgr errors{};
    info.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&info);
    std::vector<JSAMPLE> out(std::size_t{1} << 21);
    auto* first = out.data() + 64 - reinterpret_cast<std::uintptr_t>(out.data()) % 64 + offset;
    for (auto i = begin; i < end; ++i) {
      jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(images[i].data()), images[i].size());
      jpeg_read_header(&info, TRUE);
      info.out_color_space = JCS_RGB;
      jpeg_start_decompress(&info);
      if (std::size_t{3} * info.output_width * info.output_height + 128 > out.size()) {
        std::fprintf(stderr, "an image of more than %zu bytes\n", out.size() - 128);
        std::exit(2);
      }
      while (info.output_scanline < info.output_height) {
        JSAMPROW rows[2];
        for (std::size_t r = 0; r < 2; ++r) rows[r] = first + (info.output_scanline + r) * info.output_width * 3;
        jpeg_read_scanlines(&info, rows, std::min(2u, info.output_height - info.output_scanline));
      }
      jpeg_finish_decompress(&info);
    }
    jpeg_destroy_decompress(&info);
  };
  for (int e = 0; e <= count; ++e)
    for (const std::size_t offset : {0, 8}) {
      const auto begin = Clock::now();
      std::vector<std::thread> workers;
      for (unsigned t = 0; t < threads; ++t)
        workers.emplace_back(decode, t * images.size() / threads, (t + 1) * images.size() / threads, offset);
      for (auto& worker : workers) worker.join();
      if (e > 0)
        std::printf("%.0f images/s, %s rows\n", static_cast<double>(images.size()) / seconds(begin),
                    offset ? "unaligned" : "aligned");
    }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 2 ? argv[1] : "";
  const unsigned threads = argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 2;
  const int count = argc > 4 ? std::atoi(argv[4]) : 5;
  if (what == "epoch-jpeg")
    epochs<Jpeg>(argv[2], threads, count);
  else if (what == "epoch-photo")
    epochs<Jpeg>(argv[2], threads, count, false, Crop{});
  else if (what == "epoch-crop")
    epochs<Jpeg>(argv[2], threads, count, true, Crop{});
  else if (what == "epoch-whole")
    epochs<Jpeg>(argv[2], threads, count, true, WholeCrop{});
  else if (what == "epoch-npy")
    epochs<Digits>(argv[2], threads, count);
  else if (what == "index" || what == "scan") {
    const auto shards = find_shards(argv[2], "train");
    const std::string suffix = argc > 4 ? argv[4] : "jpg";
    if (what == "index") TarIndex::save(argv[2], "train", shards);
    for (int i = 0; i < 7; ++i) {
      const auto begin = Clock::now();
      const std::vector<TarIndex::Column> columns{{suffix, false, false}, {"cls", true, false}};
      const auto index = what == "scan" ? TarIndex(shards, columns, {.threads = threads})
                                        : TarIndex::open(argv[2], "train", shards, columns, {.threads = threads});
      const double time = seconds(begin);
      std::printf("%.3f ms, %zu samples, %.0f files/s, %s\n", time * 1e3, index.size(),
                  2 * static_cast<double>(index.size()) / time, std::string(index.source()).c_str());
    }
  } else if (what == "make") {  // so many samples of two small members
    Writer writer(argv[2], {.max_samples = 100'000});
    for (unsigned i = 0; i < threads; ++i) {
      char key[16];
      std::snprintf(key, sizeof key, "n%07u", i);
      const auto label = std::to_string(i % 1000);
      writer.write("train", key, {{"npy", std::as_bytes(std::span(label))}, {"cls", std::as_bytes(std::span(label))}});
    }
    writer.finish();
  } else if (what == "json") {
    const auto shards = find_shards(argv[2], "train");
    for (int i = 0; i < 3; ++i) {
      const auto begin = Clock::now();
      const std::size_t samples = TarIndex::parse_json(std::filesystem::path(argv[2]) / "train.idx.json");
      std::printf("%.3f ms to read the JSON of %zu members\n", seconds(begin) * 1e3, samples);
    }
  } else if (what == "libjpeg") {
    ceiling(argv[2], threads, count);
  } else {
    std::fprintf(stderr, "usage: see the first lines of tests/bench/data.cpp\n");
    return 2;
  }
}
