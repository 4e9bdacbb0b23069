#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <quix/cfg/arguments.hpp>
#include <quix/cfg/help.hpp>
#include <quix/cfg/sources.hpp>
#include <quix/cfg/table.hpp>

/// Configuration for programs of any kind: a plain struct is its own command line, and reads and writes JSON, YAML and
/// TOML. Every function takes the struct's defaults as its last argument and throws Error with every problem found.
namespace quix::cfg {

namespace detail {

/// Settles a table from files in order, then flags. Whether --help was asked for.
Arguments settle(Table& table, std::span<const char* const> args, bool environment);
void settle(Table& table, const Document& document);
/// What a program of options alone does with its command line: --help and problems end it.
void run_command_line(Table& table, int argc, const char* const* argv, std::string_view about);
enum class Format { json, yaml, toml };
std::string print(const Table& table, Format format);

template <Group T>
T from(const Document& document, T value) {
  Table table;
  table.add(value);
  settle(table, document);
  return value;
}

template <Group T>
std::string print_value(const T& value, Format format) {
  auto copy = value;
  Table table;
  table.add(copy);
  return print(table, format);
}

}  // namespace detail

/// From a command line without the program's name: defaults < environment < files in order < flags.
template <Group T>
T parse(std::span<const char* const> args, T value = {}) {
  Table table;
  table.add(value);
  detail::settle(table, args, true);
  return value;
}

/// For a program's `main`:  `auto options = quix::cfg::parse<Options>(argc, argv);`  Here --help prints the options and
/// ends the program with 0, and a mistake ends it with 2, after a sentence for each. `about`: what the program does.
template <Group T>
T parse(int argc, const char* const* argv, T value = {}, std::string_view about = {}) {
  Table table;
  table.add(value);
  detail::run_command_line(table, argc, argv, about);
  return value;
}

template <Group T>
T from_file(const std::filesystem::path& path, T value = {}) {
  return detail::from(read_document(path), std::move(value));
}
template <Group T>
T from_json(std::string text, T value = {}) {
  return detail::from(parse_document("text.json", std::move(text)), std::move(value));
}
template <Group T>
T from_yaml(std::string text, T value = {}) {
  return detail::from(parse_document("text.yaml", std::move(text)), std::move(value));
}
template <Group T>
T from_toml(std::string text, T value = {}) {
  return detail::from(parse_document("text.toml", std::move(text)), std::move(value));
}

/// Each print reads back to an equal value. YAML and TOML carry the notes as comments.
template <Group T>
std::string to_json(const T& value) {
  return detail::print_value(value, detail::Format::json);
}
template <Group T>
std::string to_yaml(const T& value) {
  return detail::print_value(value, detail::Format::yaml);
}
template <Group T>
std::string to_toml(const T& value) {
  return detail::print_value(value, detail::Format::toml);
}

}  // namespace quix::cfg

#ifndef QUIX_SEPARATE
#include <quix/cfg/parse.ipp>
#endif
