// MixUp and CutMix against their formulas (the paper's, element by element); Beta's moments; the pipeline on a batch;
// what is drawn against golden/make_mix.py.
#include <check.hpp>

#include <cmath>
#include <cstdlib>

#include <ATen/ops/arange.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <quix/cfg/json.hpp>
#include <quix/io/file.hpp>
#include <quix/zoo/augment.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/metrics.hpp>
#include <quix/zoo/shapes.hpp>

using namespace quix;

namespace {

/// The draws are those of Python: each one's order is fixed, and the labels' shares are the areas that were pasted.
void like_python() {
  const auto path = std::string(std::getenv("QUIX_GOLDEN")) + "/mix.json";
  const auto golden = json::parse(io::read_text(path), path);
  const auto number = [](const Node& node) { return std::stod(node.text); };
  for (const auto& [alpha, values, line, column] : golden.find("beta")->members) {
    Rng draws(1, RngStream::mix, 0);
    for (const auto& expected : values.items)
      CHECK(std::abs(drawn_beta(std::stod(alpha), draws) - number(expected)) < 1e-12);
  }
  const Mix mix{.mixup_alpha = 0.4f, .cutmix_alpha = 1.5f};
  // Sample b is 100 b everywhere, of class b.
  const auto start = (at::arange(3, at::kFloat) * 100).view({3, 1, 1, 1}).expand({3, 2, 20, 30});
  std::uint64_t position = 0;
  for (const auto& expected : golden.find("mixes")->items) {
    at::Tensor images = start, labels = at::tensor({0, 1, 2}, at::kLong);
    Rng draws(5, RngStream::mix, 3, position++, 0);
    mix.mix(images, labels, 3, draws);
    const double share = number(*expected.find("share"));
    for (std::int64_t b = 0; b < 3; ++b) {
      CHECK(std::abs(labels[b][b].item<double>() - share) < 1e-6);
      CHECK(std::abs(labels[b][(b + 2) % 3].item<double>() - (1 - share)) < 1e-6);
    }
    const auto& region = expected.find("region")->items;
    auto wanted = start * share + start.roll(1, 0) * (1 - share);
    if (!region.empty()) {
      wanted = start.clone();
      const auto at = [&](std::size_t i) { return static_cast<std::int64_t>(number(region[i])); };
      wanted.narrow(3, at(0), at(2))
          .narrow(2, at(1), at(3))
          .copy_(start.roll(1, 0).narrow(3, at(0), at(2)).narrow(2, at(1), at(3)));
    }
    if (!images.allclose(wanted, 1e-5, 1e-4))
      return test::fail(__FILE__, __LINE__, "another mix at position " + std::to_string(position - 1));
  }
  CHECK_EQ(position, 60u);
}

/// An index that is no class has no share, and CrossEntropy counts what is left.
void indices_that_are_no_class() {
  const auto logits = at::tensor({1.0, 2.0, 0.5, -1.0, 0.0, 3.0, 2.0, 2.0, -1.0}, at::kFloat).view({3, 3});
  const auto log_p = at::log_softmax(logits, 1);
  for (const std::int64_t none : {-100, -1, 3, 255}) {
    at::Tensor images = at::zeros({3, 1, 2, 2}),
               labels = at::tensor({none, std::int64_t{2}, std::int64_t{0}}, at::kLong);
    mixup(images, labels, 3, 0.75);
    // Each with the one before it: the first with the last.
    CHECK(labels.allclose(at::tensor({0.25, 0.0, 0.0, 0.0, 0.0, 0.75, 0.75, 0.0, 0.25}, at::kFloat).view({3, 3})));
    const auto loss = CrossEntropy{.ignore_index = none}(logits, labels);
    CHECK(std::abs(loss.sum.item<double>() + (log_p * labels).sum().item<double>()) < 1e-5);
    CHECK(std::abs(loss.weight - 2) < 1e-6);
    // For metrics: the larger share, and none where most is of no class.
    const auto classes = quix::detail::largest_share(labels);
    CHECK(classes.equal(at::tensor({-100, 2, 0}, at::kLong)));
    CHECK_EQ(Accuracy{}(logits, labels).weight, 2.0);
  }
  // A class that does not count, mixed with others.
  at::Tensor images = at::zeros({3, 1, 2, 2}), labels = at::tensor({1, 2, 0}, at::kLong);
  mixup(images, labels, 3, 0.75);
  const auto loss = CrossEntropy{.ignore_index = 1}(logits, labels);
  CHECK(std::abs(loss.weight - 2) < 1e-6);
  CHECK(std::abs(loss.sum.item<double>() +
                 (log_p * labels * at::tensor({1.0, 0.0, 1.0}, at::kFloat)).sum().item<double>()) < 1e-5);
  // Of nothing: a loss of 0 that has a gradient.
  const auto x = logits.clone().requires_grad_();
  const auto nothing = CrossEntropy{.label_smoothing = 0.1f}(x, at::zeros({3, 3}));
  CHECK(nothing.weight == 0 && nothing.sum.item<double>() == 0);
  nothing.sum.backward();
  CHECK(x.grad().eq(0).all().item<bool>());
  // Masks and numbers are nothing to mix by.
  for (auto other : {at::zeros({3, 2, 2}, at::kLong), at::zeros({3})})
    CHECK_ERROR(mixup(images, other, 3, 0.5), "augment: mixing needs class indices, one per sample");
}

}  // namespace

TESTS {
  like_python(), indices_that_are_no_class();
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
    Rng draws(1, RngStream::mix, 0);
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
    Rng draws(5, RngStream::mix, 3, position, 0);
    mix.mix(out.first, out.second, 3, draws);
    return out;
  };
  for (std::uint64_t i = 0; i < 50; ++i) {
    CHECK(mixed(i).first.equal(mixed(i).first));
    CHECK(mixed(i).second.sum(1).allclose(at::tensor({1.0, 1.0}, at::kFloat)));
  }
  images = start, labels = numbers;
  Rng none(1, RngStream::mix, 0);
  Mix{}.mix(images, labels, 3, none);
  CHECK(images.equal(start) && labels.equal(numbers));
  labels = at::tensor({1.5, 2.0});
  CHECK_ERROR(mixup(images, labels, 0, 0.5), "mixing needs class indices");

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
