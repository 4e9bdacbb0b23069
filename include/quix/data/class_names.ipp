#pragma once

#include <charconv>
#include <optional>
#include <system_error>

#include <quix/cfg/json.hpp>
#include <quix/data/class_names.hpp>
#include <quix/data/dataset.hpp>
#include <quix/data/dataset.ipp>
#include <quix/data/index.hpp>
#include <quix/io/file.hpp>

namespace quix {
namespace detail {

inline std::optional<std::int64_t> whole_number(const Node& node) {
  std::int64_t value = 0;
  const auto& text = node.text;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (node.kind != Node::Kind::plain || code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Reads one of the forms; nothing for another form, which quix does not interpret.
inline DeclaredClasses read_declared(const Node& node, const std::string& where) {
  DeclaredClasses out;
  if (const auto count = whole_number(node)) {
    if (*count < 1) throw Error(where, "expected a number of classes, 1 or more, got " + node.text);
    out.count = *count;
  } else if (node.kind == Node::Kind::list) {
    for (const auto& name : node.items) {
      if (!name.is_scalar()) return {};
      out.names.push_back(name.text);
    }
    out.count = static_cast<std::int64_t>(out.names.size());
  } else if (node.kind == Node::Kind::map) {
    std::vector<bool> taken(node.members.size());
    out.names.resize(node.members.size());
    for (const auto& [name, value, line, column] : node.members) {
      const auto number = whole_number(value);
      if (!number) return {};
      const auto i = static_cast<std::size_t>(*number);
      if (*number < 0 || i >= taken.size() || taken[i])
        throw Error(where, "the class " + name + " has the index " + value.text + "; write each index from 0 to " +
                               std::to_string(taken.size() - 1) + " once");
      taken[i] = true, out.names[i] = name;
    }
    out.count = static_cast<std::int64_t>(out.names.size());
  }
  return out;
}

/// Of the extensions that config.json lists: cls, or the only one that names a class.
inline std::string class_suffix(const Node& config) {
  std::string only;
  const auto* extensions = config.find("extensions");
  if (!extensions) return "cls";
  for (const auto& extension : extensions->items) {
    const auto suffix = extension.text.substr(extension.text.starts_with('.') ? 1 : 0);
    if (suffix == "cls" || (names_class(suffix) && !only.empty())) return "cls";
    if (names_class(suffix)) only = suffix;
  }
  return only.empty() ? "cls" : only;
}

inline DeclaredClasses declared_in(const std::filesystem::path& folder) {
  const auto config = folder / "config.json";
  std::error_code ignored;
  if (!std::filesystem::exists(config, ignored)) return {};
  const auto root = json::parse(io::read_text(config), config.string());
  for (const auto* node : {root.find("metadata"), &root})
    for (const auto* key : {"classes", "num_classes"})
      if (const auto* value = node && node->kind == Node::Kind::map ? node->find(key) : nullptr)
        if (auto found = read_declared(*value, config.string() + ", " + key); found.count > 0) {
          found.suffix = class_suffix(root);
          return found;
        }
  return {};
}

/// Throws Error: two joined datasets declare different classes.
[[noreturn]] inline void refuse_mixed(const std::filesystem::path& a, const DeclaredClasses& of_a,
                                      const std::filesystem::path& b, const DeclaredClasses& of_b) {
  const auto where = (b / "config.json").string(), other = (a / "config.json").string();
  std::string what;
  if (of_a.count != of_b.count) {
    what = "declares " + std::to_string(of_b.count) + " classes, " + other + " " + std::to_string(of_a.count);
  } else if (of_a.suffix != of_b.suffix) {
    what = "declares the classes of the suffix " + of_b.suffix + ", " + other + " of " + of_a.suffix;
  } else {
    std::size_t i = 0;
    while (i + 1 < of_a.names.size() && of_a.names[i] == of_b.names[i]) ++i;
    what = "names class " + std::to_string(i) + " " + of_b.names[i] + ", " + other + " " + of_a.names[i];
  }
  throw Error(where, what + "; joined datasets need the same classes: correct one, or remove its \"classes\"");
}

}  // namespace detail

QUIX_INLINE DeclaredClasses declared_classes(const std::filesystem::path& dataset) {
  DeclaredClasses out;
  std::filesystem::path first;  // that declares them
  bool all = true;
  for (const auto& part : detail::parts_of(dataset)) {
    if (detail::names_shards(part)) {
      all = false;
      continue;
    }
    const auto folder = find_dataset(part);
    auto declared = detail::declared_in(folder);
    if (declared.count == 0) continue;
    if (out.count > 0) {
      const bool named = !out.names.empty() && !declared.names.empty();
      if (declared.count != out.count || declared.suffix != out.suffix || (named && declared.names != out.names))
        detail::refuse_mixed(first, out, folder, declared);
      if (!out.names.empty()) continue;
    }
    out = std::move(declared), first = folder;
  }
  return all ? out : DeclaredClasses{};
}

QUIX_INLINE std::string class_text(std::int64_t number, const std::vector<std::string>& names) {
  const bool named = number >= 0 && static_cast<std::size_t>(number) < names.size();
  return std::to_string(number) + (named ? " (" + printable(names[static_cast<std::size_t>(number)]) + ")" : "");
}

QUIX_INLINE std::string detail::class_fault(std::int64_t number, std::int64_t known, bool of_run, std::size_t samples) {
  const auto text = std::to_string(number);
  if (number < 0) return "class " + text + "; class indices start at 0";
  if (known > 0 && number < known) return "";
  if (known > 0)
    return "class " + text + ", but " + (of_run ? "the run has " : "the dataset declares ") + std::to_string(known) +
           (known == 1 ? " class" : " classes") + ", numbered from 0; correct the label, or " +
           (of_run ? "train a new run" : "\"classes\" in config.json");
  if (number < 65536 || static_cast<std::uint64_t>(number) / 10 < samples) return "";
  return "class " + text + " among only " + std::to_string(samples) + (samples == 1 ? " sample" : " samples") +
         "; class indices start at 0 without large gaps: correct the label, or declare the number of classes in "
         "config.json, \"metadata\": {\"classes\": N}";
}

}  // namespace quix
