#include <check.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include <sched.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <quix/cfg/terminal.hpp>
#include <quix/data/image.hpp>
#include <quix/run/console.hpp>
#include <quix/run/process.hpp>
#include <quix/run/program.hpp>
#include <quix/run/run_log.hpp>
#include <quix/run/stop.hpp>

using namespace quix;

namespace {

/// Decoders and LibTorch together never exceed the cores.
void threads() {
  for (unsigned cores = 1; cores <= 128; ++cores) {
    const auto split = split_threads(cores, {});
    CHECK(split.compute >= 1 && split.decode + split.compute <= cores);
    for (int asked = 0; asked < static_cast<int>(cores); ++asked) {
      const auto given = split_threads(cores, asked);
      CHECK(given.decode == static_cast<unsigned>(asked) && given.decode + given.compute <= cores);
    }
  }
  CHECK_ERROR(split_threads(2, 2), "2 decoding threads leave no core for training; use at most 1");
  CHECK_ERROR(split_threads(1, 1), "at most 0");
  CHECK_EQ(split_threads(8, {}, 8).compute, 8u);
  CHECK_EQ(split_threads(8, {}, 8).decode, 0u);
  CHECK_EQ(split_threads(8, {}, 3).decode, 2u);
  // A resumed run adds up with the threads that it began with, whatever there is now.
  CHECK_EQ(split_threads(8, 2, 3).compute, 3u);
  CHECK_EQ(split_threads(8, 2, 3).decode, 2u);
  CHECK_EQ(split_threads(4, 2, 3).compute, 3u);
  CHECK_EQ(split_threads(4, 2, 3).decode, 1u);
  CHECK_EQ(split_threads(1, {}, 16).compute, 16u);
  // Automatic: a quarter decodes, at most 16.
  CHECK_EQ(split_threads(1, {}).decode, 0u);
  CHECK_EQ(split_threads(2, {}).decode, 1u);
  CHECK_EQ(split_threads(16, {}).decode, 4u);
  CHECK_EQ(split_threads(128, {}).decode, 16u);
}

/// The cores that may be used, shared by the processes that a launcher started here.
void cores_of_a_process() {
  ::unsetenv("LOCAL_WORLD_SIZE");
  const auto cores = usable_cores();
  CHECK(cores >= 1 && cores <= std::thread::hardware_concurrency());
  for (unsigned ranks = 1; ranks <= 2 * cores; ++ranks) {
    ::setenv("LOCAL_WORLD_SIZE", std::to_string(ranks).c_str(), 1);
    CHECK_EQ(usable_cores(), std::max(1u, cores / ranks));
  }
  for (const char* odd : {"", "0", "two"}) {
    ::setenv("LOCAL_WORLD_SIZE", odd, 1);
    CHECK_EQ(usable_cores(), cores);
  }
  ::unsetenv("LOCAL_WORLD_SIZE");
  // Of the cores in this process's mask, one: the mask counts, not the machine.
  cpu_set_t all, one;
  CHECK_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i)
    if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
  CHECK_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  CHECK_EQ(usable_cores(), 1u);
  CHECK_EQ(::sched_setaffinity(0, sizeof all, &all), 0);
}

/// Pictures by log_image: channels first or last, gray, colours and alpha; decoded again.
void logged_images() {
  const auto pixels = [](const at::Tensor& image, Channels channels) {
    const auto png = quix::detail::png_of(image);
    std::vector<std::byte> bytes;
    const auto size = ImageDecoder().decode(png, channels, bytes);
    CHECK(size.width == 3 && size.height == 2);
    std::vector<int> out;
    for (const auto byte : bytes) out.push_back(static_cast<int>(byte));
    return out;
  };
  const auto gray = at::tensor({0.0, 0.2, 1.0, -1.0, 2.0, 0.6}).view({2, 3});
  const std::vector<int> expected{0, 51, 255, 0, 255, 153};
  for (const auto& image : {gray, gray.unsqueeze(0), gray.unsqueeze(2), gray.to(at::kHalf).to(at::kFloat)})
    CHECK(pixels(image, Channels::gray) == expected);
  CHECK(pixels(gray.gt(0.5), Channels::gray) == std::vector<int>({0, 0, 255, 0, 255, 255}));
  for (const std::int64_t c : {3, 4}) {
    const auto last = at::arange(6 * c, at::kByte).view({2, 3, c});
    std::vector<int> counted;
    for (int i = 0; i < 6 * c; ++i) counted.push_back(i);
    const auto channels = c == 3 ? Channels::rgb : Channels::rgba;
    CHECK(pixels(last, channels) == counted && pixels(last.permute({2, 0, 1}), channels) == counted);
  }
  CHECK_ERROR(quix::detail::png_of(at::zeros({8, 3, 2, 3})), "log_image", "got [8, 3, 2, 3]", "images[0]");
  CHECK_ERROR(quix::detail::png_of(at::zeros({2, 5, 2})), "1, 3 or 4 channels, got [2, 5, 2]");
  CHECK_ERROR(quix::detail::png_of(at::zeros({2, 3}, at::kLong)),
              "expected uint8, bool, or floats from 0 to 1, got Long");
  CHECK_ERROR(RunLog().log_image("../x", gray), "expected a tag like  samples/first,  got ../x");
  CHECK(RunLog().log_image("x", gray).empty());  // no run is trained
  CHECK_ERROR((RunLog().print("x", "a/b"), 0), "expected the plain name of a log");
}

void bar_and_timer() {
  CHECK_EQ(quix::detail::bar_text({.loss = {2, 4}, .parts = {{"distance", {1, 8}}}, .metrics = {}}),
           "loss 0.5000  distance 0.1250");
  Timer timer;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double slept = timer.seconds();
  CHECK(slept >= 0.02);
  timer.start();
  CHECK(timer.seconds() < slept);
}

void numbers_as_text() {
  CHECK_EQ(grouped(1234567), "1,234,567");
  CHECK_EQ(grouped(12), "12");
  CHECK_EQ(short_count(11'689'512), "11.7M");
  CHECK_EQ(short_count(3'210), "3.2K");
  CHECK_EQ(short_count(999), "999");
  CHECK_EQ(short_count(999'940), "999.9K");
  CHECK_EQ(short_count(999'960), "1.0M");
  CHECK_EQ(duration_text(0.516), "0.52 s");
  CHECK_EQ(duration_text(200), "3 min 20 s");
  CHECK_EQ(duration_text(7500), "2 h 05 min");
}

}  // namespace

TESTS {
  threads();
  cores_of_a_process();
  logged_images();
  bar_and_timer();
  numbers_as_text();
  return 0;
}
