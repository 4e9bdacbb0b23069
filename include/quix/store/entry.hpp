#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <quix/cfg/node.hpp>
#include <quix/detail/separate.hpp>

namespace quix::detail {

/// An entry of a JSON file that quix wrote and users may have edited. Reading a value of another type throws Error that
/// names the file and the entry.
class Entry {
 public:
  Entry(std::filesystem::path file, std::string name, const Node& node)
      : file_(std::move(file)), name_(std::move(name)), node_(&node) {}

  /// Throws Error where there is none.
  Entry operator[](std::string_view key) const;
  std::vector<Entry> items() const;
  /// A non-negative integer.
  std::int64_t number() const;
  std::string text() const;
  [[noreturn]] void refuse(std::string_view expected) const;

 private:
  std::filesystem::path file_;
  std::string name_;
  const Node* node_;
};

}  // namespace quix::detail

#ifndef QUIX_SEPARATE
#include <quix/store/entry.ipp>
#endif
