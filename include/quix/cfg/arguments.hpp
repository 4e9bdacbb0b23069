#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/table.hpp>

namespace quix {

class Layers;

/// One flag of the command line: which option or group, and what it is set to.
struct Assignment {
  std::string path;
  Node value;
  std::string flag;  ///< as typed
  bool append = false;
  bool command = false;  ///< an option of the program
};

/// What was typed, resolved against a table but not applied.
struct Arguments {
  std::string command;
  std::vector<std::string> files;
  std::vector<Assignment> assignments;
  bool help = false;
  std::string help_group;
};

/// Reads the command line: an optional command, files, and flags in any of the forms `--a.b v`, `--a.b=v`, `--b v`
/// (unique suffixes), `-l v`, `--flag`, `--no-flag`, `--list a,b,c`, `--list+=d`, `--group '{"b": 1}'`, `--group
/// @file.yaml`; `-` and `_` are alike, `--` ends flags.
Arguments read_arguments(std::span<const char* const> args, const Table& table,
                         std::span<const std::string_view> commands, std::vector<Problem>& problems);

/// Adds the flags to the layers as one level above all others: those of the program (`command`), or those of the
/// experiment.
void add_flags(const Arguments& arguments, Layers& layers, bool command);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/arguments.ipp>
#endif
