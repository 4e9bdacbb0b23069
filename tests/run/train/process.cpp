#include <check.hpp>

#include <quix/cfg/terminal.hpp>
#include <quix/run/process.hpp>
#include <quix/run/program.hpp>

using namespace quix;

TESTS {
  // Decoders and LibTorch together never exceed the cores.
  for (unsigned cores = 1; cores <= 128; ++cores) {
    const auto split = split_threads(cores, {});
    CHECK(split.compute >= 1 && split.decode + split.compute <= cores);
    for (int asked = 0; asked < static_cast<int>(cores); ++asked) {
      const auto given = split_threads(cores, asked);
      CHECK(given.decode == static_cast<unsigned>(asked) && given.decode + given.compute <= cores);
    }
  }
  CHECK_ERROR(split_threads(2, 2), "2 decoding threads leave none of the 2 cores here for training; at most 1");
  CHECK_ERROR(split_threads(1, 1), "at most 0");
  CHECK_EQ(split_threads(8, {}, 8).compute, 8u);
  CHECK_EQ(split_threads(8, {}, 8).decode, 0u);
  CHECK_EQ(split_threads(8, {}, 3).decode, 2u);
  CHECK(usable_cores() >= 1);

  CHECK_EQ(grouped(1234567), "1,234,567");
  CHECK_EQ(grouped(12), "12");
  CHECK_EQ(duration_text(0.516), "0.52 s");
  CHECK_EQ(duration_text(200), "3 min 20 s");
  CHECK_EQ(duration_text(7500), "2 h 05 min");
  return 0;
}
