// Schedules against torch's schedulers and Python quix's formula (tests/golden/make_schedules.py), warm-ups against
// closed forms, extents on the command line.
#include <check.hpp>

#include <cmath>
#include <cstdlib>
#include <vector>

#include <quix/cfg.hpp>
#include <quix/cfg/json.hpp>
#include <quix/io/file.hpp>
#include <quix/proc.hpp>

using namespace quix;

namespace {

std::vector<double> numbers(const Node& list) {
  std::vector<double> out;
  for (const auto& item : list.items) out.push_back(std::stod(item.text));
  return out;
}

constexpr Progress plan{.steps = 0, .total = 60, .per_epoch = 6, .samples = 32};

template <class S>
void follow(const Node& golden, const char* name, const S& schedule, double tolerance = 1e-6) {
  const auto expected = numbers(*golden.find(name));
  auto now = plan;
  for (std::size_t t = 0; t < expected.size(); ++t) {
    now.steps = static_cast<double>(t);
    const double got = schedule.factor(now);
    if (std::abs(got - expected[t]) > tolerance)
      test::fail(__FILE__, __LINE__,
                 std::string(name) + " step " + std::to_string(t) + ": " + std::to_string(got) + " is not " +
                     std::to_string(expected[t]));
  }
}

struct Options {
  TrainTime warmup{5};
  std::vector<TrainTime> at{};
  Choice<Cosine, LinearDecay, Plateau> schedule{};
};

void extents() {
  const auto read = [](const char* text) { return quix::detail::read_extent(Node::quoted(text)); };
  CHECK(read("5") == TrainTime{5} && read("2.5epochs") == (TrainTime{2.5, TrainTime::Unit::epochs}));
  CHECK(read("1epoch") == TrainTime{1} && read("500steps") == (TrainTime{500, TrainTime::Unit::steps}));
  CHECK(read("1e6samples") == (TrainTime{1e6, TrainTime::Unit::samples}) &&
        read("10%") == (TrainTime{10, TrainTime::Unit::percent}));
  CHECK_EQ(read("2").steps(plan), 12.0);
  CHECK_EQ(read("7steps").steps(plan), 7.0);
  CHECK_EQ(read("64samples").steps(plan), 2.0);
  CHECK_EQ(read("25%").steps(plan), 15.0);
  for (const auto* text : {"5", "0.5epochs", "3steps", "1e6samples", "12.5%"})
    CHECK(read(quix::detail::write_extent(read(text)).c_str()) == read(text));
  for (const auto* text : {"", "fast", "-1", "5 weeks", "inf", "nan", "5%%"})
    CHECK_ERROR(read(text), "expected a training time, like 5 (epochs), 500steps, 1e6samples or 10%");
  const char* words[] = {"--warmup", "500steps", "--at", "10,80%", "--schedule", "plateau"};
  const auto options = cfg::parse<Options>(words);
  CHECK(options.warmup.unit == TrainTime::Unit::steps && options.at[1] == (TrainTime{80, TrainTime::Unit::percent}));
}

}  // namespace

