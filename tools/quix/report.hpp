#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <quix/data/class_tree.hpp>

namespace quix::tool {

/// Prints rows with their cells below one another; the first row is a heading.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// A field of a sample's struct: "quix::Class<\"cls\">", "label", and a remark.
struct SampleField {
  std::string type, name, remark;
};
/// Prints the struct to paste into an experiment.
/// The field that reads a suffix.
SampleField field_of(const std::string& suffix);
void print_sample(const std::vector<SampleField>& fields);

/// "left out of train: files of type .txt: 3 (the first: a/1.txt)"
void print_left_out(const std::vector<Omission>& all, const std::string& where, std::uint64_t junk);

}  // namespace quix::tool
