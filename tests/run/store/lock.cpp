// The lock of a run, between processes; checkpoints that another process removes while they are read.
#include <check.hpp>

#include <fstream>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <quix/store.hpp>

using namespace quix;

namespace {

void save(const std::filesystem::path& folder, std::uint64_t step, std::size_t keep) {
  io::make_folder(folder);
  CheckpointWriter writer(folder, step);
  writer.add_text("state.json", "{\"step\": " + std::to_string(step) + "}\n");
  writer.commit(keep);
}

/// Another process that holds a run's lock until a byte, or the end, comes through a pipe; then it calls `last`.
struct Holder {
  int pipes[2][2];
  pid_t pid;
  template <class Last>
  Holder(const std::filesystem::path& run, Last&& last) {
    if (::pipe(pipes[0]) != 0 || ::pipe(pipes[1]) != 0) std::abort();
    pid = ::fork();
    if (pid == 0) {
      ::close(pipes[0][1]);
      const RunLock lock(run);
      char byte = 1;
      if (::write(pipes[1][1], &byte, 1) != 1) ::_exit(1);
      (void)!::read(pipes[0][0], &byte, 1);
      last();
      ::_exit(0);
    }
    ::close(pipes[0][0]);
    char byte;
    CHECK(::read(pipes[1][0], &byte, 1) == 1);  // it has the lock
  }
  void release() { CHECK(::write(pipes[0][1], "x", 1) == 1); }
  ~Holder() {
    ::close(pipes[0][1]);
    int status = 0;
    ::waitpid(pid, &status, 0);
  }
};

Holder* holder = nullptr;
int waits = 0;

}  // namespace

TESTS {
  const test::Folder folder("lock");
  const RunFacts facts{.experiment = "exp", .name = "one"};
  {
    auto run = RunFolder::create(folder.path, facts, false);
    run.set_state("running");
  }
  const auto path = folder.path / "exp/one";
  {
    Holder other(path, [] {});
    CHECK_ERROR(RunFolder::reopen(path), "another process is training in this run's directory;", "--lock_wait");
    CHECK_ERROR(RunFolder::reopen(path, 0.05), "(waited 0.05 s for it)");
    // Beside a live run nothing is replaced.
    CHECK_ERROR(RunFolder::create(folder.path, facts, /*replace=*/true), "another process is training");
    CHECK(std::filesystem::exists(path / "run.json"));
  }
  {  // The process that is waited for still saves: what is read afterwards is what it left.
    Holder other(path, [&] { save(path / "checkpoints", 7, 1); });
    holder = &other;
    const auto run = RunFolder::reopen(path, 60, [] { ++waits, holder->release(); });
    CHECK_EQ(waits, 1);
    CHECK(checkpoint_steps(run.checkpoints()) == std::vector<std::uint64_t>({7}));
  }
  {  // The directory is removed and made again meanwhile: the lock is that of the new one.
    Holder other(path, [&] {
      std::filesystem::rename(path / ".lock", path / "old.lock");
      std::ofstream(path / ".lock");
    });
    holder = &other;
    const auto run = RunFolder::reopen(path, 60, [] { holder->release(); });
    CHECK_ERROR(RunFolder::reopen(path), "another process is training");
  }

  // Without the lock: a checkpoint that goes while it is read is no damaged one; the next is taken.
  const auto checkpoints = folder.path / "checkpoints";
  std::vector<std::string> notices;
  std::vector<std::filesystem::path> seen;
  save(checkpoints, 10, 1);
  const auto found = read_newest_checkpoint(checkpoints, notices, [&](const std::filesystem::path& checkpoint) {
    seen.push_back(checkpoint);
    if (seen.size() == 1) save(checkpoints, 20, 1);
    (void)io::read_text(checkpoint / "state.json");
  });
  CHECK(seen == std::vector({checkpoint_folder(checkpoints, 10), checkpoint_folder(checkpoints, 20)}));
  CHECK(found == checkpoint_folder(checkpoints, 20));
  CHECK(notices.empty());
  // An error that is not of that kind is not tried again.
  int calls = 0;
  CHECK_ERROR(read_newest_checkpoint(checkpoints, notices,
                                     [&](const auto&) {
                                       ++calls;
                                       throw Error("model", "has other tensors");
                                     }),
              "has other tensors");
  CHECK_EQ(calls, 1);
  CHECK(!read_newest_checkpoint(folder.path / "none", notices, [](const auto&) {}));
  // A process that writes and removes all the time, and one that reads.
  const auto writer = ::fork();
  if (writer == 0) {
    for (std::uint64_t step = 21;; ++step) save(checkpoints, step, 1);
  }
  for (int i = 0; i < 100; ++i) {
    std::string text;
    notices.clear();
    const auto checkpoint =
        read_newest_checkpoint(checkpoints, notices, [&](const auto& at) { text = io::read_text(at / "state.json"); });
    CHECK(checkpoint && notices.empty() && text.starts_with("{\"step\": "));
  }
  ::kill(writer, SIGKILL);
  int status = 0;
  ::waitpid(writer, &status, 0);
  return 0;
}
