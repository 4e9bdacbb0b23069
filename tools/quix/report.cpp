#include "report.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include <quix/cfg/terminal.hpp>

#include "members.hpp"

namespace quix::tool {
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c == widths.size()) widths.push_back(0);
      widths[c] = std::max(widths[c], text_width(printable(row[c])));
    }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c)
      line += "  " + (c + 1 < row.size() ? left_aligned(printable(row[c]), widths[c]) : printable(row[c]));
    std::printf("%s\n", line.c_str());
  }
}

SampleField field_of(const std::string& suffix) {
  const auto quoted = "<\"" + suffix + "\"";
  auto name = suffix.substr(0, suffix.find('.'));
  std::string type = "quix::Bytes" + quoted + ">";
  switch (kind_of(suffix)) {
    case Kind::image:
      type = "quix::Image" + quoted + ">", name = suffix.find('.') == suffix.npos ? "image" : name;
      break;
    case Kind::cls: type = "quix::Class" + quoted + ">", name = suffix == "cls" ? "label" : name; break;
    case Kind::npy: type = "quix::Npy" + quoted + ", float>"; break;
    case Kind::rle: type = "quix::Rle" + quoted + ", std::int64_t>"; break;
    case Kind::mask: type = "quix::Mask" + quoted + ", std::int64_t>", name = "mask"; break;
    case Kind::json: type = "quix::Json" + quoted + ", YourStruct>"; break;
    case Kind::text: type = "quix::Text" + quoted + ">", name = suffix == "txt" ? "text" : name; break;
    case Kind::refused:
    case Kind::other: break;
  }
  for (auto& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) name = "member_" + name;
  return {type, name, {}};
}

void print_sample(const std::vector<SampleField>& fields) {
  std::size_t types = 0, names = 0;
  for (const auto& field : fields)
    types = std::max(types, field.type.size()), names = std::max(names, field.name.size());
  std::printf("\nstruct Sample {\n");
  for (const auto& field : fields) {
    auto line = "  " + field.type + std::string(types - field.type.size() + 1, ' ') + field.name + ";";
    if (!field.remark.empty()) line += std::string(names - field.name.size() + 2, ' ') + "// " + field.remark;
    std::printf("%s\n", printable(line).c_str());
  }
  std::printf("};\n");
}

void print_left_out(const std::vector<Omission>& all, const std::string& where, std::uint64_t junk) {
  for (const auto& one : all) std::printf("left out%s: %s\n", where.c_str(), one.text().c_str());
  if (junk > 0) std::printf("not data: hidden or system files: %s\n", grouped(junk).c_str());
}

}  // namespace quix::tool
