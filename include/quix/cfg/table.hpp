#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/error.hpp>
#include <quix/cfg/leaf.hpp>
#include <quix/cfg/node.hpp>
#include <quix/cfg/reflect.hpp>

namespace quix {

/// Where a value came from: the default, or the last place that set it.
struct Origin {
  std::string place;         ///< empty: the default. Else "base.yaml:3:7" or "--optim.lr"
  std::string overridden{};  ///< what that place replaced, as text
};

/// One option of a configuration: all that help, command line, files and errors need to know about a field.
struct Row {
  std::string path;                            ///< "optim.lr"
  std::string type;                            ///< "float"
  const Note* note = nullptr;                  ///< help and limits, if the struct has a note on the field
  void* value = nullptr;                       ///< the field itself
  void (*read)(const Node&, void*) = nullptr;  ///< throws Error without a place
  Node (*write)(const void*) = nullptr;
  bool boolean = false;
  bool list = false;
  bool command = false;   ///< an option of the program (`--name`), not of the experiment
  std::string initial{};  ///< the default as text
  Origin origin{};

  std::string_view help() const { return note ? note->help : std::string_view{}; }
  std::string_view leaf() const { return std::string_view(path).substr(path.rfind('.') + 1); }  // npos + 1 is 0
};

/// The options of one or more structs, as ordinary data. Points into the structs: they must outlive it and stay put.
class Table {
 public:
  /// Adds every field of `group` as `prefix.field`, nested groups included.
  template <class T>
  void add(T& group, const std::string& prefix = {}, bool command = false);

  /// Sets an option from what a file or flag says; checks type and limits. Throws Error placed at `place`.
  void assign(Row& row, const Node& node, const std::string& place);

  Row* find(std::string_view path);
  /// Whether some option lies below the path: `optim` when there is `optim.lr`.
  bool is_group(std::string_view path) const;
  /// Checks the defaults of the structs against their own limits.
  void check_defaults() const;

  std::vector<Row>& rows() { return rows_; }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  template <class T>
  void add_field(T& field, std::string path, const Note* note, bool command);
  void push(Row row);

  std::vector<Row> rows_;
};

namespace detail {

/// A scalar or list in one line, as the command line takes it.
std::string one_line(const Node& node);
/// "0 or more", "between 0 and 1", "greater than 0": empty without limits.
std::string limits_text(const Limits& limits);
/// Stops with a sentence where a number of the node is outside the limits.
void check_limits(const Node& node, const Limits& limits);

template <class T>
constexpr bool is_list = false;
template <class T>
constexpr bool is_list<std::vector<T>> = true;
template <class T, std::size_t N>
constexpr bool is_list<std::array<T, N>> = true;

/// Says, once and in words, what a struct of options cannot be or hold.
template <class T>
consteval bool check_group() {
  static_assert(
      std::is_aggregate_v<T>,
      "quix: a group of options is a plain struct: no constructors, no private members, no virtual functions. "
      "Give its fields default values instead, and put functions outside or make them const members.");
  if constexpr (std::is_aggregate_v<T>)
    static_assert(boost::pfr::tuple_size_v<T> <= 200,
                  "quix: a struct of options has at most 200 fields. Split it into nested groups.");
  return std::is_aggregate_v<T>;
}

}  // namespace detail

template <class T>
void Table::add(T& group, const std::string& prefix, bool command) {
  if constexpr (detail::check_group<T>() && boost::pfr::tuple_size_v < T >> 0) {
    boost::pfr::for_each_field_with_name(group, [&](std::string_view name, auto& field) {
      add_field(field, prefix.empty() ? std::string(name) : prefix + "." + std::string(name), detail::note_of<T>(name),
                command);
    });
  }
}

template <class T>
void Table::add_field(T& field, std::string path, const Note* note, bool command) {
  if constexpr (Group<T>) {
    add(field, path, command);
  } else {
    static_assert(!std::is_pointer_v<T>,
                  "quix: an option cannot be a pointer. Use std::string for text and std::optional<T> for a value that "
                  "may be absent.");
    static_assert(detail::HasLeaf<T> || std::is_pointer_v<T>,
                  "quix: this type cannot be an option. Options are bool, integers, floats, enums, std::string, paths, "
                  "optional, vector, "
                  "array, and plain structs of those; a type of your own joins by specialising quix::Leaf.");
    if constexpr (detail::HasLeaf<T>)
      push({.path = std::move(path),
            .type = Leaf<T>::name(),
            .note = note,
            .value = &field,
            .read = [](const Node& node, void* value) { *static_cast<T*>(value) = Leaf<T>::read(node); },
            .write = [](const void* value) { return Leaf<T>::write(*static_cast<const T*>(value)); },
            .boolean = std::is_same_v<T, bool>,
            .list = detail::is_list<T>,
            .command = command});
  }
}

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/cfg/table.ipp>
#endif
