// A run's records, its checkpoints and its returns: what a resume finds, and what it does not accept.
#include <check.hpp>

#include <cmath>
#include <fstream>

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>

#include <quix/run/checkpointer.hpp>
#include <quix/run/checks.hpp>
#include <quix/run/open_run.hpp>

using namespace quix;

namespace {

struct Run {
  std::filesystem::path runs;
  std::filesystem::path path() const { return runs / "exp/one"; }
  std::filesystem::path checkpoints() const { return path() / "checkpoints"; }
  std::filesystem::path checkpoint(std::uint64_t step) const { return checkpoint_folder(checkpoints(), step); }
  std::string text(const char* file) const { return io::read_text(path() / file); }
  OpenRun create() const {
    return {.folder = RunFolder::create(runs, {.experiment = "exp", .name = "one"}, true), .console = Console(true)};
  }
  OpenRun reopen() const { return {.folder = RunFolder::reopen(path()), .console = Console(true)}; }
  void save(std::uint64_t step, Position at = {}) const {
    at.step = step;
    save_checkpoint(checkpoints(), {.position = at}, {});
  }
};

void record(OpenRun& open, std::uint64_t n, Totals train) {
  const EpochResult epoch{
      .epoch = n, .step = 10 * n, .train = std::move(train), .val = {}, .seconds = 1, .samples_per_second = 2};
  open.recorder.write_epoch(epoch);
  open.console.say_epoch(epoch);
}

/// Records are written, and cut to what a checkpoint knew.
void records(const Run& run) {
  Position position;
  {
    auto open = run.create();
    open.begin({}, "train: {}\n", {});
    record(open, 1, {{"loss", {8, 2}}, {"auroc", {}}});
    position.step = 10, position.epoch = 1;
    Checkpointer(open, {}, {}, {}).complete(position);
    // An epoch of skipped steps: no loss, not 0; and in the table neither.
    record(open, 2, {{"loss", {}}, {"auroc", {}}});
    open.recorder.write_steps(position, 0.5, {{"loss", {}}, {"accuracy", {1, 2}}});
  }
  CHECK_EQ(run.text("metrics.jsonl"), R"({"kind": "epoch", "step": 10, "epoch": 1, "train": {"loss": 4}})"
                                      "\n"
                                      R"({"kind": "epoch", "step": 20, "epoch": 2, "train": {}})"
                                      "\n"
                                      R"({"kind": "steps", "step": 10, "epoch": 2, "lr": 0.5, "accuracy": 0.5})"
                                      "\n");
  const auto log = run.text("log.txt");
  CHECK(log.find("4.0000") != log.npos && log.find("0.0000") == log.npos && log.find(" - ") != log.npos);
  CHECK_EQ(position.metrics_bytes, 64u);
  CHECK_EQ(position.timing_bytes, run.text("timing.jsonl").find('\n') + 1);
  CHECK_EQ(quix::detail::bar_text({}), "loss -");

  {  // Both files are cut; the records that follow are each there once.
    auto open = run.reopen();
    open.begin(position, "", {});
    CHECK_EQ(run.text("metrics.jsonl").size(), 64u);
    CHECK_EQ(run.text("timing.jsonl").size(), position.timing_bytes);
    record(open, 2, {{"loss", {6, 2}}});
  }
  for (const char* file : {"metrics.jsonl", "timing.jsonl"}) {
    const auto text = run.text(file);
    CHECK_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  }
  {  // A file of times that is too short is no reason to stop, and is not filled up; one of metrics is.
    std::filesystem::resize_file(run.path() / "timing.jsonl", 3);
    auto open = run.reopen();
    open.begin(position, "", {});
    CHECK_EQ(run.text("timing.jsonl").size(), 3u);
  }
  std::filesystem::resize_file(run.path() / "metrics.jsonl", 40);
  auto open = run.reopen();
  CHECK_ERROR((open.begin(position, "", {}), 0), "metrics.jsonl", "is shorter than the checkpoint says");
}

/// A vector's number that is none is null: of a class that does not occur.
void arrays(const Run& run) {
  auto open = run.create();
  open.begin({}, "", {});
  open.recorder.write_epoch({.epoch = 1,
                             .step = 1,
                             .train = {{"loss", {1, 1}}},
                             .val = {},
                             .train_arrays = {{"by", {{2}, {0.5, std::nan("")}}}}});
  CHECK_EQ(run.text("metrics.jsonl"),
           "{\"kind\": \"epoch\", \"step\": 1, \"epoch\": 1, \"train\": {\"loss\": 1, \"by\": [0.5, null]}}\n");
}

/// Entries of a record have one name each.
void names() {
  check_metrics({{"loss", {}}, {"f1", {}}}, {{"f1_by_class", {}}});
  CHECK_ERROR((check_metrics({{"loss", {}}, {"loss", {}}}, {}), 0), "metrics", "would be called loss");
  CHECK_ERROR((check_metrics({{"loss", {}}, {"epoch", {}}}, {}), 0), "would be called epoch; rename the metric");
}

/// Rolling back: to the newest intact checkpoint from before training diverged, and each time further.
void returns(const Run& run) {
  const NonFinite policy{.action = NonFinite::Action::rollback};
  const Diverged error("step 45", "the loss is not a number", 40);
  Position position;
  {
    auto open = run.create();
    open.begin({}, "", {});
    Checkpointer checkpointer(open, {}, policy, {});
    for (const std::uint64_t step : {10u, 20u, 30u, 40u, 42u}) run.save(step);
    std::ofstream(run.checkpoint(40) / "model.safetensors", std::ios::app) << "x";
    CHECK_EQ(checkpointer.rollback(error), run.checkpoint(30));  // not 42, not the damaged 40
    CHECK_EQ(checkpointer.rewind(run.checkpoint(30), 0.5).step, 30u);
    checkpointer.complete(position);
    CHECK(position.rollbacks == 1 && position.oldest_return == 30);
    run.save(30, position);
  }
  {  // Resumed, it does not return to the same one again.
    auto open = run.reopen();
    const auto at = read_position(run.checkpoint(30));
    open.begin(at, "", {});
    Checkpointer checkpointer(open, {.keep = 2}, policy, at);
    const auto rule = checkpointer.retention(44);
    CHECK(rule.keep == 2 && rule.good == 2 && rule.last_good == 44 && rule.before == 30);
    CHECK_EQ(Checkpointer(open, {}, {}, at).retention(44).good, 0u);
    CHECK_EQ(checkpointer.rollback(error), run.checkpoint(20));
    CHECK_EQ(checkpointer.rollback(error), run.checkpoint(10));
    CHECK(checkpointer.rollback(error).empty() && checkpointer.rollbacks() == 3);
  }
  // Not to one that is of other data.
  auto open = run.reopen();
  Position changed;
  changed.step = 25, changed.epoch = 3, changed.step_in_epoch = 4;
  change_data(changed, {{.split = "train", .samples = 7}});
  CHECK(changed.epoch == 4 && changed.step_in_epoch == 0 && changed.first_step == 25 && changed.first_epoch == 4);
  open.begin(changed, "", {});
  Checkpointer checkpointer(open, {}, policy, changed);
  CHECK(checkpointer.rollback(error).empty());
  run.save(25, changed);
  CHECK_EQ(checkpointer.rollback(error), run.checkpoint(25));
  const auto read = read_position(run.checkpoint(25));
  CHECK(read.data && describe_change(*read.data, {{.split = "train", .samples = 7}}).empty());
  CHECK(read.first_step == 25 && read.first_epoch == 4);
}

/// When one is due.
void times(const Run& run) {
  auto open = run.create();
  const Checkpointer often(open, {.every_epochs = 2, .every_steps = 3}, {}, {}),
      never(open, {.every_epochs = 0}, {}, {});
  CHECK(often.after_epoch(4) && !often.after_epoch(3) && often.after_step(6) && !often.after_step(7));
  CHECK(!never.after_epoch(1) && !never.after_step(1));
}

/// A snapshot is a copy between two steps; numbers and tensors come back from what was saved of it.
void snapshots(const Run& run) {
  std::uint64_t steps = 7;
  std::int64_t skipped = -2;
  double scale = 0.5, memory[2] = {1, 2};
  const auto weight = at::full({2, 3}, 4.0f), moment = at::full({3}, 5.0f, at::kDouble);
  RunState state{.model = {{"w", weight}, {"tied", weight}}, .averaged = NamedTensors{{"w", at::ones({2})}}};
  const auto list = [&] {
    StateList out;
    out.add({{"moment", moment}});
    out.add("steps", steps), out.add("skipped", skipped), out.add("scale", scale);
    out.add("memory", std::span<double>(memory));
    return out;
  };
  state.training = list();
  const auto before = snapshot({.step = 7}, state);
  // Training goes on.
  weight.fill_(-1), moment.fill_(-1), state.averaged->front().second.fill_(-1);
  steps = 8, skipped = 0, scale = 1, memory[0] = memory[1] = 9;
  save_checkpoint(run.checkpoints(), before, {});
  CHECK_EQ(io::Safetensors(run.checkpoint(7) / "model.safetensors").entries().size(), 1u);  // the tied one is an alias

  load_checkpoint(run.checkpoint(7), state);
  CHECK(weight.equal(at::full({2, 3}, 4.0f)) && moment.equal(at::full({3}, 5.0f, at::kDouble)));
  CHECK(steps == 7 && skipped == -2 && scale == 0.5 && memory[0] == 1 && memory[1] == 2);
  const auto averaged = at::full({2}, 3.0f);
  load_tensors(run.checkpoint(7) / "averaged.safetensors", {{"w", averaged}});
  CHECK(averaged.equal(at::ones({2})));
  // A list that has more than the file.
  StateList more = list();
  double other = 3;
  more.add("other", other);
  CHECK_ERROR((more.load(run.checkpoint(7) / "optim.safetensors"), 0), "other");
  more.load(run.checkpoint(7) / "optim.safetensors", "other");
  CHECK_EQ(other, 1.0);
}

/// Positions behind an end.
void ends() {
  Position end;
  end.epoch = 6;
  check_position(end, 6, 10);
  CHECK_ERROR((check_position(end, 5, 10), 0), "--resume", "the run has 5 epochs", "--train.epochs");
  end.step_in_epoch = 1;
  CHECK_ERROR((check_position(end, 6, 10), 0), "after step 1 of epoch 7, and the run has 6 epochs");
  end.epoch = 2, end.step_in_epoch = 11;
  CHECK_ERROR((check_position(end, 6, 10), 0), "after step 11 of epoch 3, and an epoch has 10 steps");
}

}  // namespace

TESTS {
  const test::Folder folder("records");
  records({folder.path / "a"}), returns({folder.path / "b"}), times({folder.path / "c"}), ends(),
      arrays({folder.path / "e"}), names();
  const Run run{folder.path / "d"};
  auto open = run.create();
  snapshots(run);
  return 0;
}
