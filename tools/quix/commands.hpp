#pragma once

#include <span>

namespace quix::tool {

/// Each takes the words after its name, and returns an exit code. Throws quix::Error.
int data_import(std::span<const char* const> args);
int data_ls(std::span<const char* const> args);
int data_index(std::span<const char* const> args);
int data_verify(std::span<const char* const> args);
int data_stat(std::span<const char* const> args);
int data_head(std::span<const char* const> args);
int data_cat(std::span<const char* const> args);
int data_pack(std::span<const char* const> args);
int data_convert(std::span<const char* const> args);
int data_split(std::span<const char* const> args);

}  // namespace quix::tool
