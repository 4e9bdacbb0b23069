// Batches in page-locked memory, which copies to a GPU read by themselves. Skipped without a GPU.
#include <check.hpp>

#include <numeric>

#include <quix/data.hpp>
#include <quix/torch/pinned.hpp>
#include <quix/torch/tensor.hpp>

using namespace quix;

namespace {

struct Numbers {
  Npy<"x", float> x;
};

}  // namespace

TESTS {
  if (!at::hasCUDA()) {
    std::printf("skipped: this machine has no GPU that LibTorch can use\n");
    return 77;
  }
  std::vector<float> values(1000 * 8);
  std::iota(values.begin(), values.end(), 0.0f);
  const Split<Numbers> split("here", {array_of<float>({1000, 8}, values)});
  Loader<Numbers> loader(split, {.batch_size = 64, .threads = 2, .allocate = allocate_pinned});
  std::vector<at::Tensor> moved, hosts;  // what is copied from lives until the copies are done
  for (auto& batch : loader.epoch()) {
    const auto x = *batch.x;
    CHECK(x.is_pinned());
    hosts.push_back(x), moved.push_back(x.to(at::kCUDA, /*non_blocking=*/true));
  }
  std::size_t next = 0;
  for (const auto& part : moved) {
    const auto back = part.cpu();
    for (std::int64_t i = 0; i < back.numel(); ++i) CHECK_EQ(back.data_ptr<float>()[i], values[next++]);
  }
  return 0;
}
