// What an evaluation asks of a split: the shape of every field, the classes of the task, samples.
#include <check.hpp>

#include <quix/quix.hpp>

namespace {

using namespace quix;

struct Sample {
  Npy<"x", float> x;
  Class<"coarse"> coarse;
  Class<"fine"> fine;
  Npy<"more", float, Use::target> more;
};

/// The splits by name: how many samples, how many numbers `x` and `more` have, and how many fine classes there are.
struct Made {
  std::optional<int> threads{};
  int prefetch = 2;
  using sample = Sample;
  static constexpr auto on_error = OnError::stop;

  Split<Sample> open(std::string_view split) const {
    const std::int64_t n = split == "empty" ? 0 : 12, wide = split == "wide" ? 5 : 4, more = split == "other" ? 2 : 3;
    const std::int64_t coarse = split == "unknown" ? 3 : 2;
    std::vector<float> x(static_cast<std::size_t>(n * wide), 0.5f), y(static_cast<std::size_t>(n * more), 1.0f);
    std::vector<std::int64_t> a, b;
    for (std::int64_t i = 0; i < n; ++i) a.push_back(i % coarse), b.push_back(i % 7);
    return Split<Sample>(std::string(split), {array_of<float>({n, wide}, x), array_of<std::int64_t>({n}, a),
                                              array_of<std::int64_t>({n}, b), array_of<float>({n, more}, y)});
  }
  bool has(std::string_view split) const { return split != "val"; }
  Order order(const Split<Sample>& split, std::uint64_t seed, std::uint64_t epoch) const {
    return split.order({}, seed, epoch);
  }
};
struct Net {
  auto build(const TaskInfo& task) const { return torch::nn::Linear(task.inputs, task.classes); }
};
struct Both {
  Loss operator()(const at::Tensor& outputs, const at::Tensor& coarse, const at::Tensor&, const at::Tensor&) const {
    return CrossEntropy{}(outputs, coarse);
  }
};
struct Experiment {
  Made data{};
  Net model{};
  Both loss{};
  LossOnly metrics{};
};

}  // namespace

TESTS {
  const Config<Experiment> config{};
  const quix::detail::Splits<Experiment> splits(config, 0);
  CHECK(splits.task().classes == 2 && splits.shapes().size() == 4);
  Evaluator<Experiment> evaluator(config, {.decode = 1, .compute = 1}, splits.task(), splits.shapes());
  ProgressBar bar(false);
  // The task's classes are those of the first class field; another one may have more.
  const auto said = evaluator.evaluate(evaluator.open("train"), bar, "train");
  CHECK(said.samples == 12 && said.totals.size() == 1 && said.totals[0].second.weight == 12);
  CHECK_ERROR((evaluator.open("unknown"), 0), "class 2");
  CHECK_ERROR((evaluator.open("wide"), 0), "the wide samples are [5], the training samples [4]", "quix::Resize");
  CHECK_ERROR((evaluator.open("other"), 0), "the other samples are [2], the training samples [3]");
  CHECK_ERROR((evaluator.open("empty"), 0), "--split: the split empty has no samples");
  CHECK_ERROR((evaluator.open("val"), 0), "--split: the data has no split val", "--split train");
  // Of a run from before, no shapes are known.
  Evaluator<Experiment> older(config, {.decode = 1, .compute = 1}, splits.task(), {});
  CHECK_EQ(older.open("other").size(), 12u);
  return 0;
}
