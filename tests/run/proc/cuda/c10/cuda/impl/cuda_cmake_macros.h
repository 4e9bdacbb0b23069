#pragma once

// LibTorch's build for CUDA has this header, its build for CPUs lacks it alone of c10/cuda: for proc/cuda_syntax.
#define C10_CUDA_BUILD_SHARED_LIBS
