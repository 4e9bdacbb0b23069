#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/table.hpp>

namespace quix {

/// A file of options, read but not applied.
struct Document {
  std::string name;  ///< as errors call it
  std::string text;
  Node root;
};

/// Reads a `.yaml`, `.yml` or `.json` file. Throws Error when it is missing, unreadable or no such format.
Document read_document(const std::filesystem::path& path);
/// The same from text that was embedded in the program; `name` ends in the format's suffix.
Document parse_document(std::string name, std::string text);

/// Sets the options that a document names. Problems are collected, all of them, with line, column and suggestion.
void apply(const Document& document, Table& table, std::vector<Problem>& problems);

/// One flag of the command line: which option, and what it is set to.
struct Assignment {
  Row* row = nullptr;
  Node value;
  std::string flag;  ///< as typed
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
/// (unique suffixes), `-l v`, `--flag`, `--no-flag`, `--list a,b,c`; `-` and `_` are alike, `--` ends flags.
Arguments read_arguments(std::span<const char* const> args, Table& table, std::span<const std::string_view> commands,
                         std::vector<Problem>& problems);

/// Applies flags: those of the program (`command`), or those of the experiment.
void apply(const Arguments& arguments, Table& table, bool command, std::vector<Problem>& problems);

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/sources.ipp>
#endif
