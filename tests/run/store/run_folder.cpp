// Runs and checkpoints on disk: names, locks, damage, retention.
#include <check.hpp>

#include <chrono>
#include <fstream>

#include <quix/store.hpp>

using namespace quix;

namespace {

void save(const std::filesystem::path& folder, std::uint64_t step, std::size_t keep) {
  io::make_folder(folder);
  CheckpointWriter writer(folder, step);
  writer.add_text("state.json", "{\"step\": " + std::to_string(step) + "}\n");
  writer.commit(keep);
}

/// The run of a live process is neither reopened nor replaced; another is replaced only when asked.
void a_live_run_stays(const test::Folder& folder, const RunFacts& facts) {
  {
    auto run = RunFolder::create(folder.path, facts, false);
    run.set_state("running");
    CHECK_ERROR(RunFolder::reopen(run.path()), "another process is training in this run's directory");
    CHECK_EQ(run.path(), folder.path / "exp/one");
    // Beside a live run nothing is replaced.
    CHECK_ERROR(RunFolder::create(folder.path, facts, /*replace=*/true), "another process is training");
    CHECK(std::filesystem::exists(run.path() / "run.json"));
  }
  CHECK_ERROR(RunFolder::create(folder.path, facts, false), "this run exists already", "--resume", "--overwrite");
}

/// A replacement keeps a user's own files; and which of two runs is the newest.
void replaced_and_newest(const test::Folder& folder, const RunFacts& facts) {
  {
    auto run = RunFolder::reopen(folder.path / "exp/one");
    save(run.checkpoints(), 1, 0);
    std::ofstream(run.path() / "my_notes.txt") << "mine";
  }
  {
    auto run = RunFolder::create(folder.path, facts, /*replace=*/true);
    CHECK(checkpoint_steps(run.checkpoints()).empty());
    CHECK(std::filesystem::exists(run.path() / "my_notes.txt"));  // what a user put there stays
    run.set_state("finished");
    CHECK_EQ(newest_run(folder.path, "exp"), run.path());
    // A run that wrote a checkpoint since is newer than one that began later.
    namespace fs = std::filesystem;
    auto second = facts;
    second.name = "second";
    auto other = RunFolder::create(folder.path, second, false);
    other.set_state("running");
    const auto now = fs::file_time_type::clock::now();
    const auto back = [&](const fs::path& path, int minutes) {
      fs::last_write_time(path, now - std::chrono::minutes(minutes));
    };
    back(run.path() / "run.json", 30), back(other.path() / "run.json", 20), back(other.checkpoints(), 20);
    back(run.checkpoints(), 10);
    CHECK_EQ(newest_run(folder.path, "exp"), run.path());
    back(run.checkpoints(), 30);
    CHECK_EQ(newest_run(folder.path, "exp"), other.path());
  }
}

void interrupted_replacement(const test::Folder& folder, const RunFacts& facts) {
  {  // a replacement that was interrupted: without run.json, but with what an old run wrote
    auto third = facts;
    third.name = "third";
    { const auto old = RunFolder::create(folder.path, third, false); }
    const auto path = folder.path / "exp/third";
    for (const char* left : {"log.txt", "metrics.jsonl", "mine.txt"}) std::ofstream(path / left) << "old";
    save(path / "checkpoints", 9, 0);
    const auto fresh = RunFolder::create(folder.path, third, false);
    CHECK(!std::filesystem::exists(path / "log.txt") && !std::filesystem::exists(path / "metrics.jsonl"));
    CHECK(std::filesystem::exists(path / "mine.txt") && checkpoint_steps(fresh.checkpoints()).empty());
  }
}

void left_by_a_killed_process(const test::Folder& folder) {
  {  // what a killed process was writing goes, when another one continues the run
    const auto part = folder.path / "exp/one/checkpoints/.part-7";
    std::filesystem::create_directories(part);
    std::ofstream(part / "model.safetensors") << "half";
    save(folder.path / "exp/one/checkpoints", 6, 0);
    const auto run = RunFolder::reopen(folder.path / "exp/one");
    CHECK(!std::filesystem::exists(part));
    CHECK_EQ(checkpoint_steps(run.checkpoints()).size(), 1u);
  }
}

void names_of_no_run(const test::Folder& folder) {
  CHECK_ERROR(newest_run(folder.path, "other"), "no run yet");
  CHECK_ERROR(RunFolder::reopen(folder.path / "exp/two"), "no run found");
  for (const char* name : {"", ".", "..", "a/b", "-x"})
    CHECK_ERROR((check_run_name(name), 0), "expected a plain directory name");
  check_run_name("exp7.second");
}

/// Checkpoints: whole or not there.
void whole_or_not_there(const test::Folder& folder) {
  const auto checkpoints = folder.path / "checkpoints";
  for (const std::uint64_t step : {5u, 100u, 20u}) save(checkpoints, step, 0);
  CHECK(checkpoint_steps(checkpoints) == std::vector<std::uint64_t>({5, 20, 100}));
  save(checkpoints, 200, 2);
  CHECK(checkpoint_steps(checkpoints) == std::vector<std::uint64_t>({100, 200}));
  {
    CheckpointWriter unfinished(checkpoints, 300);
    unfinished.add_text("state.json", "{}");
  }
  CHECK(checkpoint_steps(checkpoints) == std::vector<std::uint64_t>({100, 200}));
}

/// The newest intact one is found, and damage is said: of those that whole_or_not_there() left.
void damaged_checkpoints(const test::Folder& folder) {
  const auto checkpoints = folder.path / "checkpoints";
  std::vector<std::string> notices;
  CHECK_EQ(newest_checkpoint(checkpoints, notices).value(), checkpoint_folder(checkpoints, 200));
  CHECK(notices.empty());
  std::ofstream(checkpoint_folder(checkpoints, 200) / "state.json", std::ios::app) << " ";
  CHECK_EQ(newest_checkpoint(checkpoints, notices).value(), checkpoint_folder(checkpoints, 100));
  CHECK(notices.size() == 1 && notices[0].find("state.json does not match its hash") != std::string::npos);
  std::filesystem::remove(checkpoint_folder(checkpoints, 100) / "manifest.json");
  // A run with nothing but damaged ones must not begin anew over its records.
  CHECK_ERROR(newest_checkpoint(checkpoints, notices), "00000200: corrupt checkpoint", "00000100: corrupt checkpoint",
              "no intact checkpoint");
  drop_checkpoints_after(checkpoints, 100);
  CHECK(checkpoint_steps(checkpoints) == std::vector<std::uint64_t>({100}));
  {  // the same step again takes the place of the one that is there
    CheckpointWriter again(checkpoints, 100);
    again.add_text("state.json", "{}");
    again.commit(1);
  }
  CHECK_EQ(newest_checkpoint(checkpoints, notices).value(), checkpoint_folder(checkpoints, 100));
  CHECK(!newest_checkpoint(folder.path / "none", notices));
}

void kept_for_a_rollback(const test::Folder& folder) {
  {  // a replacement leaves what a rollback may need
    const Retention rule{.keep = 2, .good = 2, .last_good = 6, .before = 6};
    const std::uint64_t steps[] = {1, 3, 4, 6, 7, 8, 9};
    CHECK(rule.dropped(steps) == std::vector<std::uint64_t>({7, 6, 1}));
    CHECK(Retention{.keep = 3}.dropped(steps) == std::vector<std::uint64_t>({6, 4, 3, 1}));
    CHECK(Retention{}.dropped(steps).empty());
    const auto kept = folder.path / "kept";
    for (const std::uint64_t step : steps) save(kept, step, 0);
    CheckpointWriter writer(kept, 10);
    writer.add_text("state.json", "{}");
    writer.commit(rule);
    CHECK(checkpoint_steps(kept) == std::vector<std::uint64_t>({3, 4, 9, 10}));
    for (const auto& entry : std::filesystem::directory_iterator(kept))
      CHECK(!entry.path().filename().string().starts_with(".part-"));
  }
}

void fresh_names(const test::Folder& folder) {
  const auto name = fresh_run_name(folder.path, "exp");
  std::filesystem::create_directories(folder.path / "exp" / name);
  CHECK(fresh_run_name(folder.path, "exp") != name);
}

}  // namespace

TESTS {
  const test::Folder folder("runs");
  const RunFacts facts{.experiment = "exp",
                       .name = "one",
                       .command = "exp --name one",
                       .folder = "/",
                       .git = "abc",
                       .compiler = "g++",
                       .flags = "-O2",
                       .libtorch = "2",
                       .dirty = true,
                       .seed = 3};
  a_live_run_stays(folder, facts);
  replaced_and_newest(folder, facts);
  interrupted_replacement(folder, facts);
  left_by_a_killed_process(folder);
  names_of_no_run(folder);
  whole_or_not_there(folder);
  damaged_checkpoints(folder);
  kept_for_a_rollback(folder);
  fresh_names(folder);
  return 0;
}
