// Where a program's options come from, the lower source first: defaults, environment, the run of --from or --resume,
// built-in configurations, files, flags.
#include <check.hpp>

#include <cstdlib>

#include <quix/io/file.hpp>
#include <quix/run/program.hpp>

using namespace quix;

namespace {

struct Options {
  int steps = 1;
  int free = 1;
  static constexpr std::array notes = {
      quix::note<&Options::steps>("", {.env = "QUIX_TEST_STEPS"}),
      quix::note<&Options::free>("", {.resumable = true, .env = "QUIX_TEST_FREE"}),
  };
};

struct Result {
  Options options{};
  Request request{};
};

Result read(std::initializer_list<const char*> words) {
  Result out;
  CommonOptions common;
  TrainOptions own;
  Table table;
  table.add(out.options);
  const quix::detail::EmbeddedConfig configs[] = {{"small.yaml", "steps: 20\n", ""}};
  const FreshTable fresh = [](const std::function<void(Table&)>&) {};
  std::vector<const char*> args{"program"};
  args.insert(args.end(), words.begin(), words.end());
  out.request = read_request(args, table, common, own, {"exp", fresh, configs});
  return out;
}

int steps(std::initializer_list<const char*> words) { return read(words).options.steps; }

}  // namespace

TESTS {
  const test::Folder folder("program");
  std::filesystem::current_path(folder.path);
  io::make_folder("runs/exp/old");
  io::replace("runs/exp/old/config.yaml", "steps: 10\n");
  io::replace("runs/exp/old/run.json", "{\"state\": \"interrupted\"}\n");
  io::replace("file.yaml", "steps: 30\n");

  CHECK_EQ(steps({}), 1);
  ::setenv("QUIX_TEST_STEPS", "5", 1);
  CHECK_EQ(steps({}), 5);
  CHECK_EQ(steps({"--from", "runs/exp/old"}), 10);
  CHECK_EQ(steps({"--resume", "--name", "old"}), 10);
  CHECK_EQ(steps({"--config", "small"}), 20);
  CHECK_EQ(steps({"--config", "small", "--from", "runs/exp/old"}), 20);
  CHECK_EQ(steps({"file.yaml"}), 30);
  CHECK_EQ(steps({"file.yaml", "--config", "small", "--from", "runs/exp/old"}), 30);
  CHECK_EQ(steps({"--steps", "40", "file.yaml", "--config", "small", "--from", "runs/exp/old"}), 40);

  // A resumed run keeps its options: what says another value in a file or a flag is an error, the environment is not.
  {
    const auto resumed = read({"--resume", "--name", "old", "--free", "7"});  // holds the run's lock
    CHECK_EQ(resumed.options.free, 7);
    CHECK_EQ(resumed.options.steps, 10);
    CHECK_EQ(resumed.request.run, std::filesystem::path("runs/exp/old"));
    CHECK_EQ(resumed.request.command_line, "program --resume --name old --free 7");
  }
  CHECK_EQ(steps({"--resume", "--name", "old", "--steps", "10"}), 10);
  CHECK_ERROR(read({"--resume", "--name", "old", "file.yaml"}), "file.yaml:1:", "steps was 10", "cannot become 30");
  CHECK_ERROR(read({"--resume", "--name", "old", "--steps", "11"}), "--steps", "steps was 10", "cannot become 11");
  CHECK_ERROR(read({"--resume", "--name", "none"}), "runs/exp/none");
  return 0;
}
