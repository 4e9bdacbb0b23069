#pragma once

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include <malloc.h>
#include <sched.h>

#include <quix/cfg/error.hpp>
#include <quix/run/process.hpp>

namespace quix {
QUIX_INLINE void keep_freed_memory() {
#ifdef __GLIBC__
  if (std::getenv("MALLOC_TRIM_THRESHOLD_") || std::getenv("GLIBC_TUNABLES")) return;
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 1 << 26);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 25);  // the largest that there is
#endif
}

QUIX_INLINE unsigned usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  unsigned cores = ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<unsigned>(CPU_COUNT(&set)) : 1;
  // A container's quota: "200000 100000" are two cores.
  std::ifstream quota("/sys/fs/cgroup/cpu.max");
  double used = 0, period = 0;
  if (quota >> used >> period && period > 0)
    cores = std::min(cores, std::max(1u, static_cast<unsigned>(used / period)));
  if (const char* local = std::getenv("LOCAL_WORLD_SIZE")) {
    unsigned ranks = 1;
    std::from_chars(local, local + std::char_traits<char>::length(local), ranks);
    cores /= std::max(1u, ranks);
  }
  return std::max(1u, cores);
}

QUIX_INLINE ThreadSplit split_threads(unsigned cores, std::optional<int> decode, std::optional<int> compute) {
  ThreadSplit split;
  if (decode && static_cast<unsigned>(*decode) >= cores && *decode > 0)
    throw Error("data.threads", std::to_string(*decode) + " decoding threads leave no core for training; use at most " +
                                    std::to_string(cores - 1) + ", or none for an automatic choice");
  split.decode = decode ? static_cast<unsigned>(*decode) : cores == 1 ? 0 : std::clamp(cores / 4, 1u, 16u);
  split.compute = std::max(1u, cores - split.decode);
  if (compute) {
    // Sums depend on the number of threads that add them up, so a resumed run keeps its own.
    split.compute = static_cast<unsigned>(*compute);
    split.decode = std::min(split.decode, cores > split.compute ? cores - split.compute : 0);
  }
  return split;
}

QUIX_INLINE std::string slow_blas() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const auto slash = line.find('/');
    if (slash == line.npos) continue;
    const std::string_view path = std::string_view(line).substr(slash);
    if (path.find("/blas/libblas.so") != path.npos)
      return "this LibTorch multiplies matrices with the reference BLAS (" + std::string(path) +
             "), 12 to 16 times slower than OpenBLAS; fix:  apt-get install libopenblas0-openmp";
    if (path.find("/openblas-pthread/") != path.npos)
      return "this LibTorch uses OpenBLAS with its own threads (" + std::string(path) +
             "), which compete with LibTorch's; fix:  apt-get install libopenblas0-openmp";
  }
  return {};
}

}  // namespace quix
