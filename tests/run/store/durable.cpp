// What is on the disk when a call returns: every fsync of this program is counted.
#include <check.hpp>

#include <algorithm>
#include <vector>

#include <sys/syscall.h>
#include <unistd.h>

#include <quix/store.hpp>

using namespace quix;

namespace {
std::vector<std::filesystem::path> synced;
std::filesystem::path root;

/// The paths that were synced since the last look, below the test's folder; "." is the folder.
std::vector<std::string> taken() {
  std::vector<std::string> out;
  for (const auto& path : synced) out.push_back(path.lexically_relative(root).string());
  synced.clear();
  return out;
}
bool has(const std::vector<std::string>& all, const char* one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}
}  // namespace

// Takes the place of libc's.
extern "C" int fsync(int fd) {
  char path[4096];
  const auto n = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path);
  synced.emplace_back(std::string(path, static_cast<std::size_t>(std::max<ssize_t>(n, 0))));
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

TESTS {
  const test::Folder folder("durable");
  root = std::filesystem::canonical(folder.path);

  io::replace(root / "text", "x");
  auto done = taken();
  CHECK(done == std::vector<std::string>({"text.part", "."}));

  // A new run: the entries of all its directories, up to the one that holds runs/.
  auto run = RunFolder::create(root / "runs", {.experiment = "exp", .name = "one"}, false);
  run.set_state("running");
  done = taken();
  for (const char* path : {".", "runs", "runs/exp", "runs/exp/one/run.json.part", "runs/exp/one"})
    if (!has(done, path)) test::fail(__FILE__, __LINE__, std::string("not synced: ") + path);

  // A checkpoint: its files, their directory, and the entry that makes it whole, in this order.
  CheckpointWriter writer(run.checkpoints(), 5);
  writer.add_text("state.json", "{}");
  writer.commit(2);
  done = taken();
  const std::string part = "runs/exp/one/checkpoints/.part-5";
  CHECK(done ==
        std::vector<std::string>({part + "/state.json", part + "/manifest.json", part, "runs/exp/one/checkpoints"}));
  return 0;
}
