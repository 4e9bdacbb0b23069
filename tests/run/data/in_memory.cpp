// A data set of tensors in memory, as PyTorch's TensorDataset and DataLoader: an order of one's own, parts of ranks,
// batches counted beforehand, labels, and predictions by sample; the pseudo-extensions idx and name of Python quix.
#include <check.hpp>

#include <quix/data.hpp>

using namespace quix;

namespace {

struct Sample {
  Npy<"x", float> x;
  Class<"y"> y;
  Index idx;
  Key name;
};

constexpr std::int64_t count = 23;

Split<Sample> make() {
  std::vector<float> x;
  std::vector<std::int64_t> y;
  for (std::int64_t i = 0; i < count; ++i) x.push_back(static_cast<float>(i)), x.push_back(-1), y.push_back(i % 3);
  return Split<Sample>("tensors", {array_of<float>({count, 2}, x), array_of<std::int64_t>({count}, y), {}, {}});
}

/// A sampler of one's own: a policy whose order() differs, and the rest is another's.
struct OddFirst {
  Order order(const Split<Sample>& split, std::uint64_t seed, std::uint64_t epoch) const {
    auto out = shuffled(static_cast<std::uint32_t>(split.size()), seed, epoch);
    std::stable_partition(out.begin(), out.end(), [](auto sample) { return sample % 2 == 1; });
    return out;
  }
};

void predict(const Split<Sample>& split, LoaderOptions options, const Order& order, Predictions<float>& predictions) {
  Loader<Sample> loader(split, options);
  std::uint64_t batches = 0;
  auto epoch = loader.epoch(order);
  CHECK_EQ(epoch.batches(), loader.batches());
  for (auto& batch : epoch) {
    ++batches;
    std::vector<float> logits;
    for (std::size_t row = 0; row < batch.size; ++row) {
      const auto sample = batch.idx.template data<std::int64_t>()[row];
      CHECK_EQ(batch.x.template data<float>()[2 * row], static_cast<float>(sample));
      CHECK_EQ(batch.name[row], std::to_string(sample));
      CHECK_EQ(static_cast<std::int64_t>(epoch.sample(batch.first + row)), sample);
      for (std::int64_t c = 0; c < 3; ++c) logits.push_back(c == sample % 3 ? 1.0f : 0.0f);
    }
    predictions.put(batch.idx, batch.size, logits);
  }
  CHECK_EQ(batches, loader.batches());
  CHECK_EQ(5 * batches, loader.batches(5));
}

}  // namespace

TESTS {
  const auto split = make();
  const auto labels = split.class_numbers(split.class_field());
  CHECK_EQ(labels.size(), 23u);
  CHECK_EQ(split.classes(1), 3);
  const auto order = OddFirst{}.order(split, 1, 2);
  CHECK_EQ(order[10] % 2, 1u);
  CHECK_EQ(order[11] % 2, 0u);
  for (const unsigned threads : {0u, 3u}) {
    Predictions<float> predictions(split.size(), 3);
    predict(split, {.batch_size = 4, .threads = threads}, order, predictions);
    CHECK_EQ(predictions.missing(), 0u);
    for (std::size_t i = 0; i < split.size(); ++i) CHECK_EQ(predictions.best(i), labels[i]);
  }
  // Of several ranks together, each sample once where the end is exact.
  for (const auto end : {RankEnd::exact, RankEnd::pad, RankEnd::drop}) {
    Predictions<float> predictions(split.size(), 3);
    for (std::uint32_t rank = 0; rank < 4; ++rank) {
      predict(split, {.batch_size = 2, .threads = 1, .rank = rank, .world_size = 4, .rank_end = end}, order,
              predictions);
      CHECK_EQ(samples_of_rank(23, rank, 4, end), of_rank(order, rank, 4, end).size());
    }
    CHECK_EQ(predictions.missing(), end == RankEnd::drop ? 3u : 0u);
  }
  Predictions<float> some(3, 2);
  const std::vector<std::int64_t> samples{2};
  const std::vector<float> values{0, 1};
  some.put(samples, values);
  CHECK_EQ(some.best(2), 1);
  CHECK_EQ(some.missing(), 2u);
  CHECK_ERROR(some[1], "no prediction for the sample 1");
  CHECK_ERROR(some.put(samples, std::span(values).first(1)), "expected 1 × 2 values, got 1");
  CHECK_ERROR(some.put(std::vector<std::int64_t>{3}, values), "sample 3 not found; there are 3 samples");
  return 0;
}
