// Batches with their tensors, one ahead of the other: the same ones in the same order, and an error where it belongs.
// As torch/copies, with QUIX_TEST_DEVICE=cuda, the copies go to a GPU, on a stream of their own; skipped without one.
#include <check.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_cholesky.h>
#include <ATen/ops/ones.h>

#include <quix/data.hpp>
#include <quix/run/device_batches.hpp>
#include <quix/torch/modules.hpp>
#include <quix/torch/pinned.hpp>
#include <quix/zoo/augment.hpp>

using namespace quix;

namespace {

struct Numbers {
  Npy<"x", float> x;
  Class<"y"> y;
  Key key;
};
struct Photo {
  Image<"png"> image;
  Class<"cls"> label;
};
struct NoAugment {};
struct Mixed {
  Mix mix{.mixup_alpha = 1};
};

struct Seen {
  std::vector<at::Tensor> inputs, targets;
  std::string keys;
};

/// Kernels that keep a GPU busy while the CPU goes on.
void keep_busy(at::Device device) {
  if (device.is_cpu()) return;
  auto matrix = at::ones({4096, 4096}, at::TensorOptions(device));
  for (int i = 0; i < 4; ++i) matrix = matrix.mm(matrix) * 1e-4;
}

template <class S>
Seen pass(Loader<S>& loader, at::Device device, bool ahead) {
  const NoAugment augment;
  const quix::detail::BatchTensors<S, NoAugment> tensors(augment, device, 3);
  const RngKey moment{.seed = 1, .epoch = 0, .position = 0, .train = true};
  auto epoch = loader.epoch(shuffled(23, 1, 0), 0, 23, moment);
  const CopyStream copies(device);
  CHECK_EQ(copies.is_async(), !device.is_cpu());
  quix::detail::DeviceBatches batches(epoch, tensors, copies, moment, ahead);
  Seen seen;
  while (batches.next()) {
    if (seen.inputs.size() < 3) keep_busy(device);  // of the others a copy may still be under way
    const auto [inputs, targets] = batches.tensors();
    // Work that reads the tensors later than the copy of the next batch is asked for.
    seen.inputs.push_back((std::get<0>(inputs) * 2).clone());
    batches.prefetch();
    batches.prefetch();  // once is enough
    seen.targets.push_back(std::get<0>(targets) + 1);
    for (std::size_t i = 0; i < batches.batch().size; ++i) seen.keys += batches.batch().key[i] + " ";
  }
  return seen;
}

/// On a GPU with batches whose copies take a while, in memory that is filled again at once.
void same_batches(at::Device device) {
  const std::int64_t width = device.is_cpu() ? 2 : 1 << 20;
  std::vector<float> x;
  std::vector<std::int64_t> y;
  for (int i = 0; i < 23; ++i) {
    for (std::int64_t k = 0; k < width; ++k) x.push_back(static_cast<float>(i) - static_cast<float>(k % 1000));
    y.push_back(i % 3);
  }
  const Split<Numbers> split("here", {array_of<float>({23, width}, x), array_of<std::int64_t>({23}, y), {}});
  Loader<Numbers> loader(
      split,
      {.batch_size = 4, .threads = 2, .prefetch = 1, .allocate = device.is_cpu() ? allocate_host : allocate_pinned});
  const auto one = pass(loader, at::kCPU, false), two = pass(loader, device, true), three = pass(loader, device, false);
  CHECK_EQ(one.inputs.size(), 6u);
  for (const auto* other : {&two, &three}) {
    CHECK_EQ(other->keys, one.keys);
    CHECK_EQ(other->inputs.size(), 6u);
    for (std::size_t i = 0; i < one.inputs.size(); ++i)
      CHECK(other->inputs[i].cpu().equal(one.inputs[i]) && other->targets[i].cpu().equal(one.targets[i]));
  }
}

/// The batch before a broken one is whole: its step is taken, and the error comes with the next.
void errors_wait(const std::filesystem::path& folder) {
  for (int i = 0; i < 4; ++i) {
    const auto file = folder / "train/a" / (std::to_string(i) + ".png");
    std::filesystem::create_directories(file.parent_path());
    const std::vector<std::byte> pixels(3 * 2 * 2);
    const auto png = encode_png(pixels.data(), rgb, {.width = 2, .height = 2});
    io::Sink(file).write(png.data(), i == 3 ? png.size() - 20 : png.size());
  }
  const auto split = Files<Photo>{.path = folder}.open("train");
  const NoAugment augment;
  const quix::detail::BatchTensors<Photo, NoAugment> tensors(augment, at::kCPU, 1);
  const CopyStream copies(at::kCPU);
  for (const bool ahead : {false, true}) {
    Loader<Photo> loader(split, {.batch_size = 2, .threads = 1});
    auto epoch = loader.epoch();
    quix::detail::DeviceBatches batches(epoch, tensors, copies, {}, ahead);
    CHECK(batches.next());
    batches.prefetch();
    CHECK_EQ(std::get<0>(std::get<0>(batches.tensors())).size(0), 2);
    CHECK_ERROR((batches.next(), 0), "3.png");
  }
  Loader<Photo> loader(split, {.batch_size = 2, .threads = 1});
  auto nothing = loader.epoch({}, 4, 4);
  quix::detail::DeviceBatches none(nothing, tensors, copies, {}, true);
  CHECK(!none.next());
}

/// What is drawn for a batch depends on its place in the epoch of all ranks: two ranks mix equal samples differently.
void ranks_draw_apart() {
  const std::vector<float> x(24, 1);
  std::vector<std::int64_t> y;
  for (int i = 0; i < 24; ++i) y.push_back(i / 2 % 3);
  const Split<Numbers> split("here", {array_of<float>({24, 1}, x), array_of<std::int64_t>({24}, y), {}});
  const Mixed augment;
  const quix::detail::BatchTensors<Numbers, Mixed> tensors(augment, at::kCPU, 3);
  const CopyStream copies(at::kCPU);
  const RngKey moment{.seed = 1, .epoch = 0, .position = 0, .train = true};
  const auto targets = [&](std::uint32_t rank, std::uint32_t world) {
    Loader<Numbers> loader(split, {.batch_size = 4, .threads = 1, .rank = rank, .world_size = world});
    auto epoch = loader.epoch({}, 0, 24 / world, moment);
    CHECK_EQ(epoch.global(5), 5u * world + rank);
    quix::detail::DeviceBatches batches(epoch, tensors, copies, moment);
    CHECK(batches.next());
    return std::get<0>(std::get<1>(batches.tensors()));
  };
  const auto zero = targets(0, 2), one = targets(1, 2);
  CHECK(zero.dim() == 2 && !zero.equal(one));
  CHECK(targets(0, 1).equal(targets(0, 1)));
}

/// What LibTorch says of a model that does not fit is said with the shapes; what a model itself says stays.
void models_that_do_not_fit() {
  const auto x = at::ones({2, 6}), w = at::ones({5, 3});
  CHECK_ERROR(quix::detail::described([&] { return x.mm(w); }, x), "model: failed on a batch [2, 6]: mat1 and mat2");
  CHECK_ERROR(quix::detail::described(
                  []() -> at::Tensor {
                    throw std::runtime_error(
                        "The following operation failed in the TorchScript interpreter.\nTraceback\nRuntimeError: 2 is "
                        "not 3\n");
                  },
                  x, w),
              "model: failed on a batch [2, 6], [5, 3]: 2 is not 3");
  torch::nn::BatchNorm1d norm(6);
  CHECK_ERROR(quix::detail::described([&] { return norm(x.narrow(0, 0, 1)); }, x.narrow(0, 0, 1)),
              "model: batch normalization needs more than one sample, and this batch is [1, 6]",
              "train.drop_last true");
  // A matrix that cannot be inverted is no wrong batch.
  bool stays = false;
  try {
    quix::detail::described([&] { return at::linalg_cholesky(-at::eye(2)); }, x);
  } catch (const Error&) {
  } catch (const c10::Error&) {
    stays = true;
  }
  CHECK(stays);
  CHECK_ERROR(quix::detail::described([]() -> at::Tensor { throw Error("mine", "is wrong"); }, x), "mine: is wrong");
}

/// A mixed batch has soft labels for the loss, and for metrics class indices as validation has them.
void metrics_get_class_indices() {
  struct Mixed {
    Mix mix{.mixup_alpha = 0.3f};
  };
  std::vector<float> x(4 * 4);
  const Split<Numbers> split("here", {array_of<float>({4, 1, 2, 2}, x), array_of<std::int64_t>({4}, {2, 0, 1, 1}), {}});
  const Mixed augment;
  const quix::detail::BatchTensors<Numbers, Mixed> tensors(augment, at::kCPU, 3);
  Loader<Numbers> loader(split, {.batch_size = 4, .threads = 1});
  for (const bool train : {true, false}) {
    auto epoch = loader.epoch();
    const auto copied = tensors.copy(*epoch.begin());
    const auto [inputs, targets] = tensors.finish(copied, {.seed = 1, .epoch = 0, .position = 0, .train = train});
    const auto scored = std::get<0>(tensors.scored(copied, targets));
    CHECK_EQ(std::get<0>(targets).dim(), train ? 2 : 1);
    CHECK(scored.dim() == 1 && scored.scalar_type() == at::kLong);
    CHECK(train ? scored.equal(std::get<0>(targets).argmax(1)) : scored.equal(std::get<0>(targets)));
  }
  CHECK_ERROR(loader.epoch({0, 4}), "data: the order of an epoch names sample 4, but there are 4");
}

}  // namespace

TESTS {
  const test::Folder folder("batches");
  const std::string_view device = std::getenv("QUIX_TEST_DEVICE") ? std::getenv("QUIX_TEST_DEVICE") : "cpu";
  if (device == "cuda") {
    if (!at::hasCUDA()) {
      std::printf("skipped: this machine has no GPU that LibTorch can use\n");
      return 77;
    }
    same_batches(at::kCUDA);
    return 0;
  }
  same_batches(at::kCPU), ranks_draw_apart(), errors_wait(folder.path), models_that_do_not_fit(),
      metrics_get_class_indices();
  return 0;
}
