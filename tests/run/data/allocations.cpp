// In a steady state no sample allocates: every operator new of the program is counted while batches of all kinds of
// fields are decoded, augmented and handed out. (What libjpeg and libspng get from malloc is theirs.)
#include <check.hpp>

#include <atomic>
#include <cstdlib>
#include <new>

#include <quix/data.hpp>

namespace {
std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)) return p;
  throw std::bad_alloc();
}
}  // namespace

void* operator new(std::size_t size) { return counted(size ? size : 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size ? size : 1, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

using namespace quix;

namespace {

struct Rich {
  Image<"jpg"> photo;
  Image<"png", gray> drawing;
  Mask<"seg8", std::int64_t> mask;
  Mask<"small.seg16"> small;
  Boxes<"boxes.npy"> boxes;
  Npy<"npy", float> vector;
  Padded<"pad.npy", std::int32_t, 5> padded;
  Ragged<"ragged.npy", double> ragged;
  Rle<"rle", std::uint16_t> rle;
  Text<"txt"> text;
  Bytes<"bin"> raw;
  Class<"cls"> label;
  Key key;
  Index number;
};
struct Operations {
  RandomResizedCrop crop{.size = 24};
  ThreeAugment three{};
  RandAugment randaugment{};
  ColorJitter jitter{.brightness = 0.3f, .contrast = 0.3f, .saturation = 0.3f, .hue = 0.1f};
  GaussianBlur blur{.p = 1};
  Solarize solarize{};
  Grayscale grayscale{};
  HorizontalFlip hflip{};
  VerticalFlip vflip{};
  RandomErasing erasing{};
};

void write(const std::filesystem::path& folder) {
  constexpr ImageSize size{40, 36};
  const auto pixels = static_cast<std::size_t>(size.width * size.height);
  Writer writer(folder);
  for (int i = 0; i < 64; ++i) {
    std::vector<std::byte> image(pixels * 3);
    for (std::size_t p = 0; p < image.size(); ++p)
      image[p] = static_cast<std::byte>(p * static_cast<std::size_t>(i + 3) / 7);
    const std::vector<std::int64_t> mask(pixels, i);
    const std::vector<std::uint16_t> small(pixels, static_cast<std::uint16_t>(i * 700));
    const auto rows = i % 5 + 1;
    writer.write("train", "a/long/enough/folder/that/no/string/holds/it/in/place/" + std::to_string(i),
                 Rich{.photo = {image.data(), size},
                      .drawing = {image.data(), size},
                      .mask = {mask.data(), size},
                      .small = {small.data(), size},
                      .boxes = std::vector<Box>(static_cast<std::size_t>(rows), Box{1, 2, 30, 20}),
                      .vector = array_of<float>({3}, {1, 2, 3}),
                      .padded = array_of<std::int32_t>(
                          {rows, 2}, std::vector<std::int32_t>(static_cast<std::size_t>(rows) * 2, i)),
                      .ragged = Tensor<double>{{rows, 2}, std::vector<double>(static_cast<std::size_t>(rows) * 2, i)},
                      .rle = {{size.height, size.width}, small.data()},
                      .text = std::string(100, 'x'),
                      .raw = std::vector<std::byte>(200),
                      .label = i % 3,
                      .key = {},
                      .number = {}});
  }
  writer.finish();
}

/// Allocations of 40 batches of 16, after many others.
std::uint64_t steady(const Split<Rich>& split, unsigned threads) {
  Loader<Rich> loader(split, {.batch_size = 16, .threads = threads});
  const auto order = with_length(in_order(64), 16 * 200);
  std::uint64_t before = 0;
  std::size_t batches = 0;
  for (auto& batch : loader.epoch(order, 0, ~std::uint64_t{0}, {.seed = 1, .epoch = 0, .position = 0, .train = true})) {
    if (++batches == 160) before = allocations;
    CHECK_EQ(batch.size, 16u);
  }
  return allocations - before;
}

}  // namespace

TESTS {
  const test::Folder folder("allocations");
  write(folder.path);
  const Operations operations;
  for (const unsigned threads : {0u, 2u}) {
    Split<Rich> split(folder.path, "train");
    const auto plain = steady(split, threads);
    split.augment(sample_transform(operations));
    const auto augmented = steady(split, threads);
    // A batch has one: the handle on its memory.
    std::printf("%u threads: %llu allocations in 640 samples, %llu with augmentations\n", threads,
                static_cast<unsigned long long>(plain), static_cast<unsigned long long>(augmented));
    CHECK(plain <= 45 && augmented <= 45);
  }
  return 0;
}
