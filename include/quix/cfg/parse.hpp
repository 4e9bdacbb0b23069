#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/help.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/table.hpp>

namespace quix {

/// Configures a plain struct from a command line: its defaults, then the files in order, then the flags.
/// For programs without a Runner; throws Error with every problem found.
///
///     struct Options { std::string host = "localhost"; int port = 80; };
///     auto options = quix::parse<Options>(argc, argv);
template <Group T>
T parse(std::span<const char* const> args, T value = {}) {
  Table table;
  table.add(value);
  table.check_defaults();
  std::vector<Problem> problems;
  const auto arguments = read_arguments(args, table, {}, problems);
  for (const auto& file : arguments.files) {
    try {
      apply(read_document(file), table, problems);
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  apply(arguments, table, false, problems);
  if (!problems.empty()) throw Error(std::move(problems));
  return value;
}

template <Group T>
T parse(int argc, const char* const* argv, T value = {}) {
  return parse(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0),
               std::move(value));
}

}  // namespace quix
