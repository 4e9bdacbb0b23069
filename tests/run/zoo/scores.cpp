// Losses with their gradients against torch, metrics against their definitions (tests/golden/make_scores.py), whole and
// in pieces that are added up.
#include <check.hpp>

#include <cmath>
#include <cstdlib>
#include <map>

#include <ATen/ops/eye.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>

#include <quix/cfg/json.hpp>
#include <quix/io/file.hpp>
#include <quix/torch/tensor.hpp>
#include <quix/zoo.hpp>

using namespace quix;

namespace {

Node golden;

std::vector<double> numbers(const Node& list) {
  std::vector<double> out;
  for (const auto& item : list.items) out.push_back(std::stod(item.text));
  return out;
}

at::Tensor data(const char* name) {
  const auto& entry = *golden.find("data")->find(name);
  std::vector<std::int64_t> shape;
  for (const auto d : numbers(*entry.find("shape"))) shape.push_back(static_cast<std::int64_t>(d));
  const bool whole = std::string_view(name) == "classes" || std::string_view(name) == "mask";
  return at::tensor(numbers(*entry.find("values"))).view(shape).to(whole ? at::kLong : at::kFloat);
}

/// `adds_up`: also as a sum over two pieces.
template <class L>
void loss(const char* name, const L& policy, const at::Tensor& target, bool adds_up = true) {
  const auto& expected = *golden.find("losses")->find(name);
  const auto x = data(expected.find("inputs")->text.c_str()).requires_grad_();
  const Loss got = policy(x, target);
  const double value = std::stod(expected.find("value")->text);
  if (std::abs(got.sum.template item<double>() / got.weight - value) > 1e-5 * (1 + std::abs(value)))
    test::fail(__FILE__, __LINE__,
               std::string(name) + ": " + std::to_string(got.sum.template item<double>() / got.weight) + " is not " +
                   std::to_string(value));
  (got.sum / got.weight).backward();
  const auto gradient = numbers(*expected.find("gradient"));
  const auto mine = x.grad().contiguous();
  for (std::size_t i = 0; i < gradient.size(); ++i)
    if (std::abs(static_cast<double>(mine.template const_data_ptr<float>()[i]) - gradient[i]) > 1e-6)
      return test::fail(__FILE__, __LINE__, std::string(name) + ": gradient " + std::to_string(i));
  if (!adds_up) return;
  // In two pieces, added up.
  const Loss a = policy(x.detach().narrow(0, 0, 5), target.narrow(0, 0, 5)),
             b = policy(x.detach().narrow(0, 5, 7), target.narrow(0, 5, 7));
  CHECK(std::abs((a.sum + b.sum).template item<double>() / (a.weight + b.weight) - value) <
        1e-5 * (1 + std::abs(value)));
}

void losses() {
  loss("cross_entropy", CrossEntropy{}, data("classes"));
  loss("smoothing", CrossEntropy{.label_smoothing = 0.1f}, data("classes"));
  loss("weighted", CrossEntropy{.class_weights = {1, 0.5f, 2, 0.25f}}, data("classes"));
  loss("shares", CrossEntropy{}, data("shares"));
  loss("pixels", CrossEntropy{}, data("mask"));
  loss("bce", BinaryCrossEntropy{}, data("binary"));
  loss("bce_positive", BinaryCrossEntropy{.pos_weight = 3}, data("binary"));
  loss("mse", MeanSquaredError{}, data("truth"));
  loss("mae", MeanAbsoluteError{}, data("truth"));
  loss("huber", Huber{.delta = 0.7f}, data("truth"));
  loss("focal", FocalLoss{.gamma = 1.5f}, data("classes"));
  loss("focal_binary", FocalLoss{.alpha = 0.25f}, data("binary"));
  loss("focal_pixels", FocalLoss{}, data("mask"));
  loss("dice_void", Dice{}, data("mask"));
  loss("dice_void_cross", Dice{.cross_entropy = 0.5f}, data("mask"), /*adds_up=*/false);
  loss("smooth_pixels", CrossEntropy{.label_smoothing = 0.2f}, data("mask"));
  loss("weighted_pixels", CrossEntropy{.class_weights = {1, 0.5f, 2, 0.25f}}, data("mask"));
  loss("bce_area", BinaryCrossEntropy{}, data("area"));
  loss("dice_area", Dice{}, data("area"));
  loss("dice_areas", Dice{}, data("areas"));
  loss("short_shares", CrossEntropy{}, data("short_shares"));
  loss("short_shares_smooth", CrossEntropy{.label_smoothing = 0.1f, .class_weights = {1, 0.5f, 2, 0.25f}},
       data("short_shares"));
  loss("shares_ignore", CrossEntropy{.label_smoothing = 0.1f, .ignore_index = 2}, data("shares"));
  const auto weighs = [](const char* name, const Loss& loss) {
    CHECK(std::abs(loss.weight - std::stod(golden.find("metrics")->find(name)->text)) < 1e-5);
  };
  weighs("focal_pixels_weight", FocalLoss{}(data("maps"), data("mask")));
  weighs("short_shares_weight", CrossEntropy{}(data("logits"), data("short_shares")));
  weighs("shares_ignore_weight", CrossEntropy{.ignore_index = 2}(data("logits"), data("shares")));
  // Masks [B, H, W] are those of [B, 1, H, W]; H is not a number of classes.
  const auto column_maps = data("area_logits").unsqueeze(1);
  CHECK(Dice{}(column_maps, data("area")).sum.equal(Dice{}(data("area_logits"), data("area")).sum));
  CHECK_ERROR(CrossEntropy{}(data("area_logits"), data("area")), "class indices [batch] or soft labels");
  CHECK_ERROR(Accuracy{}(data("area_logits"), data("area")), "metrics: expected outputs [batch, classes");
  const auto rows = data("maps").flatten(2), row_shares = at::softmax(data("maps").flatten(2) * 2, 1);
  CHECK(std::abs(CrossEntropy{}(rows, row_shares).weight - 12 * 15) < 1e-9);
  loss("dice", Dice{}, data("mask").clamp_min(0));
  loss("dice_cross", Dice{.cross_entropy = 0.5f}, data("mask").clamp_min(0));
  const auto parts = Dice{.cross_entropy = 0.5f}(data("maps"), data("mask").clamp_min(0));
  CHECK(parts.parts.size() == 2 && parts.parts[1].first == "cross_entropy" &&
        std::abs((parts.parts[0].second + 0.5 * parts.parts[1].second - parts.sum).item<double>()) < 1e-4);
  // [B] beside [B, 1]; class numbers that are left out.
  const auto column = at::randn({4, 1}), flat = at::randn({4});
  CHECK(std::abs((MeanSquaredError{}(column, flat).sum - (column.flatten() - flat).pow(2).sum()).item<double>()) <
        1e-5);
  CHECK_EQ(CrossEntropy{}(data("maps"), data("mask")).weight, 12.0 * 15 - 3);
  // Void pixels as 255 in bytes are those of -100 in whole numbers.
  const auto bytes = data("mask").where(data("mask") >= 0, 255).to(at::kByte);
  CHECK(
      CrossEntropy{.ignore_index = 255}(data("maps"), bytes).sum.equal(CrossEntropy{}(data("maps"), data("mask")).sum));
  const auto same = [](const Counts& a, const Counts& b) { return a == b; };
  const auto accuracy = Accuracy{}(data("maps"), bytes), other = Accuracy{}(data("maps"), data("mask"));
  CHECK(accuracy.sum == other.sum && accuracy.weight == other.weight);
  for (const bool dice : {false, true}) {
    const auto value = [&](std::int64_t ignore, const at::Tensor& target) {
      return dice ? Dice{.cross_entropy = 1, .ignore_index = ignore}(data("maps"), target)
                  : FocalLoss{.ignore_index = ignore}(data("maps"), target);
    };
    const auto a = value(255, bytes), b = value(-100, data("mask"));
    CHECK(std::abs((a.sum - b.sum).item<double>()) < 1e-5 && a.weight == b.weight && a.sum.isfinite().item<bool>());
  }
  // Class weights are not rounded to the logits' type.
  const auto weighted = CrossEntropy{.class_weights = {0.1f, 0.3f, 0.7f, 1.9f}};
  CHECK_EQ(weighted(data("logits").to(at::kBFloat16), data("classes")).weight,
           weighted(data("logits"), data("classes")).weight);
  CHECK(same(MeanIoU{.ignore_index = 255}.counts(data("maps"), bytes), MeanIoU{}.counts(data("maps"), data("mask"))));
  // [B, 1, H, W] beside [B, H, W], also of bytes.
  const auto map = at::randn({2, 1, 3, 4}), binary = at::randint(2, {2, 3, 4}, at::kByte);
  CHECK(
      std::abs((BinaryCrossEntropy{}(map, binary).sum - BinaryCrossEntropy{}(map.squeeze(1), binary.to(at::kFloat)).sum)
                   .item<double>()) < 1e-4);
  CHECK_ERROR(MeanSquaredError{}(at::randn({4, 2}), flat), "one shape; got outputs [4, 2] and targets [4]");
  CHECK_ERROR(CrossEntropy{.class_weights = {1}}(data("logits"), data("classes")), "got 1 for 4 classes");
  const auto void_pixels = data("mask").clone().fill_(255);
  CHECK_ERROR(CrossEntropy{}(data("maps"), void_pixels),
              "loss: the samples have classes from 255 to 255, but the model has",
              "the option  ignore_index,  now -100");
  CHECK_ERROR(FocalLoss{}(data("maps"), void_pixels), "the samples have classes from 255 to 255");
  CHECK_ERROR(Dice{}(data("maps"), void_pixels), "the samples have classes from 255 to 255");
  CHECK_ERROR(Dice{}(data("maps"), data("classes")), "Dice needs outputs and targets of one shape");
}

std::map<std::string, double> all(const auto& metric, const at::Tensor& outputs, const at::Tensor& target) {
  // Whole, and in three pieces: the same counts.
  std::vector<Counts> whole, sums;
  quix::detail::count_metrics(metric, whole, NoContext{}, outputs, target);
  for (const auto& [begin, size] : {std::pair{0, 1}, {1, 7}, {8, 4}}) {
    std::vector<Counts> piece;
    quix::detail::count_metrics(metric, piece, NoContext{}, outputs.narrow(0, begin, size),
                                target.narrow(0, begin, size));
    sums.resize(piece.size());
    for (std::size_t i = 0; i < piece.size(); ++i) add(sums[i], piece[i]);
  }
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (std::size_t k = 0; k < whole[i].size(); ++k) CHECK(std::abs(whole[i][k] - sums[i][k]) < 1e-9);
  Totals totals;
  std::span<const Counts> counts(sums);
  quix::detail::metric_values(metric, counts, totals);
  std::map<std::string, double> out;
  for (const auto& [name, measure] : totals) out[name] = measure.value();
  ScoreArrays arrays;
  counts = sums;
  quix::detail::metric_arrays(metric, counts, arrays);
  CHECK(counts.empty());
  for (const auto& [name, array] : arrays) {
    const bool matrix = array.shape.size() == 2;
    const auto columns = matrix ? array.shape[1] : 1;
    CHECK(array.shape[0] * columns == array.numbers.size());
    for (std::size_t i = 0; i < array.numbers.size(); ++i)
      out[name + "/" + std::to_string(i / columns) + (matrix ? "/" + std::to_string(i % columns) : "")] =
          array.numbers[i];
  }
  return out;
}

struct Several {
  Accuracy accuracy{};
  TopK top{.k = 2};
  struct {
    ClassAccuracy classes{};
    PrecisionRecall scores{};
  } more{};
  Confusion confusion{};
  Auroc auroc{.bins = 1 << 16};
};

void metrics() {
  const auto check = [](const std::map<std::string, double>& got, const char* name, const char* golden_name,
                        double tolerance = 1e-6) {
    const double expected = std::stod(golden.find("metrics")->find(golden_name)->text);
    const auto found = got.find(name);
    if (found == got.end() || std::abs(found->second - expected) > tolerance)
      test::fail(__FILE__, __LINE__,
                 std::string(name) + ": " + (found == got.end() ? "missing" : std::to_string(found->second)) +
                     " is not " + std::to_string(expected));
  };
  const auto several = all(Several{}, data("logits"), data("classes"));
  for (const auto* name : {"accuracy", "top2", "class_accuracy", "precision", "recall", "f1", "f1_weighted",
                           "confusion/0/1", "confusion/3/3"})
    check(several, name, name);
  check(several, "f1_by_class/2", "f1/2");
  check(several, "auroc", "auroc", 1e-3);
  CHECK_EQ(several.size(), 8u + 4 + 4 + 16);
  const auto iou = all(MeanIoU{}, data("maps"), data("mask"));
  check(iou, "mean_iou", "mean_iou"), check(iou, "iou_by_class/2", "iou/2");
  const auto errors = all(RegressionErrors{}, data("numbers"), data("truth"));
  check(errors, "mae", "mae"), check(errors, "mse", "mse"), check(errors, "r2", "r2");
  check(all(Auroc{.bins = 1 << 16}, data("numbers").select(1, 0), data("binary").select(1, 0)), "auroc", "auroc_binary",
        1e-3);
  // Several labels are as many questions, also of bytes.
  double mean = 0;
  const auto truth = data("truth").gt(0);
  for (int c = 0; c < 3; ++c)
    mean += all(Auroc{}, data("numbers").narrow(1, c, 1), truth.narrow(1, c, 1).to(at::kFloat)).at("auroc") / 3;
  for (const auto type : {at::kFloat, at::kByte})
    CHECK(std::abs(all(Auroc{}, data("numbers"), truth.to(type)).at("auroc") - mean) < 1e-12);
  check(all(Auroc{.bins = 1 << 16}, data("numbers"), data("binary")), "auroc", "auroc_labels", 1e-3);
  check(all(Auroc{.bins = 1 << 16}, data("logits"), data("classes")), "auroc", "auroc_classes", 1e-3);
  // Equal outputs count half, to the last digit: bins of 0.5 hold one value each.
  check(all(Auroc{.bins = 48}, data("tied"), data("binary")), "auroc", "auroc_tied", 1e-12);
  CHECK_EQ(all(Auroc{}, at::zeros({12}), data("classes").gt(1)).at("auroc"), 0.5);
  CHECK_EQ(all(Auroc{}, at::zeros({12, 4}), data("classes")).at("auroc"), 0.5);
  // Masks of one class and of several.
  check(all(Auroc{.bins = 1 << 16}, data("area_logits"), data("area")), "auroc", "auroc_area", 1e-4);
  check(all(Auroc{.bins = 1 << 16}, data("area_logits").unsqueeze(1), data("area")), "auroc", "auroc_area", 1e-4);
  check(all(Auroc{.bins = 1 << 16}, data("maps"), data("areas")), "auroc", "auroc_areas", 1e-4);
  CHECK_EQ(all(TopK{.k = 9}, data("logits"), data("classes")).at("top9"), 1.0);
  // A class that is guessed and never occurs counts as one that is always wrong: truth 0, 0, 1, guesses 0, 2, 1.
  const auto guesses = at::eye(3).index_select(0, at::tensor({0, 2, 1}).repeat({4}));
  const auto classes = at::tensor({0, 0, 1}).repeat({4});
  const auto close = [](const std::map<std::string, double>& got, const char* name, double value) {
    return std::abs(got.at(name) - value) < 1e-12;
  };
  const auto precision = all(PrecisionRecall{}, guesses, classes);
  CHECK(close(precision, "precision", 2.0 / 3) && close(precision, "recall", 0.5));
  CHECK(close(precision, "f1", 5.0 / 9) && close(precision, "f1_weighted", 7.0 / 9) &&
        close(precision, "f1_by_class/2", 0) && close(precision, "f1_by_class/0", 2.0 / 3));
  CHECK(close(all(MeanIoU{}, guesses, classes), "mean_iou", 0.5));
  // A class that neither occurs nor is predicted has no value, and does not count in the mean.
  const auto two =
      all(ClassAccuracy{}, at::eye(3).index_select(0, at::tensor({0, 1}).repeat({6})), at::tensor({0, 1}).repeat({6}));
  CHECK(close(two, "class_accuracy", 1) && std::isnan(two.at("accuracy_by_class/2")));
  // Of nothing.
  std::span<const Counts> none;
  Totals totals;
  quix::detail::metric_values(Several{}, none, totals);
  CHECK_EQ(find(totals, "accuracy").value(), 0.0);
  CHECK_ERROR(Accuracy{}(at::randn({4, 1}), at::ones({4, 1})), "one output per sample", "quix::Auroc metrics{}",
              "quix::LossOnly metrics{}");
  CHECK_ERROR(Accuracy{}(at::randn({4, 3}), at::randn({4, 1})), "metrics", "[4, 3]", "[4, 1]");
  CHECK_ERROR(RegressionErrors{}.counts(at::randn({2}), at::randn({3})), "got outputs [2] and targets [3]");
}

}  // namespace

TESTS {
  const auto path = std::string(std::getenv("QUIX_GOLDEN")) + "/scores.json";
  golden = json::parse(io::read_text(path), path);
  losses(), metrics();
  return 0;
}
