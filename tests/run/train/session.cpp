// A run's records and returns: what a resume finds, and what it does not accept.
#include <check.hpp>

#include <fstream>

#include <quix/run/session.hpp>

using namespace quix;

namespace {

struct Run {
  std::filesystem::path runs;
  std::filesystem::path path() const { return runs / "exp/one"; }
  std::filesystem::path checkpoints() const { return path() / "checkpoints"; }
  std::string text(const char* file) const { return io::read_text(path() / file); }
  Session create() const { return {RunFolder::create(runs, {.experiment = "exp", .name = "one"}, true), Log{}}; }
  Session reopen() const { return {RunFolder::reopen(path()), Log{}}; }
};

EpochResult epoch(std::uint64_t n, Totals train) {
  return {.epoch = n, .step = 10 * n, .train = std::move(train), .val = {}, .seconds = 1, .samples_per_second = 2};
}

}  // namespace

TESTS {
  const test::Folder folder("session");
  const Run run{folder.path};
  Position position;
  {
    auto session = run.create();
    session.begin({}, "train: {}\n", {});
    session.log_epoch(epoch(1, {{"loss", {8, 2}}, {"auroc", {}}}));
    position.step = 10, position.epoch = 1;
    session.complete(position);
    // An epoch of skipped steps: no loss, not 0; and in the table neither.
    session.log_epoch(epoch(2, {{"loss", {}}, {"auroc", {}}}));
    session.log_steps(position, 0.5, {{"loss", {}}, {"accuracy", {1, 2}}});
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

  {  // Both files are cut to what the checkpoint knew; the records that follow are each there once.
    auto session = run.reopen();
    session.begin(position, "", {});
    CHECK_EQ(run.text("metrics.jsonl").size(), 64u);
    CHECK_EQ(run.text("timing.jsonl").size(), position.timing_bytes);
    session.log_epoch(epoch(2, {{"loss", {6, 2}}}));
  }
  for (const char* file : {"metrics.jsonl", "timing.jsonl"}) {
    const auto text = run.text(file);
    CHECK_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  }
  {  // A file of times that is too short is no reason to stop, and is not filled up; one of metrics is.
    std::filesystem::resize_file(run.path() / "timing.jsonl", 3);
    auto session = run.reopen();
    session.begin(position, "", {});
    CHECK_EQ(run.text("timing.jsonl").size(), 3u);
  }
  std::filesystem::resize_file(run.path() / "metrics.jsonl", 40);
  {
    auto session = run.reopen();
    CHECK_ERROR((session.begin(position, "", {}), 0), "metrics.jsonl", "is shorter than the checkpoint says");
  }

  // Rolling back: to the newest intact checkpoint from before training diverged, and each time further.
  const NonFinite policy{.action = NonFinite::Action::rollback};
  const Diverged error("step 45", "the loss is not a number", 40);
  const auto save = [&](std::uint64_t step, Position at = {}) {
    at.step = step;
    save_checkpoint(run.checkpoints(), at, {.model = {}, .optim = {}}, {});
  };
  {
    auto session = run.create();
    session.begin({}, "", {});
    for (const std::uint64_t step : {10u, 20u, 30u, 40u, 42u}) save(step);
    std::ofstream(checkpoint_folder(run.checkpoints(), 40) / "model.safetensors", std::ios::app) << "x";
    CHECK_EQ(session.rollback(error, policy), checkpoint_folder(run.checkpoints(), 30));  // not 42, not the damaged 40
    CHECK_EQ(session.rewind(checkpoint_folder(run.checkpoints(), 30), 0.5).step, 30u);
    position = {};
    session.complete(position);
    CHECK(position.rollbacks == 1 && position.oldest_return == 30);
    save(30, position);
  }
  {  // Resumed, it does not return to the same one again.
    auto session = run.reopen();
    session.begin(read_position(checkpoint_folder(run.checkpoints(), 30)), "", {});
    const auto rule = session.retention(2, policy, 44);
    CHECK(rule.keep == 2 && rule.good == 2 && rule.last_good == 44 && rule.before == 30);
    CHECK_EQ(session.retention(2, {}, 44).good, 0u);
    CHECK_EQ(session.rollback(error, policy), checkpoint_folder(run.checkpoints(), 20));
    CHECK_EQ(session.rollback(error, policy), checkpoint_folder(run.checkpoints(), 10));
    CHECK(session.rollback(error, policy).empty() && session.rollbacks() == 3);
  }
  {  // Not to one that is of other data.
    auto session = run.reopen();
    Position changed;
    changed.step = 25, changed.epoch = 3, changed.step_in_epoch = 4;
    change_data(changed, {{.split = "train", .samples = 7}});
    CHECK(changed.epoch == 4 && changed.step_in_epoch == 0 && changed.first_step == 25 && changed.first_epoch == 4);
    session.begin(changed, "", {});
    CHECK(session.rollback(error, policy).empty());
    save(25, changed);
    CHECK_EQ(session.rollback(error, policy), checkpoint_folder(run.checkpoints(), 25));
    const auto read = read_position(checkpoint_folder(run.checkpoints(), 25));
    CHECK(read.data && describe_change(*read.data, {{.split = "train", .samples = 7}}).empty());
    CHECK(read.first_step == 25 && read.first_epoch == 4);
  }

  // Positions behind an end.
  Position end;
  end.epoch = 6;
  check_position(end, 6, 10);
  CHECK_ERROR((check_position(end, 5, 10), 0), "--resume", "the run has 5 epochs", "--train.epochs");
  end.step_in_epoch = 1;
  CHECK_ERROR((check_position(end, 6, 10), 0), "after step 1 of epoch 7, and the run has 6 epochs");
  end.epoch = 2, end.step_in_epoch = 11;
  CHECK_ERROR((check_position(end, 6, 10), 0), "after step 11 of epoch 3, and an epoch has 10 steps");
  return 0;
}
