// The pipeline alone: which failure a batch reports, that later ones are reported too, and how far it runs ahead.
#include <check.hpp>

#include <atomic>
#include <stdexcept>
#include <thread>

#include <quix/data/pipeline.hpp>

using namespace quix;

namespace {

struct Context {
  std::atomic<std::uint64_t> taken{0}, decoded{0};
  std::atomic<bool> too_far{false};
  std::uint64_t ahead = ~std::uint64_t{0};  ///< samples
};

/// Of the positions 0 … 63, what ends in 2, 5 or 8 fails; reported from the last to the first.
void decode(const void* context, std::uint64_t position, std::size_t row, std::size_t count, std::byte*, Scratch&,
            Pipeline::Failures& failures) {
  auto& seen = *static_cast<Context*>(const_cast<void*>(context));
  for (auto i = count; i-- > 0;) {
    const auto at = position + i;
    if (at >= seen.taken.load() + seen.ahead) seen.too_far = true;
    if (at % 10 == 2 || at % 10 == 5 || at % 10 == 8) {
      failures.note({row + i, std::to_string(at)});
      try {
        throw std::runtime_error(std::to_string(at));
      } catch (...) {
        failures.add(at);
      }
    }
    ++seen.decoded;
  }
}

}  // namespace

TESTS {
  Pool pool(16);
  for (const unsigned threads : {0u, 1u, 3u})
    for (const unsigned prefetch : {1u, 3u}) {
      Context context;
      Pipeline pipeline({.decode = decode,
                         .context = &context,
                         .begin = 0,
                         .end = 64,
                         .batch = 16,
                         .threads = threads,
                         .prefetch = prefetch},
                        pool);
      std::string thrown;
      for (int batch = 0; batch < 4; ++batch) {
        try {
          pipeline.next();
          thrown += "none ";
        } catch (const std::runtime_error& error) {
          thrown += std::string(error.what()) + " ";
        }
      }
      CHECK_EQ(thrown, "2 18 32 48 ");
      CHECK(!pipeline.next().memory);
    }

  // What is bad in a batch comes in the order of its rows.
  const auto notes = [](const void*, std::uint64_t position, std::size_t row, std::size_t count, std::byte*, Scratch&,
                        Pipeline::Failures& failures) {
    for (auto i = count; i-- > 0;) failures.note({row + i, std::to_string(position + i)});
  };
  for (const unsigned threads : {0u, 3u}) {
    Pipeline pipeline({.decode = notes, .context = nullptr, .begin = 3, .end = 30, .batch = 9, .threads = threads},
                      pool);
    for (std::uint64_t first = 3; first < 30; first += 9) {
      const auto filled = pipeline.next();
      CHECK_EQ(filled.bad.size(), 9u);
      for (std::size_t row = 0; row < 9; ++row)
        CHECK(filled.bad[row].row == row && filled.bad[row].what == std::to_string(first + row));
    }
  }

  // No more batches are in flight than were asked for: the others wait until one is taken.
  Context context;
  context.ahead = 2 * 4;
  Pipeline pipeline(
      {.decode = decode, .context = &context, .begin = 0, .end = 4000, .batch = 4, .threads = 2, .prefetch = 2}, pool);
  while (context.decoded < 8) std::this_thread::yield();
  for (int batch = 0; batch < 1000; ++batch) {
    context.taken += 4;  // next() lets one more begin
    try {
      pipeline.next();
    } catch (const std::runtime_error&) {}
  }
  CHECK(!context.too_far);
  return 0;
}
