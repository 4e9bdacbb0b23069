#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/table.hpp>

namespace quix {

/// A file of options, read but not applied.
struct Document {
  std::shared_ptr<const Source> source;
  Node root;
  std::filesystem::path folder{};  ///< that `include:` is relative to
  bool on_disk = false;
};

/// Reads a `.yaml`, `.yml`, `.json` or `.toml` file. Throws Error when it is missing, unreadable or no such format.
Document read_document(const std::filesystem::path& path);
/// The same from text that was embedded in the program; `name` ends in the format's suffix.
Document parse_document(std::string name, std::string text);
/// Whether a word names a file of options by its suffix.
bool is_document(std::string_view word);

/// Turns sources into settings of a table, in ascending order. Problems are collected, all of them, with line, column
/// and suggestion.
class Layers {
 public:
  Layers(Table& table, std::vector<Problem>& problems) : table_(table), problems_(problems) {}

  /// Variables of the environment that notes name; an empty one counts as unset.
  void environment();
  /// A document, and below it those that it includes. `group`: where its options stand.
  void document(const Document& document, const std::string& group = {});
  /// The same from a file; a problem with reading it is collected too.
  void file(const std::filesystem::path& path, const std::string& group = {});
  /// One flag of the command line: an option, or a group as a whole.
  void flag(const std::string& path, const Node& value, const std::string& name, bool append, int level);
  /// A separate level for what comes next.
  int next_level() { return ++level_; }
  /// Adds the settings of a value that belongs to a group or an option.
  void put(const Node& value, const std::string& path, const std::shared_ptr<const Source>& source, int level);

  /// Documents that are built in: what an included name means inside one that came from no file.
  std::vector<Document> builtin{};

  std::vector<Setting> take() { return std::move(settings_); }

 private:
  void includes(const Node& node, const std::string& group, const Document& document);
  void include(const std::string& name, const std::string& group, const Node& at, const Document& from);
  static std::filesystem::path identity(const std::string& name);
  void members(const Node& node, const std::string& group, const std::shared_ptr<const Source>& source, int level);
  void member(const Node::Member& member, const std::string& group, const std::shared_ptr<const Source>& source,
              int level);
  bool is_include(const Node::Member& member, const std::string& group) const;
  bool is_option(const std::string& path) const;

  Table& table_;
  std::vector<Problem>& problems_;
  std::vector<Setting> settings_;
  std::vector<std::filesystem::path> open_;  // the chain of includes
  int level_ = 0;
  int files_ = 0;
};

namespace detail {

/// "; did you mean model.hidden?", or the names that are there. `dashes`: "--" on the command line.
std::string advice(std::string_view path, const Table& table, std::string_view group, const std::string& dashes);
std::string underscored(std::string_view text);

}  // namespace detail
}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/sources.ipp>
#endif
