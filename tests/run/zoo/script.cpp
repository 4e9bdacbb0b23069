// A model that Python saved, trained here: the losses and outputs of golden/make_script.py.
#include <check.hpp>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include <ATen/ops/arange.h>

#include <quix/proc.hpp>
#include <quix/zoo/losses.hpp>
#include <quix/zoo/torch_script.hpp>

using namespace quix;

TESTS {
  const auto golden = std::filesystem::path(std::getenv("QUIX_GOLDEN")) / "script";
  auto model = TorchScript{.path = golden / "net.pt"}.build({});
  const Weights weights(*model);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : weights.parameters) names.push_back(name);
  CHECK(names.size() == 6);
  CHECK(std::find(names.begin(), names.end(), "body.0.weight") != names.end() &&
        std::find(names.begin(), names.end(), "head.bias") != names.end());
  CHECK_EQ(weights.buffers.size(), 3u);

  const auto x = at::arange(1, 8 * 36 + 1, at::kDouble).sin().to(at::kFloat).view({8, 1, 6, 6});
  const auto y = at::arange(8, at::kLong).remainder(3);
  BatchProcessor processor(Sgd{.lr = 0.05f, .momentum = 0.9f}, Constant{}, *model, Fp32{}, Ema{.decay = 0.5f});
  std::ifstream expected(golden / "trained.txt");
  const auto near = [&](double got) {
    double value = 0;
    return static_cast<bool>(expected >> value) && std::abs(got - value) < 2e-5 * (1 + std::abs(value));
  };
  model->train();
  for (int i = 0; i < 6; ++i) {
    processor(8, [&](auto& step) {
      step.outputs = model->forward(x);
      step.loss = CrossEntropy{}(step.outputs, y);
    });
    CHECK(near(processor.report().loss.value()));
  }
  model->eval();
  const auto outputs = model->forward(x).detach();
  for (int k = 0; k < 3; ++k) CHECK(near(outputs[0][k].item<double>()));
  {  // averaged weights are swapped into the script too
    const auto evaluation = processor.evaluation();
    CHECK(!model->forward(x).equal(outputs));
  }
  CHECK(model->forward(x).detach().equal(outputs));

  CHECK_ERROR(TorchScript{.path = golden / "frozen.pt"}.build({}), "frozen.pt", "no parameters to train");
  CHECK_ERROR(TorchScript{.path = golden / "absent.pt"}.build({}), "model.path", "file not found");
  CHECK_ERROR(TorchScript{.path = golden.parent_path() / "pt" / "state.pt"}.build({}), "state.pt",
              "not a TorchScript module");
  CHECK_ERROR(TorchScript{.path = golden / "trained.txt"}.build({}), "trained.txt", "not a TorchScript module");
  auto two = TorchScript{.path = golden / "two.pt"}.build({});
  CHECK_ERROR((two->forward(at::arange(2).to(at::kFloat)), 0), "two.pt",
              "expected forward() to return one tensor, got Tuple");
  return 0;
}
