// What a disk that fails does: every sync is looked at, new folders' entries are synced, and messages name the file and
// the reason. This program's fsync stands in for the system's.
#include <check.hpp>

#include <cerrno>
#include <csignal>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <quix/data.hpp>
#include <quix/io/file.hpp>

using namespace quix;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> synced;
std::string failing;  ///< the end of the path whose sync fails

ByteView bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

std::vector<std::string> syncs_of(const auto& act) {
  synced.clear();
  act();
  return synced;
}

}  // namespace

extern "C" int fsync(int fd) {
  const auto path = fs::read_symlink("/proc/self/fd/" + std::to_string(fd)).string();
  synced.push_back(path);
  if (failing.empty() || !path.ends_with(failing)) return 0;
  errno = EIO;
  return -1;
}

TESTS {
  const test::Folder scratch("disk");
  const auto folder = fs::canonical(scratch.path);
  using Paths = std::vector<std::string>;
  CHECK(syncs_of([&] { io::make_folder(folder / "a/b/c"); }) == Paths({folder / "a/b", folder / "a", folder.string()}));
  CHECK(syncs_of([&] { io::make_folder(folder / "a/b/c"); }).empty());
  CHECK(syncs_of([&] { io::replace(folder / "x", "one"); }) == Paths({folder / "x.part", folder.string()}));

  failing = "x.part";
  CHECK_ERROR(io::replace(folder / "x", "two"), "x.part: cannot be synced: Input/output error");
  CHECK(io::read_text(folder / "x") == "one" && !fs::exists(folder / "x.part"));
  failing = folder.filename().string();
  CHECK_ERROR(io::replace(folder / "x", "two"), folder.string() + ": cannot be synced: Input/output error");
  CHECK_ERROR(io::make_folder(folder / "d"), folder.string() + ": cannot be synced: Input/output error");
  failing.clear();

  // A shard is on the disk before it has its name, and its name before config.json says it.
  const auto write = [&](const fs::path& set, std::size_t size) {
    Writer writer(set);
    writer.write("train", "a", {{"txt", bytes(std::string(size, 'x'))}});
    writer.finish();
  };
  const auto order = syncs_of([&] { write(folder / "set", 10); });
  CHECK(order.size() > 4);
  CHECK(Paths(order.begin(), order.begin() + 5) ==
        Paths({folder.string(), folder / "set/train_0000.tar.part", folder / "set", folder / "set/config.json.part",
               folder / "set"}));
  for (const std::string file : {"train_0000.tar.part", "config.json.part"}) {
    failing = file;
    CHECK_ERROR(write(folder / "lost", 10), "lost/" + file + ": cannot be synced: Input/output error");
    CHECK(!fs::exists(folder / "lost/config.json") && !fs::exists(folder / ("lost/" + file)));
    failing.clear();
    fs::remove_all(folder / "lost");
  }

  // No room: here a limit of files' sizes, which is told as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const auto before = limit.rlim_cur;
  limit.rlim_cur = 1 << 16;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  CHECK_ERROR(write(folder / "full", 3 << 20), "full/train_0000.tar.part: cannot be written: File too large");
  CHECK_ERROR(write(folder / "full", 1 << 17), "full/train_0000.tar.part: cannot be written: File too large");
  CHECK(fs::is_empty(folder / "full"));
  limit.rlim_cur = before;
  ::setrlimit(RLIMIT_FSIZE, &limit);
  return 0;
}
