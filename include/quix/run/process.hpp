#pragma once

#include <optional>
#include <string>

#include <quix/detail/separate.hpp>

namespace quix {

/// The cores that this process may use, divided by the processes of the run on this machine.
unsigned usable_cores();

/// Decoding threads and LibTorch's threads: together never more than the cores, as two pools that share cores slow each
/// other down.
struct ThreadSplit {
  unsigned decode = 0;
  unsigned compute = 1;
};
/// `decode`: what the user asked for, if anything; `compute`: what a resumed run has to have. Throws Error where no
/// core is left.
ThreadSplit split_threads(unsigned cores, std::optional<int> decode, std::optional<int> compute = {});

/// Lets the C library keep the memory that tensors free: without it the pages of a step's activations are given back
/// and asked for again, cleared, in every step, which costs a convolutional network a sixth to a third of its time.
/// Leaves alone what MALLOC_TRIM_THRESHOLD_ or GLIBC_TUNABLES say. The programs of quix::main do it.
void keep_freed_memory();

/// A sentence when this process multiplies matrices with the reference BLAS of a distribution, else empty.
std::string slow_blas();

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/process.ipp>
#endif