TESTS {
  const auto path = std::string(std::getenv("QUIX_GOLDEN")) + "/schedules.json";
  const auto golden = json::parse(io::read_text(path), path);
  follow(golden, "cosine", Cosine{.floor = 0.1f});
  follow(golden, "linear", LinearDecay{.floor = 0.2f});
  follow(golden, "polynomial", Polynomial{.power = 2.5f});
  follow(golden, "step", StepDecay{.every = {2}, .gamma = 0.3f});
  follow(golden, "multi_step",
         MultiStep{.milestones = {{10, TrainTime::Unit::steps}, {3}, {80, TrainTime::Unit::percent}}, .gamma = 0.5f});
  follow(golden, "exponential", Exponential{.gamma = 0.9f});
  follow(golden, "one_cycle", OneCycle{});
  follow(golden, "cyclic", Cyclic{.up = {1}, .down = {9, TrainTime::Unit::steps}, .low = 0.1f});
  follow(golden, "cyclic2", Cyclic{.up = {1}, .down = {1}, .low = 0.1f, .shrink = 0.5f});
  follow(golden, "warm_linear",
         Warmup<Exponential>{.warmup = {2}, .start_factor = 0.1f, .then = {.gamma = std::pow(0.9f, 6.0f)}}, 1e-5);
  CHECK_EQ(Exponential({.gamma = 0.5f, .smooth = false}).factor({.steps = 11, .total = 60, .per_epoch = 6}), 0.5);

  // Python quix's formula, with the notebook's settings, in absolute rates.
  const auto expected = numbers(*golden.find("python_quix"));
  const PythonCosine python{.start_factor = 0.01f, .floor = 1.0f / 300, .warmup_epochs = 5};
  for (std::size_t s = 0; s < expected.size(); ++s)
    CHECK(std::abs(3e-3 * python.factor({.steps = static_cast<double>(s), .total = 550, .per_epoch = 11}) -
                   expected[s]) < 1e-9);
  CHECK_EQ(PythonCosine({.start_factor = 0.5f, .floor = 0, .warmup_epochs = 0}).factor({.steps = 0, .total = 10}), 1.0);

  // Plateau hears a metric at the end of each epoch.
  const auto metrics = numbers(*golden.find("metrics")), rates = numbers(*golden.find("plateau"));
  auto plateau = Plateau{.gamma = 0.5f, .patience = 1, .cooldown = 1}.build();
  for (std::size_t t = 0; t < rates.size(); ++t) {
    CHECK(std::abs(plateau.factor({}) - rates[t]) < 1e-12);
    if ((t + 1) % 6 == 0) plateau.observe(metrics[t / 6]);
  }
  auto grows = Plateau{.gamma = 0.5f, .patience = 0, .larger_is_better = true}.build();
  for (const double accuracy : {0.1, 0.2, 0.3}) grows.observe(accuracy);
  CHECK_EQ(grows.factor({}), 1.0);
  grows.observe(std::nan(""));
  CHECK_EQ(grows.factor({}), 0.5);

  // Warm-ups and the fall at the end, in closed form.
  using Shape = WarmStableDecay::Shape;
  const auto wsd = [](double step, Shape shape) {
    return WarmStableDecay{
        .warmup = {10, TrainTime::Unit::percent}, .decay = {20, TrainTime::Unit::steps}, .floor = 0.1f, .shape = shape}
        .factor({.steps = step, .total = 100, .per_epoch = 10});
  };
  CHECK(std::abs(wsd(4, Shape::linear) - 5.0 / 11) < 1e-9 && wsd(10, Shape::linear) == 1 &&
        wsd(79, Shape::linear) == 1);
  CHECK(std::abs(wsd(90, Shape::linear) - 0.55) < 1e-7 && std::abs(wsd(85, Shape::root) - 0.55) < 1e-7);
  CHECK(std::abs(wsd(90, Shape::cosine) - 0.55) < 1e-7 && std::abs(wsd(100, Shape::root) - 0.1) < 1e-7);
  // A cosine behind a warm-up ends where training does; its own warm-up does the same.
  const Warmup<Cosine> behind{.warmup = {10, TrainTime::Unit::steps}, .start_factor = 0.5f, .then = {.floor = 0.2f}};
  const auto at = [](const auto& schedule, double step) {
    return schedule.factor({.steps = step, .total = 50, .per_epoch = 5});
  };
  CHECK(std::abs(at(behind, 5) - 0.75) < 1e-7 && std::abs(at(behind, 10) - 1) < 1e-7);
  CHECK(std::abs(at(behind, 30) - 0.6) < 1e-7 && std::abs(at(behind, 50) - 0.2) < 1e-7);
  CHECK(std::abs(at(behind, 20) - (0.2 + 0.8 * 0.5 * (1 + std::sqrt(0.5)))) < 1e-7);
  const Cosine own{.warmup_epochs = 2, .floor = 0.2f};
  CHECK(at(own, 5) < at(own, 9) && at(own, 9) < 1 && std::abs(at(own, 10) - 1) < 1e-7);
  CHECK(std::abs(at(own, 30) - 0.6) < 1e-7 && std::abs(at(own, 50) - 0.2) < 1e-7);
  using Warm = Warmup<Constant>;
  const auto warm = [](double step, Warm::Shape shape) {
    return Warm{.warmup = {10, TrainTime::Unit::steps}, .start_factor = 0.01f, .shape = shape}.factor(
        {.steps = step, .total = 60});
  };
  CHECK(std::abs(warm(0, Warm::Shape::linear) - 0.01) < 1e-8 && std::abs(warm(5, Warm::Shape::linear) - 0.505) < 1e-7);
  CHECK(std::abs(warm(5, Warm::Shape::exponential) - 0.1) < 1e-7 &&
        std::abs(warm(5, Warm::Shape::cosine) - 0.505) < 1e-7);
  CHECK(warm(10, Warm::Shape::cosine) == 1 && warm(59, Warm::Shape::exponential) == 1);
  extents();
  return 0;
}
