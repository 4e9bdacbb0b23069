#pragma once

// Bytes that others also read: files, hashes, tensors on disk. No torch.

#include <quix/io/dtype.hpp>
#include <quix/io/file.hpp>
#include <quix/io/safetensors.hpp>
#include <quix/io/sha256.hpp>
