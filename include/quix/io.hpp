#pragma once

// Bytes that others also read: files, hashes, tensors on disk. No torch.

#include <quix/io/dtype.hpp>
#include <quix/io/file.hpp>
#include <quix/io/format.hpp>
#include <quix/io/npy.hpp>
#include <quix/io/pickle.hpp>
#include <quix/io/pt.hpp>
#include <quix/io/safetensors.hpp>
#include <quix/io/sha256.hpp>
#include <quix/io/stored_zip.hpp>
