// A whole experiment: 60,000 small images of clothes, ten classes, a network with one hidden layer.
//
//     tools/quickstart                                  pack the data and train this
//     build/examples/fashion_mlp --help                 every option, with its default
//     build/examples/fashion_mlp --hidden 1024 --lr 1e-3 --name wide
//
// Expected: val accuracy 0.89.

#include <quix/quix.hpp>

struct Fashion {                         // one sample: which members of the tar, decoded how
  quix::Image<"png", quix::gray> image;  // a sample holds [1, 28, 28], a batch [B, 1, 28, 28]
  quix::Class<"cls">             label;
};

struct Mlp {  // a model policy: options, and build()
  int   hidden = 256;
  float dropout = 0.1f;

  static constexpr std::array notes = {
      quix::note<&Mlp::hidden>("width of the hidden layer", {.min = 1}),
      quix::note<&Mlp::dropout>("probability of dropping a unit", {.min = 0, .below = 1}),
  };

  auto build(const quix::TaskInfo& task) const {  // task: what the data tells
    using namespace torch::nn;
    return Sequential(Flatten(), Linear(task.inputs, hidden), ReLU(), Dropout(dropout), Linear(hidden, task.classes));
  }
};

struct FashionMlp {  // field types are policies, their values the configuration
  quix::Shards<Fashion> data{.path = "fashion-mnist"};
  quix::Normalize       augment{.mean = {0.286f}, .std = {0.353f}};
  Mlp                   model{.hidden = 512};
  quix::AdamW           optim{.lr = 3e-3f};
  quix::Cosine          schedule{};
  quix::Train           train{.epochs = 5, .batch_size = 128};
};

int main(int argc, char** argv) { return quix::main<FashionMlp>(argc, argv); }
