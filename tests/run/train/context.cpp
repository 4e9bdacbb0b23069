// What a model, a loss and a metric may ask for besides their tensors: another field of the sample, the inputs, where
// training stands, the experiment's own options, the journal. The model returns a struct. Trained whole, and compared
// with a closed form: the model is one number, which the loss pulls to the weighted mean.
#include <check.hpp>

#include <quix/quix.hpp>

namespace {

using namespace quix;

struct Weighed {
  Npy<"x", float> x;
  Npy<"y", float, Use::target> y;
  Npy<"weight", float, Use::other> weight;
};

struct Made {
  std::optional<int> threads{};
  int prefetch = 2;
  using sample = Weighed;
  static constexpr auto on_error = OnError::stop;

  Split<Weighed> open(std::string_view split) const {
    const std::vector<float> x(8, 2.0f), y{1, 2, 3, 4, 5, 6, 7, 8}, weight{8, 0, 0, 0, 0, 0, 0, 4};
    return Split<Weighed>(std::string(split),
                          {array_of<float>({8, 1}, x), array_of<float>({8, 1}, y), array_of<float>({8, 1}, weight)});
  }
  bool has(std::string_view) const { return true; }
  Order order(const Split<Weighed>&, std::uint64_t, std::uint64_t) const { return {}; }
};

struct Two {
  at::Tensor guess, twice;
};
std::vector<std::pair<bool, double>> seen;  // by the model: training, steps
struct NumberImpl : torch::nn::Module {
  at::Tensor w = register_parameter("w", at::zeros({1}));
  Two forward(const at::Tensor& x, const StepContext<Weighed>& context) {
    seen.emplace_back(context.training, context.progress.steps);
    if (!context.inputs[0].equal(x) || context.epoch > 2) throw Error("context", "other inputs");
    const auto guess = w.expand({x.size(0), 1});
    return {guess, 2 * guess};
  }
};
TORCH_MODULE(Number);
struct Net {
  auto build(const TaskInfo&) const { return Number(); }
};

struct Experiment;
struct Pull {
  Loss operator()(const Two& outputs, const at::Tensor& y, const StepContext<Weighed>& context) const;
};
/// Without a context: of the outputs alone.
struct Twice {
  static constexpr const char* name = "twice";
  Measure operator()(const Two& outputs, const at::Tensor& y) const {
    return {outputs.twice.sum().item<double>(), static_cast<double>(y.size(0))};
  }
};
struct Training {
  Counts counts(const Two&, const at::Tensor& y, const auto& context) const {
    return {context.training ? 1.0 : 0.0, context.batch.size == 8 ? static_cast<double>(y.size(0)) : 0};
  }
  Totals values(std::span<const double> n) const {
    return {{"training", n.empty() ? Measure{} : Measure{n[0], 1}},
            {"samples", n.empty() ? Measure{} : Measure{n[1], 1}}};
  }
};
struct Scores {
  Twice twice{};
  Training training{};
};
struct Experiment {
  float share = 0.5f;
  Made data{};
  Net model{};
  Pull loss{};
  Scores metrics{};
  Sgd optim{.lr = 1, .momentum = 0};
  Train train{.epochs = 3, .batch_size = 8};
  static constexpr std::array notes = {quix::note<&Experiment::share>("of the way in a step", {})};
};
Loss Pull::operator()(const Two& outputs, const at::Tensor& y, const StepContext<Weighed>& context) const {
  const double share = context.experiment<Experiment>().share;
  const auto weight = context.tensor(context.batch.weight);
  context.log.print("step " + std::to_string(static_cast<int>(context.progress.steps)), "steps");
  if (!context.training) context.log.log_image("y", y.view({2, 4}) / 8);
  return {share * 0.5 * (weight * (outputs.guess - y).pow(2)).sum(), weight.sum().item<double>()};
}
struct Other {
  int other = 0;
};

double value_of(const Totals& totals, std::string_view name) { return find(totals, name).value(); }

}  // namespace

TESTS {
  static_assert(std::is_same_v<Evaluator<Experiment>::Outputs, Two>);
  const test::Folder folder("context");
  const Config<Experiment> config{};
  Runner<Experiment> runner(config, {.decode = 1, .compute = 1});
  OpenRun open{.folder = RunFolder::create(folder.path, {.experiment = "e", .name = "one"}, false),
               .console = Console(false)};
  open.begin({}, "", {});
  const auto trained = runner.train(open, {});
  CHECK(trained.complete && trained.last && trained.last->epoch == 3);
  // Of a weighted mean of (8·1 + 4·8) / 12, half of the rest in each step.
  const double mean = 40.0 / 12, after = mean * (1 - 1.0 / 8);
  CHECK(std::abs(value_of(trained.last->val, "twice") - 2 * after) < 1e-5);
  CHECK(std::abs(value_of(trained.last->train, "twice") - 2 * mean * (1 - 1.0 / 4)) < 1e-5);
  CHECK(value_of(trained.last->train, "training") == 1 && value_of(trained.last->val, "training") == 0);
  CHECK(value_of(trained.last->train, "samples") == 8);
  const std::vector<std::pair<bool, double>> expected{{true, 0},  {false, 1}, {true, 1},
                                                      {false, 2}, {true, 2},  {false, 3}};
  CHECK(seen == expected);
  CHECK_EQ(io::read_text(open.folder.path() / "logs/steps.txt"), "step 0\nstep 1\nstep 1\nstep 2\nstep 2\nstep 3\n");
  CHECK(std::filesystem::exists(open.folder.path() / "plots/y_step_00000004.png"));

  // Alone: no run, no training.
  seen.clear();
  ProgressBar bar(false);
  Evaluator<Experiment> evaluator(config, {.decode = 1, .compute = 1}, runner.task(), runner.splits().shapes());
  const auto said = evaluator.evaluate(evaluator.open("train"), bar, "train");
  CHECK(seen.size() == 1 && seen[0] == std::pair(false, 0.0) && said.samples == 8);

  // A field's tensor leaves out the samples that could not be decoded.
  Loader<Weighed> loader(runner.splits().train(), {.batch_size = 8, .threads = 0});
  auto epoch = loader.epoch();
  auto part = *epoch.begin();
  part.bad = {{.row = 0, .what = "", .replaced = false}, {.row = 7, .what = "", .replaced = true}};
  const auto of_part = evaluator.context(part, {});
  CHECK(of_part.tensor(part.weight).equal((*part.weight).narrow(0, 1, 7)));

  // The experiment is of one type alone.
  const Batch<Weighed> batch{};
  const StepContext<Weighed> context = evaluator.context(batch, {});
  CHECK_EQ(context.experiment<Experiment>().share, 0.5f);
  CHECK_ERROR((context.experiment<Other>(), 0), "context.experiment: asks for Other, and the experiment is Experiment");
  // A graph records tensors, not contexts.
  struct Graphed {
    Made data{};
    Net model{};
    Pull loss{};
    Scores metrics{};
    TrainStep<> step{.cuda_graph = true};
  };
  const Config<Graphed> graphed{};
  CHECK_ERROR((Runner<Graphed>(graphed, {.decode = 1, .compute = 1}), 0), "step.cuda_graph",
              "models that take a StepContext cannot be graphed");
  return 0;
}
