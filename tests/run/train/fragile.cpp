// A line through data in memory, with a learning rate at which each step overshoots more, and a loss that is no number
// beyond a limit: for the tests of what happens then. Also a data policy of its own.
#include <cmath>
#include <string_view>
#include <vector>

#include <quix/quix.hpp>

struct Point {
  quix::Npy<"x", float> x;
  quix::Npy<"y", float, quix::Use::target> y;
};

struct Line {
  bool shuffle = true;
  std::optional<int> threads{};
  int prefetch = 2;
  using sample = Point;
  static constexpr auto on_error = quix::OnError::stop;

  quix::Split<Point> open(std::string_view) const {
    std::vector<float> x, y;
    for (int i = 0; i < 100; ++i) x.push_back(i % 2 ? 1.0f : -1.0f), y.push_back(3 * x.back());
    return quix::Split<Point>("line", {quix::array_of<float>({100, 1}, x), quix::array_of<float>({100, 1}, y)});
  }
  bool has(std::string_view split) const { return split == "train"; }
  quix::Order order(const quix::Split<Point>& split, std::uint64_t seed, std::uint64_t epoch) const {
    return split.order({.shuffle = shuffle ? quix::Shuffle::full : quix::Shuffle::none}, seed, epoch);
  }
};

struct One {
  auto build(const quix::TaskInfo&) const {
    torch::nn::Linear line(1, 1);
    const at::NoGradGuard no_grad;
    line->weight.zero_(), line->bias.zero_();
    return line;
  }
};

struct Fragile {
  float limit = 30;
  bool shows = false;
  bool warms = false;  ///< the loss counts by the share of training that is done
  /// Also reported: how far the outputs are from 3, on the average.
  quix::Loss operator()(const at::Tensor& outputs, const at::Tensor& target,
                        const quix::StepContext<Point>& context) const {
    auto sum = (outputs - target).pow(2).sum();
    if (warms) sum = sum * context.progress.fraction();
    if (shows) {
      context.log.print("the sum is " + std::to_string(sum.item<float>()), "sums");
      context.log.log_image("lines/outputs", outputs.view({2, 5}) / 3);
    }
    return {outputs.abs().max().item<float>() > limit ? sum * std::nan("") : sum,
            static_cast<double>(target.size(0)),
            {{"distance", (outputs.abs() - 3).abs().sum().detach()}}};
  }
};

struct Overshoot {
  Line data{};
  One model{};
  Fragile loss{};
  quix::RegressionErrors metrics{};
  quix::Sgd optim{.lr = 1.1f, .momentum = 0};
  quix::Choice<quix::PerGroup<quix::LinearDecay, quix::Constant>, quix::Plateau> schedule{};
  quix::Train train{.epochs = 6, .batch_size = 10};
};

int main(int argc, char** argv) { return quix::main<Overshoot>(argc, argv); }
