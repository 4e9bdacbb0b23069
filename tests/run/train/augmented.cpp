// The small experiment with every kind of augmentation.
#include <quix/quix.hpp>

struct Sample {
  quix::Image<"png"> image;
  quix::Class<"cls"> label;
  quix::Key key;
};

struct Augment {
  quix::RandomResizedCrop crop{.size = 6, .scale = {0.6f, 1.0f}};
  quix::RandAugment rand{.ops = 1};
  quix::ColorJitter jitter{.brightness = 0.2f};
  quix::HorizontalFlip flip{};
  quix::RandomErasing erase{};
  quix::Normalize normalize{.mean = {0.3f}, .std = {0.2f}};
  quix::Mix mix{.mixup_alpha = 0.2f, .cutmix_alpha = 1.0f};
};

struct Net {
  int hidden = 16;
  auto build(const quix::TaskInfo& task) const {
    using namespace torch::nn;
    return Sequential(Flatten(), Linear(task.inputs, hidden), ReLU(), Linear(hidden, task.classes));
  }
};

struct Scores {
  quix::Accuracy accuracy{};
  quix::ClassAccuracy classes{};
  quix::Confusion confusion{};
};

struct Augmented {
  quix::Shards<Sample> data{.path = "shapes"};
  Augment augment{};
  Net model{};
  Scores metrics{};
  quix::AdamW optim{.lr = 1e-2f};
  quix::Train train{.epochs = 3, .batch_size = 32};
  quix::Log log{.every_steps = 7};
};

int main(int argc, char** argv) { return quix::main<Augmented>(argc, argv); }
