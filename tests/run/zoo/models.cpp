// Models against torchvision (tests/golden/make_models.py), and those that it has not against Python
// (make_small_nets.py): the same keys and shapes, and with weights from one formula the same outputs. That they learn.
#include <check.hpp>

#include <cmath>
#include <cstdlib>
#include <map>

#include <ATen/ops/arange.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <quix/cfg/json.hpp>
#include <quix/io/file.hpp>
#include <quix/proc.hpp>
#include <quix/zoo.hpp>

using namespace quix;

namespace {

Node golden;  // of both scripts

TaskInfo images(std::int64_t size, std::int64_t channels = 3) {
  return {.shape = {channels, size, size}, .inputs = channels * size * size, .classes = 10};
}

at::Tensor fill(const std::string& name, at::IntArrayRef shape) {
  std::int64_t n = 1, rest = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) n *= shape[d], rest *= d ? shape[d] : 1;
  int c = 0;
  for (const char letter : name) c += static_cast<unsigned char>(letter);
  auto out = at::empty(shape, at::kDouble);
  auto* values = out.data_ptr<double>();
  const bool vector = shape.size() <= 1;
  for (std::int64_t i = 0; i < n; ++i) {
    const double s = std::sin(0.7 * static_cast<double>(i) + c % 97);
    if (name.ends_with("running_var"))
      values[i] = 1 + 0.5 * s * s;
    else if (vector && name.ends_with("weight"))
      values[i] = 1 + 0.1 * s;
    else if (vector || name.ends_with("layer_scale") || name.ends_with("in_proj_bias"))
      values[i] = 0.1 * s;
    else
      values[i] = s / std::sqrt(static_cast<double>(rest));
  }
  return out;
}

void same_keys(const char* name, const Weights& weights) {
  std::map<std::string, std::string> mine, theirs;
  for (const auto* list : {&weights.parameters, &weights.buffers})
    for (const auto& [key, tensor] : *list) mine[key] = test::show(tensor.sizes());
  for (const auto& [key, value, line, column] : golden.find(name)->find("keys")->members) {
    std::string shape;
    for (const auto& d : value.items) shape += (shape.empty() ? "" : ", ") + d.text;
    theirs[key] = "[" + shape + "]";
  }
  CHECK_EQ(mine.size(), theirs.size());
  for (const auto& [key, shape] : theirs)
    if (mine[key] != shape)
      test::fail(__FILE__, __LINE__, std::string(name) + ": " + key + " is " + mine[key] + ", not " + shape);
}

/// In float64, to 1e-9; a depthwise convolution of float64 takes seconds, so that of ConvNeXt in float32, to 1e-5.
template <class Net>
void like_python(const char* name, Net net, const std::vector<std::int64_t>& sample,
                 at::ScalarType type = at::kDouble) {
  const double tolerance = type == at::kDouble ? 1e-9 : 1e-5;
  same_keys(name, *net);
  net->to(type);
  net->eval();
  const at::NoGradGuard no_grad;
  const Weights weights(*net);
  for (const auto* list : {&weights.parameters, &weights.buffers})
    for (const auto& [key, tensor] : *list)
      if (at::isFloatingType(tensor.scalar_type())) tensor.copy_(fill(key, tensor.sizes()));
  const auto [channels, height, width] = std::tuple(sample[0], sample[1], sample[2]);
  const auto x =
      fill("input.weight", {2, channels, height, width}) * std::sqrt(static_cast<double>(channels * height * width));
  const at::Tensor y = net->forward(x.to(type)).to(at::kDouble).contiguous();
  const auto& expected = golden.find(name)->find("outputs")->items;
  CHECK_EQ(static_cast<std::size_t>(y.numel()), expected.size());
  double largest = 0;
  for (const auto& value : expected) largest = std::max(largest, std::abs(std::stod(value.text)));
  for (std::size_t i = 0; i < expected.size(); ++i)
    if (std::abs(y.data_ptr<double>()[i] - std::stod(expected[i].text)) > tolerance * largest)
      return test::fail(__FILE__, __LINE__,
                        std::string(name) + ": output " + std::to_string(i) + " is " +
                            std::to_string(y.data_ptr<double>()[i]) + ", not " + expected[i].text);
}

template <class Net>
void like_torchvision(const char* name, Net net, std::int64_t size, at::ScalarType type = at::kDouble) {
  like_python(name, net, {3, size, size}, type);
}

