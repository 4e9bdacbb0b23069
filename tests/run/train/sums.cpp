// Sums of a pass that a checkpoint holds: back as they were, in their order, and from the names of older formats.
#include <check.hpp>

#include <filesystem>
#include <fstream>

#include <quix/run/state.hpp>
#include <quix/run/sums.hpp>

using namespace quix;
using quix::detail::Sums;

namespace {

bool same(const Measure& a, const Measure& b) { return a.sum == b.sum && a.weight == b.weight; }
bool same(const Sums& a, const Sums& b) {
  if (!same(a.loss, b.loss) || a.parts.size() != b.parts.size() || a.metrics != b.metrics) return false;
  for (std::size_t i = 0; i < a.parts.size(); ++i)
    if (a.parts[i].first != b.parts[i].first || !same(a.parts[i].second, b.parts[i].second)) return false;
  return true;
}

}  // namespace

TESTS {
  const test::Folder folder("sums");
  Sums epoch{.loss = {0.1, 3}, .parts = {{"dice", {1, 2}}, {"cross entropy/x", {3, 4}}}, .metrics = {}};
  for (int m = 0; m < 12; ++m) epoch.metrics.push_back(Counts(static_cast<std::size_t>(m), m / 3.0));
  epoch.metrics.push_back(Counts(100'000, 0.1));  // a matrix of 316 classes is one tensor
  Sums interval{.loss = {-1e300, 1}, .parts = {}, .metrics = {{1e-300}}};
  Position position{.step = 7, .sums = epoch.saved("epoch")};
  for (auto& entry : interval.saved("steps")) position.sums.push_back(std::move(entry));
  const auto weight = at::ones({2});
  save_checkpoint(folder.path, {.position = position, .model = {{"w", weight}}, .training = {{"s", weight}}},
                  {.keep = 1});
  const auto checkpoint = checkpoint_folder(folder.path, 7);
  const auto back = read_position(checkpoint);
  CHECK(same(Sums::restored(back.sums, "epoch"), epoch) && same(Sums::restored(back.sums, "steps"), interval));
  CHECK(std::filesystem::file_size(checkpoint / "state.json") < 1000);

  // Format 5 had two numbers to a name.
  std::ofstream(checkpoint / "state.json") << R"({"format": 5, "step": 7, "epoch": 1, "step_in_epoch": 2,
    "metrics_bytes": 3, "timing_bytes": 4, "taken": 7, "compute_threads": 1, "rollbacks": 0, "oldest_return": 9,
    "first_step": 0, "first_epoch": 0, "totals": {"epoch.loss": [0.5, 2], "epoch.part.dice": [1, 2],
    "epoch.metric.0.0": [1, 2], "epoch.metric.0.2.last": [3, 0], "epoch.metric.1.0": [4, 5], "steps.loss": [6, 7]}})";
  std::filesystem::remove(checkpoint / "sums.safetensors");
  const auto old = read_position(checkpoint);
  CHECK(same(Sums::restored(old.sums, "epoch"),
             {.loss = {0.5, 2}, .parts = {{"dice", {1, 2}}}, .metrics = {{1, 2, 3}, {4, 5}}}));
  CHECK(same(Sums::restored(old.sums, "steps"), {.loss = {6, 7}, .parts = {}, .metrics = {}}));
  return 0;
}
