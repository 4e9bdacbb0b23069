// New here: a custom model, written as a torch module; an augmentation of several transforms; policies other than the
// defaults; built-in configurations (--config quick).
//
// Expected after five epochs: val accuracy 0.91.

#include <quix/quix.hpp>

struct Fashion {
  quix::Image<"png", quix::gray> image;
  quix::Class<"cls">             label;
};

/// Two convolutions with batch normalization, then a linear layer. Takes square images.
struct CnnImpl : torch::nn::Module {
  CnnImpl(std::int64_t channels, std::int64_t height, std::int64_t width, float dropout, std::int64_t classes)
      : conv1(register_module("conv1",
                              torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, width, 3).padding(1).bias(false)))),
        norm1(register_module("norm1", torch::nn::BatchNorm2d(width))),
        conv2(register_module("conv2",
                              torch::nn::Conv2d(torch::nn::Conv2dOptions(width, 2 * width, 3).padding(1).bias(false)))),
        norm2(register_module("norm2", torch::nn::BatchNorm2d(2 * width))),
        drop(register_module("drop", torch::nn::Dropout(dropout))),
        head(register_module("head", torch::nn::Linear(2 * width * (height / 4) * (height / 4), classes))) {}

  at::Tensor forward(at::Tensor x) {
    x = at::max_pool2d(at::relu(norm1(conv1(x))), 2);  // 28 → 14
    x = at::max_pool2d(at::relu(norm2(conv2(x))), 2);  // 14 → 7
    return head(drop(x.flatten(1)));
  }

  torch::nn::Conv2d      conv1;
  torch::nn::BatchNorm2d norm1;
  torch::nn::Conv2d      conv2;
  torch::nn::BatchNorm2d norm2;
  torch::nn::Dropout     drop;
  torch::nn::Linear      head;
};
TORCH_MODULE(Cnn);

struct CnnPolicy {
  int   width = 16;
  float dropout = 0.2f;

  static constexpr std::array notes = {
      quix::note<&CnnPolicy::width>("channels of the first convolution; the second has twice as many", {.min = 1}),
      quix::note<&CnnPolicy::dropout>("probability of dropping a feature before the last layer",
                                      {.min = 0, .below = 1}),
  };

  Cnn build(const quix::TaskInfo& task) const {
    return Cnn(task.shape[0], task.shape[1], width, dropout, task.classes);
  }
};

/// Transforms, in order. Those for uint8 images run in the decoding threads, the others on the batch. Evaluation draws
/// no random numbers.
struct Augment {
  quix::HorizontalFlip flip{};
  quix::Normalize      normalize{.mean = {0.2860f}, .std = {0.3530f}};
};

struct FashionCnn {
  quix::Shards<Fashion> data{.path = "fashion-mnist"};
  Augment               augment{};
  CnnPolicy             model{};
  quix::CrossEntropy    loss{.label_smoothing = 0.05f};
  quix::AdamW           optim{.lr = 4e-3f};
  quix::Cosine          schedule{.warmup_epochs = 0.5f};
  quix::Train           train{.epochs = 5, .batch_size = 128};
};

int main(int argc, char** argv) { return quix::main<FashionCnn>(argc, argv); }