/// Twenty steps on a few images bring the loss down.
template <class Policy>
void learns(const Policy& policy, const TaskInfo& task, double rate, bool pixels = false, std::int64_t count = 16) {
  at::manual_seed(2);
  auto net = policy.build(task);
  std::vector<std::int64_t> shape{count};
  shape.insert(shape.end(), task.shape.begin(), task.shape.end());
  const auto x = at::randn(shape);
  const auto y = pixels ? x.select(1, 0).gt(0).to(at::kLong) : at::randint(task.classes, {count}, at::kLong);
  BatchProcessor processor(AdamW{.lr = static_cast<float>(rate)}, Constant{}, *net);
  const CrossEntropy loss{};
  double first = 0;
  for (int i = 0; i < 20; ++i) {
    auto step = processor.step(static_cast<std::size_t>(count));
    step.outputs = net->forward(x);
    step.loss = loss(step.outputs, y);
    if (i == 1) first = processor.last_loss().value();
  }
  CHECK(!processor.report().skipped);
  if (!(processor.last_loss().value() < 0.7 * first))
    test::fail(__FILE__, __LINE__,
               "the loss went from " + std::to_string(first) + " to " + std::to_string(processor.last_loss().value()));
}

/// With a probability, what training computes is drawn; evaluation is the model without it, and so is training at 0.
template <class Policy>
void draws(const char* name, const Policy& never, const Policy& often, const TaskInfo& task) {
  const auto x = fill("input.weight", {3, task.shape[0], task.shape[1], task.shape[2]}).to(at::kFloat);
  const auto output = [&](const Policy& policy, bool train, std::uint64_t seed) {
    const at::NoGradGuard no_grad;
    at::manual_seed(1);
    auto net = policy.build(task);
    for (auto& parameter : net->parameters())  // a head that begins at zero would hide it all
      if (parameter.eq(0).all().template item<bool>()) parameter.normal_(0, 0.1);
    net->train(train);
    at::manual_seed(seed);
    return net->forward(x * 10);
  };
  const auto whole = output(never, false, 1);
  const auto equal = [&](const at::Tensor& y) { return y.equal(whole); };
  if (!equal(output(never, true, 1)) || !equal(output(often, false, 1)))
    test::fail(__FILE__, __LINE__, std::string(name) + " drops without being told to");
  const auto first = output(often, true, 1);
  if (equal(first) || !first.equal(output(often, true, 1)) || first.equal(output(often, true, 2)))
    test::fail(__FILE__, __LINE__, std::string(name) + " does not draw what it drops");
}

/// Parameters by a part of their names.
std::vector<at::Tensor> named(const torch::nn::Module& net, const std::string& part) {
  std::vector<at::Tensor> out;
  for (const auto& parameter : net.named_parameters())
    if (parameter.key().find(part) != std::string::npos) out.push_back(parameter.value());
  return out;
}

void options() {
  draws("LeNet", LeNet{}, LeNet{.dropout = 0.5f}, images(28));
  draws("ViT", VisionTransformer{.patch = 8, .layers = 2}, VisionTransformer{.patch = 8, .layers = 2, .dropout = 0.5f},
        images(16));
  draws("Mlp", Mlp{}, Mlp{.dropout = 0.5f}, images(8));
  draws("ConvNeXt", ConvNext{.stochastic_depth = 0, .layer_scale = 1},
        ConvNext{.stochastic_depth = 0.5f, .layer_scale = 1}, images(32));
  // The last norm of each block, and no other, begins at zero.
  for (const int depth : {18, 50}) {
    const auto zero = ResNet{.depth = depth, .width = 8, .zero_residual = true}.build(images(16)),
               plain = ResNet{.depth = depth, .width = 8}.build(images(16));
    const auto last = depth == 18 ? "bn2.weight" : "bn3.weight";
    CHECK_EQ(named(*zero, last).size(), depth == 18 ? 8u : 16u);
    for (const auto& weight : named(*zero, last)) CHECK(weight.eq(0).all().item<bool>());
    for (const auto& weight : named(*plain, last)) CHECK(weight.eq(1).all().item<bool>());
    for (const auto& weight : named(*zero, "bn1.weight")) CHECK(weight.eq(1).all().item<bool>());
  }
  // He's variance by fan-out, small linear layers, norms of one; a bias that is not there is none to fill.
  auto fresh = ResNet{.width = 32}.build(images(16));
  init_parameters(*fresh);
  const auto deviation = [&](const char* name) { return named(*fresh, name)[0].std().item<double>(); };
  CHECK(std::abs(deviation("layer4.1.conv2.weight") / std::sqrt(2 / (256 * 9.0)) - 1) < 0.01);
  CHECK(std::abs(deviation("fc.weight") / 1e-3 - 1) < 0.05);
  for (const auto& weight : named(*fresh, "bn1.weight")) CHECK(weight.eq(1).all().item<bool>());
  CHECK(named(*fresh, "fc.bias")[0].eq(0).all().item<bool>());
  // The centres of pixels, rows before columns, and their values.
  const auto image = at::arange(12, at::kFloat).view({2, 2, 3});
  const auto [places, values] = pixel_samples(image);
  CHECK(places.sizes().vec() == std::vector<std::int64_t>({6, 2}));
  const double third = 2.0 / 3;
  const auto expected =
      at::tensor({-0.5, -third, -0.5, 0.0, -0.5, third, 0.5, -third, 0.5, 0.0, 0.5, third}).view({6, 2});
  CHECK((places - expected).abs().max().item<double>() < 1e-6);
  CHECK(values[4].equal(at::tensor({4.0f, 10.0f})));
  CHECK(
      (pixel_coordinates({4}, {{{0, 8}}}).flatten() - at::tensor({1.0f, 3.0f, 5.0f, 7.0f})).abs().max().item<float>() <
      1e-6f);
  CHECK(pixel_coordinates({2, 3}, false).sizes().vec() == std::vector<std::int64_t>({2, 3, 2}));
  CHECK_ERROR(pixel_coordinates({2, 3}, std::vector<std::array<double, 2>>{{0, 1}}),
              "expected one interval per axis, got 1 for 2 axes");
  CHECK_ERROR(pixel_samples(at::zeros({2, 3})), "an image [C, H, W], got a tensor of 2 dimensions");
  CHECK_EQ(named(*ResNet{.stem = Stem::imagenet}.build(images(24)), "conv1.weight")[0].size(3), 7);
  CHECK_EQ(named(*ResNet{.stem = Stem::cifar}.build(images(72)), "conv1.weight")[0].size(3), 3);
  CHECK_EQ(
      named(*VisionTransformer{.size = VisionTransformer::Size::small, .layers = 1}.build(images(32)), "class_token")[0]
          .size(2),
      384);
}

}  // namespace

