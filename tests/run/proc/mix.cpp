// MixUp and CutMix against their formulas (the paper's, element by element); Beta's moments; the pipeline on a batch.
#include <check.hpp>

#include <cmath>

#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>

#include <quix/zoo/augment.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/metrics.hpp>

using namespace quix;

TESTS {
  const auto start = at::arange(2 * 3 * 4 * 5, at::kFloat).view({2, 3, 4, 5});
  const auto numbers = at::tensor({2, 0}, at::kLong);
  const auto value = [](const at::Tensor& t, std::initializer_list<std::int64_t> at) {
    auto x = t;
    for (const auto i : at) x = x[i];
    return x.item<double>();
  };
  auto images = start, labels = numbers;
  mixup(images, labels, 3, 0.75);
  for (std::int64_t b = 0; b < 2; ++b)
    for (std::int64_t i = 0; i < 60; ++i)
      CHECK(std::abs(value(images.flatten(1), {b, i}) -
                     (0.75 * value(start.flatten(1), {b, i}) + 0.25 * value(start.flatten(1), {1 - b, i}))) < 1e-4);
  CHECK(labels.allclose(at::tensor({0.25, 0.0, 0.75, 0.75, 0.0, 0.25}, at::kFloat).view({2, 3})));

  images = start, labels = numbers;
  cutmix(images, labels, 3, {1, 2, 3, 2});
  for (std::int64_t b = 0; b < 2; ++b)
    for (std::int64_t c = 0; c < 3; ++c)
      for (std::int64_t y = 0; y < 4; ++y)
        for (std::int64_t x = 0; x < 5; ++x)
          CHECK_EQ(value(images, {b, c, y, x}), value(start, {x >= 1 && x < 4 && y >= 2 ? 1 - b : b, c, y, x}));
  CHECK(labels.allclose(at::tensor({0.3, 0.0, 0.7, 0.7, 0.0, 0.3}, at::kFloat).view({2, 3})));
  CHECK(start.equal(at::arange(120, at::kFloat).view({2, 3, 4, 5})));  // what was given is untouched

  // Beta(a, a): mean 1/2, variance 1/(4 (2a + 1)).
  for (const double alpha : {0.2, 1.0, 4.0}) {
    Draws draws(1, Stream::mix, 0);
    double sum = 0, square = 0;
    constexpr int n = 40000;
    for (int i = 0; i < n; ++i) {
      const double x = drawn_beta(alpha, draws);
      CHECK(x >= 0 && x <= 1);
      sum += x, square += (x - 0.5) * (x - 0.5);
    }
    CHECK(std::abs(sum / n - 0.5) < 0.01);
    CHECK(std::abs(square / n * 4 * (2 * alpha + 1) - 1) < 0.03);
  }

  // A policy is a pure function of its moment, and rows of labels sum to 1.
  const Mix mix{.mixup_alpha = 0.2f, .cutmix_alpha = 1.0f};
  const auto mixed = [&](std::uint64_t position) {
    std::pair out(start, numbers);
    Draws draws(5, Stream::mix, 3, position, 0);
    mix.mix(out.first, out.second, 3, draws);
    return out;
  };
  for (std::uint64_t i = 0; i < 50; ++i) {
    CHECK(mixed(i).first.equal(mixed(i).first));
    CHECK(mixed(i).second.sum(1).allclose(at::tensor({1.0, 1.0}, at::kFloat)));
  }
  images = start, labels = numbers;
  Draws none(1, Stream::mix, 0);
  Mix{}.mix(images, labels, 3, none);
  CHECK(images.equal(start) && labels.equal(numbers));
  labels = at::tensor({1.5, 2.0});
  CHECK_ERROR(mixup(images, labels, 0, 0.5), "mixing needs class numbers");

  // Shares of classes in the loss are the weighted sum of the class numbers' losses; the metric takes the largest.
  const auto logits = at::tensor({1.0, 2.0, 0.5, -1.0, 0.0, 3.0}, at::kFloat).view({2, 3});
  const auto shares = at::tensor({0.25, 0.0, 0.75, 0.75, 0.0, 0.25}, at::kFloat).view({2, 3});
  const auto one = [&](std::int64_t a, std::int64_t b) {
    return CrossEntropy{}(logits, at::tensor({a, b}, at::kLong)).sum.item<double>();
  };
  CHECK(std::abs(CrossEntropy{}(logits, shares).sum.item<double>() - (0.75 * one(2, 0) + 0.25 * one(0, 2))) < 1e-5);
  CHECK_EQ(Accuracy{}(logits, shares).sum, Accuracy{}(logits, numbers).sum);

  // A pipeline's tensor steps; without one, uint8 becomes 0 … 1.
  struct Flip {
    HorizontalFlip flip{};
  };
  const auto bytes = at::tensor({0, 51, 255}, at::kByte).view({1, 1, 1, 3});
  CHECK(
      quix::detail::augment_tensor(Flip{}, bytes).allclose(at::tensor({0.0, 0.2, 1.0}, at::kFloat).view({1, 1, 1, 3})));
  const auto normalized = quix::detail::augment_tensor(ImageAugment{}, bytes.expand({1, 3, 1, 3}));
  CHECK(std::abs(value(normalized, {0, 2, 0, 1}) - (0.2 - 0.406) / 0.225) < 1e-5);
  static_assert(quix::detail::is_augmentation<ImageAugment> && quix::detail::is_augmentation<Flip> &&
                quix::detail::is_augmentation<Normalize>);
  static_assert(!quix::detail::is_augmentation<CrossEntropy> && quix::detail::has_sample_ops<ImageAugment> &&
                !quix::detail::has_sample_ops<Normalize>);
  return 0;
}
