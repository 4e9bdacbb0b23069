// Epochs over tar shards, and opening their index. bench_data epoch-jpeg|epoch-npy FOLDER THREADS [EPOCHS]
//                                                 bench_data index|scan FOLDER
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

template <class S>
void epochs(const char* folder, unsigned threads, int count) {
  const Fold<S> fold(folder, "train");
  Loader<S> loader(fold, {.batch_size = 128, .threads = threads});
  for (int e = 0; e <= count; ++e) {
    const auto begin = Clock::now();
    std::int64_t sum = 0;
    unsigned bytes = 0;
    double first = 0;
    for (auto& batch :
         loader.epoch(shuffled(static_cast<std::uint32_t>(fold.size()), 1, static_cast<std::uint64_t>(e)))) {
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