TESTS {
  const auto folder = std::string(std::getenv("QUIX_GOLDEN"));
  golden = json::parse(io::read_text(folder + "/models.json"), "models.json");
  for (auto& entry : json::parse(io::read_text(folder + "/small_nets.json"), "small_nets.json").members)
    golden.members.push_back(std::move(entry));
  like_torchvision("resnet18", ResNet{}.build(images(72)), 72);
  like_torchvision("resnet18_cifar", ResNet{}.build(images(24)), 24);
  like_torchvision("resnet34", ResNet{.depth = 34}.build(images(72)), 72);
  like_torchvision("resnet50", ResNet{.depth = 50}.build(images(72)), 72);
  like_torchvision("vit_tiny", VisionTransformer{.patch = 8, .layers = 3}.build(images(32)), 32);
  like_torchvision("convnext_tiny", ConvNext{}.build(images(40)), 40, at::kFloat);
  const auto task = [](std::int64_t channels, std::int64_t height, std::int64_t width) {
    return TaskInfo{.shape = {channels, height, width}, .inputs = channels * height * width, .classes = 10};
  };
  like_python("lenet", LeNet{}.build(task(1, 28, 28)), {1, 28, 28});
  like_python("lenet_wide", LeNet{}.build(task(3, 18, 30)), {3, 18, 30});
  like_python("unet", UNet{.width = 4, .depth = 2, .classes = 3}.build(task(3, 8, 12)), {3, 8, 12});
  like_python("unet_deep", UNet{.width = 2, .depth = 4, .classes = 2}.build(task(1, 16, 16)), {1, 16, 16});
  like_python("mlp", Mlp{.hidden = {16, 12}}.build(task(3, 8, 8)), {3, 8, 8});
  like_python("mlp_norm", Mlp{.hidden = {16, 12}, .norm = true}.build(task(3, 8, 8)), {3, 8, 8});
  auto large = images(224);
  large.classes = 1000;
  same_keys("vit_base", *VisionTransformer{.size = VisionTransformer::Size::base}.build(large));

  learns(Mlp{.hidden = {32, 16}, .norm = true}, images(8, 1), 1e-2);
  learns(LeNet{}, images(28, 1), 3e-3);
  learns(ResNet{.width = 8, .zero_residual = true}, images(16), 1e-2);
  learns(VisionTransformer{.patch = 8, .layers = 2, .dropout = 0.1f}, images(16), 1e-3);
  learns(ConvNext{.layer_scale = 0.1f}, images(32), 1e-3, false, 3);
  learns(UNet{.width = 8, .depth = 2, .classes = 2}, images(16), 1e-2, true);
  const auto map = UNet{.width = 4, .depth = 2}.build(images(8))->forward(at::randn({2, 3, 8, 8}));
  CHECK(map.sizes().vec() == std::vector<std::int64_t>({2, 10, 8, 8}));
  CHECK_EQ(Mlp{}.build({.shape = {5}, .inputs = 5})->forward(at::randn({3, 5})).size(1), 1);

  options();
  CHECK_ERROR(ResNet{.depth = 20}.build(images(32)), "model.depth: expected 18, 34 or 50, got 20");
  CHECK_ERROR(VisionTransformer{}.build(images(24)), "model.patch", "16 pixels do not divide images of 24x24");
  CHECK_ERROR(LeNet{}.build({.shape = {7}}), "LeNet needs images [channels, height, width]", "the samples are [7]");
  CHECK_ERROR(UNet{}.build(images(40)), "multiples of 16, got images of 40x40");
  CHECK_ERROR(LeNet{}.build({.shape = {1, 28, 28}}), "needs a number of classes");
  return 0;
}
