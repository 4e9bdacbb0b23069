// What is written for GPUs, with CUDA's headers and without a GPU: it compiles.
#include <quix/proc/graph.ipp>

static_assert(quix::detail::has_cuda_graphs);
