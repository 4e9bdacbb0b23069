// Small images in memory, in bfloat16, with a data policy whose epochs have another length than its split, mixed
// labels, custom policies for train, groups, step, checkpoint and log, and steps that check what they are given:
// augmentations and metrics without autocast, the loss with it, metrics with class indices.
#include <ATen/autocast_mode.h>

#include <quix/quix.hpp>

struct Sample {
  quix::Npy<"x", float> x;
  quix::Class<"y"> y;
};

struct Made {
  double length = 1;  ///< of an epoch, in splits
  bool grows = false;
  std::uint32_t beyond = 0;
  std::optional<int> threads{};
  int prefetch = 2;
  using sample = Sample;
  static constexpr auto on_error = quix::OnError::stop;

  quix::Split<Sample> open(std::string_view split) const {
    const std::int64_t n = split == "train" ? 60 : 24;
    std::vector<float> x;
    std::vector<std::int64_t> y;
    for (std::int64_t i = 0; i < n; ++i) {
      y.push_back(i % 3);
      for (std::int64_t k = 0; k < 16; ++k)
        x.push_back((k / 4 == i % 3 ? 1.0f : 0.0f) + 0.1f * static_cast<float>((7 * i + k) % 11));
    }
    return quix::Split<Sample>(std::string(split),
                               {quix::array_of<float>({n, 1, 4, 4}, x), quix::array_of<std::int64_t>({n}, y)});
  }
  bool has(std::string_view) const { return true; }
  quix::Order order(const quix::Split<Sample>& split, std::uint64_t seed, std::uint64_t epoch) const {
    const double splits = length * (grows ? static_cast<double>(epoch + 1) : 1);
    auto out = quix::with_length(split.order({}, seed, epoch),
                                 static_cast<std::size_t>(splits * static_cast<double>(split.size())));
    out.back() += beyond;
    return out;
  }
};

inline void autocast_is(bool on, const char* where) {
  if (at::autocast::is_autocast_enabled(at::kCPU) != on)
    throw quix::Error(where, on ? "autocast is disabled" : "autocast is enabled");
}

struct Checked {
  at::Tensor operator()(const at::Tensor& images) const {
    autocast_is(false, "augment");
    return images;
  }
};
struct Augment {
  Checked checked{};
  quix::Mix mix{.mixup_alpha = 0.4f, .cutmix_alpha = 1};
};

struct Precise {
  quix::Loss operator()(const at::Tensor& outputs, const at::Tensor& target) const {
    autocast_is(true, "loss");
    return quix::CrossEntropy{.ignore_index = 255}(outputs, target);
  }
};

struct Indices {
  static constexpr const char* name = "indices";
  quix::Measure operator()(const at::Tensor& outputs, const at::Tensor& target) const {
    autocast_is(false, "metrics");
    if (target.dim() != 1 || target.scalar_type() != at::kLong) throw quix::Error("metrics", "targets are no indices");
    return {1, static_cast<double>(outputs.size(0))};
  }
};
struct Scores {
  Indices indices{};
  quix::Auroc auroc{};
};

struct Net {
  auto build(const quix::TaskInfo& task) const {
    using namespace torch::nn;
    return Sequential(Flatten(), Linear(task.inputs, 8), BatchNorm1d(8), ReLU(), Linear(8, task.classes));
  }
};

/// Another type of module than Net's.
struct DeepImpl : torch::nn::Module {
  DeepImpl(std::int64_t inputs, std::int64_t classes)
      : first(register_module("first", torch::nn::Linear(inputs, 12))),
        last(register_module("last", torch::nn::Linear(12, classes))) {}
  at::Tensor forward(const at::Tensor& x) { return last(first(x.flatten(1)).tanh()); }
  torch::nn::Linear first, last;
};
TORCH_MODULE(Deep);
struct DeepNet {
  static constexpr std::string_view name = "deep";
  auto build(const quix::TaskInfo& task) const { return Deep(task.inputs, task.classes); }
};

// Roles that are options alone, as types of this program.
struct Plan {
  int epochs = 2, batch_size = 8;
  unsigned seed = 42;
  bool drop_last = false;
  std::string device = "auto";
};
struct Records {
  int every_steps = 1;
  bool progress = true;
};
struct Saves {
  int every_epochs = 1, every_steps = 0, keep = 2;
};
struct Alike {
  quix::ParameterGroups split(const quix::NamedTensors& parameters) const { return parameters; }
};
struct Watched {
  static constexpr bool needs_norm = true;
  double operator()(quix::Gradients& gradients, double divide, double norm) const {
    if (!(norm > 0) || gradients.tensors().empty()) throw quix::Error("step.clip", "no gradients");
    return divide;
  }
};
struct Careful {
  int accumulate = 1;
  Watched clip{};
  quix::NonFinite non_finite{};
  bool cuda_graph = false;
};

struct Experiment {
  Made data{};
  Augment augment{};
  quix::Choice<Net, DeepNet> model{};
  Precise loss{};
  Scores metrics{};
  quix::Choice<quix::Sgd, quix::ScheduleFree> optim{quix::Sgd{.lr = 0.5f}};
  quix::LinearDecay schedule{};
  quix::Bf16 precision{};
  Plan train{};
  Alike groups{};
  Careful step{};
  Saves checkpoint{};
  Records log{};
};

int main(int argc, char** argv) { return quix::main<Experiment>(argc, argv); }
