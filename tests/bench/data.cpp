// Epochs over tar shards, and opening their index. bench_data epoch-jpeg|epoch-photo|epoch-crop|epoch-whole|epoch-npy
// FOLDER THREADS [EPOCHS]
// bench_data index|scan|json FOLDER THREADS SUFFIX;  bench_data make FOLDER SAMPLES
// An epoch: batches of 128 uint8 and int64 labels in a full random order, from making the iterator to the last batch;
// the first is not counted. Prints samples/s of each, and the sum of labels.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

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
    void apply(Views& views, Draws&) const { views.image(0); }
  } whole{};
  RandomResizedCrop crop{.size = 224};
};
struct NoAugmentation {};

template <class S, class A = NoAugmentation>
void epochs(const char* folder, unsigned threads, int count, bool train = false, const A& augmentation = {}) {
  Fold<S> fold(folder, "train");
  if constexpr (!std::is_same_v<A, NoAugmentation>) fold.augment(sample_transform(augmentation));
  Loader<S> loader(fold, {.batch_size = 128, .threads = threads});
  for (int e = 0; e <= count; ++e) {
    const auto begin = Clock::now();
    std::int64_t sum = 0;
    unsigned bytes = 0;
    double first = 0;
    for (auto& batch : loader.epoch(
             shuffled(static_cast<std::uint32_t>(fold.size()), 1, static_cast<std::uint64_t>(e)), 0, ~std::uint64_t{0},
             {.seed = 1, .epoch = static_cast<std::uint64_t>(e), .position = 0, .train = train})) {
      if (first == 0) first = seconds(begin);
      for (std::size_t i = 0; i < batch.size; ++i) sum += batch.label.template data<std::int64_t>()[i];
      bytes += static_cast<unsigned>(batch.image.data()[0]);
    }
    const double time = seconds(begin);
    if (e > 0)
      std::printf("%.0f samples/s, first batch %.3f ms, labels %lld %s\n", static_cast<double>(fold.size()) / time,
                  first * 1e3, static_cast<long long>(sum), bytes ? "" : "?");
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
  } else if (what == "libjpeg") {  // the ceiling: the same bytes from memory, one decoder
    const TarIndex index(find_shards(argv[2], "train"), {{"jpg", false, true}});
    ImageDecoder decoder;
    std::vector<std::byte> out, buffer;
    for (int e = 0; e < 5; ++e) {
      const auto begin = Clock::now();
      for (std::size_t i = 0; i < index.size(); ++i) decoder.decode(index.read(i, 0, buffer), rgb, out);
      std::printf("%.0f images/s\n", static_cast<double>(index.size()) / seconds(begin));
    }
  } else {
    std::fprintf(stderr, "usage: see the first lines of tests/bench/data.cpp\n");
    return 2;
  }
}
