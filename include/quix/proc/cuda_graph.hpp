#pragma once

#include <functional>
#include <memory>

#include <torch/types.h>

// The only header that includes CUDA's: records work on a GPU, if the program is compiled with them.

namespace quix::detail {

/// `record(work)` records work on a GPU and returns a function that replays it.
using GraphRecorder = std::function<std::function<void()>(const std::function<void()>&)>;

}  // namespace quix::detail

#if __has_include(<cuda_runtime_api.h>) && __has_include(<crt/host_config.h>) && \
    __has_include(<c10/cuda/impl/cuda_cmake_macros.h>)

#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

namespace quix::detail {

inline constexpr bool has_cuda_graphs = true;

inline std::function<void()> record_graph(const c10::MempoolId_t& pool, const std::function<void()>& work) {
  const auto graph = std::make_shared<at::cuda::CUDAGraph>();
  graph->capture_begin(pool);
  try {
    work();
  } catch (...) {
    try {
      graph->capture_end();
    } catch (...) {  // reports that the recording is invalid; the cause was thrown above
    }
    throw;
  }
  graph->capture_end();
  return [graph] { graph->replay(); };
}

/// Calls body(recorder) on a separate stream, as recording requires. All recordings share one memory pool.
inline void with_recorder(at::Device device, const std::function<void(const GraphRecorder&)>& body) {
  const c10::cuda::CUDAGuard on(device);
  c10::cuda::device_synchronize();
  const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index()));
  const auto pool = at::cuda::graph_pool_handle();
  body([&](const std::function<void()>& work) { return record_graph(pool, work); });
  c10::cuda::device_synchronize();
}

}  // namespace quix::detail

#else

namespace quix::detail {

inline constexpr bool has_cuda_graphs = false;
inline void with_recorder(at::Device, const std::function<void(const GraphRecorder&)>&) {}

}  // namespace quix::detail

#endif
