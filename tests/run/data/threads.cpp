// A thread that cannot be started is an error: the others are stopped and joined.
#include <check.hpp>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <quix/data/parallel.hpp>
#include <quix/data/pipeline.hpp>

using namespace quix;

namespace {

void decode(const void*, std::uint64_t, std::size_t, std::size_t, std::byte*, Scratch&, Pipeline::Failures&) {}

/// In a process with no room for the stacks of many threads. 0 when all is as it should be.
int child() {
  Pool pool(64);
  auto warm = pool.get();
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = std::size_t{600} << 20;  // 8 MiB of stack for each thread
  if (::setrlimit(RLIMIT_AS, &limit) != 0) return 77;
  CHECK_ERROR(quix::detail::in_parallel(400, 400, [](std::size_t) { ::usleep(1000); }), "threads: thread ",
              "of 399 cannot be started: ", "; ask for fewer");
  CHECK_ERROR(Pipeline({.decode = &decode, .end = 100'000, .batch = 100, .threads = 400}, pool), "threads: thread ",
              "of 400 cannot be started: ");
  // Afterwards all is as before.
  std::atomic<int> sum{0};
  quix::detail::in_parallel(10, 3, [&](std::size_t i) { sum += static_cast<int>(i); });
  CHECK_EQ(sum.load(), 45);
  return test::failures;
}

}  // namespace

TESTS {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  std::printf("skipped: a sanitizer needs the address space\n");
  return 77;
#else
  const auto process = ::fork();
  if (process == 0) ::_exit(child());
  int status = 0;
  CHECK_EQ(::waitpid(process, &status, 0), process);
  CHECK(WIFEXITED(status));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) return 77;
  CHECK_EQ(WEXITSTATUS(status), 0);
  return 0;
#endif
}
