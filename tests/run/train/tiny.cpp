// A small experiment on small images, for the tests that drive a whole program: dropout draws from the generator, batch
// normalisation has buffers, and the last batch is not full.
#include <quix/quix.hpp>

struct Sample {
  quix::Image<"png", quix::gray> image;
  quix::Class<"cls"> label;
};

struct Net {
  int hidden = 16;
  float dropout = 0.3f;

  static constexpr std::array notes = {quix::note<&Net::hidden>("width", {.min = 1})};

  auto build(const quix::TaskInfo& task) const {
    using namespace torch::nn;
    return Sequential(Flatten(), Linear(task.inputs, hidden), BatchNorm1d(hidden), ReLU(), Dropout(dropout),
                      Linear(hidden, task.classes));
  }
};

struct Tiny {
  quix::Shards<Sample> data{.path = "shapes"};
  Net model{};
  quix::Choice<quix::AdamW, quix::Sgd> optim{quix::AdamW{.lr = 1e-2f}};
  quix::Train train{.epochs = 3, .batch_size = 32};
  quix::Log log{.every_steps = 7};
};

int main(int argc, char** argv) { return quix::main<Tiny>(argc, argv); }
