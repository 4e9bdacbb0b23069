#pragma once

#include <span>

namespace quix::tool {

/// Each takes the words after its name, and returns an exit code. Throws quix::Error.
int data_import(std::span<const char* const> args);
int data_ls(std::span<const char* const> args);

}  // namespace quix::tool
