#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <quix/cfg/suggest.hpp>
#include <quix/proc/groups.hpp>

namespace quix {
namespace detail {

QUIX_INLINE bool matches(std::string_view pattern, std::string_view text) {
  // The usual two-pointer walk: on a mismatch the last star takes one character more.
  std::size_t p = 0, t = 0, star = pattern.npos, after = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == text[t] || pattern[p] == '?')) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++, after = t;
    } else if (star != pattern.npos) {
      p = star + 1, t = ++after;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// The layer of a parameter: its name up to the first part that ends in a digit and the numbers that follow it, else
/// its first part.
inline std::string layer_of(const std::string& name) {
  bool numbered = false;
  for (std::size_t begin = 0, end = 0; begin < name.size(); begin = end + 1) {
    end = std::min(name.find('.', begin), name.size());
    const auto part = std::string_view(name).substr(begin, end - begin);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (numbered && !std::all_of(part.begin(), part.end(), digit)) return name.substr(0, begin - 1);
    numbered |= !part.empty() && digit(part.back());
  }
  return name.substr(0, name.find('.'));
}

QUIX_INLINE std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

QUIX_INLINE void require_match(const NamedTensors& parameters, const std::string& pattern, const char* option) {
  std::vector<std::string_view> names;
  for (const auto& [name, tensor] : parameters) {
    if (matches(pattern, name)) return;
    names.push_back(name);
  }
  const auto near = nearest(pattern, names);
  std::string some;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 6); ++i)
    some += (i ? ", " : "") + std::string(names[i]);
  throw Error(option, "no parameter matches " + pattern +
                          (near.empty() ? "; there are " + some + (names.size() > 6 ? ", …" : "")
                                        : "; did you mean " + std::string(near) + "?"));
}

QUIX_INLINE void assign_schedule(ParameterGroups& groups, const std::vector<std::string>& patterns,
                                 std::size_t schedule) {
  constexpr const char* option = "schedule.parameters";
  NamedTensors all;
  for (const auto& group : groups) all.insert(all.end(), group.parameters.begin(), group.parameters.end());
  std::string names;
  for (const auto& pattern : patterns) {
    require_match(all, pattern, option);
    names += (names.empty() ? "" : ", ") + pattern;
  }
  ParameterGroups out;
  for (auto& group : groups) {
    auto part = group;
    part.parameters.clear();
    std::erase_if(group.parameters, [&](const auto& entry) {
      const auto claims = [&](const auto& pattern) { return matches(pattern, entry.first); };
      if (std::none_of(patterns.begin(), patterns.end(), claims)) return false;
      if (group.schedule != 0)
        throw Error(option,
                    "the parameter " + entry.first + " is matched by patterns of two schedules; one has to decide");
      part.parameters.push_back(entry);
      return true;
    });
    part.schedule = schedule, part.name += ", schedule of " + names;
    if (!group.parameters.empty()) out.push_back(std::move(group));
    if (!part.parameters.empty()) out.push_back(std::move(part));
  }
  groups = std::move(out);
}

/// The one entry of a map of patterns that matches; none when there is none.
template <class T>
const T* find_pattern(const std::map<std::string, T>& patterns, const std::string& name, const char* option) {
  const std::pair<const std::string, T>* found = nullptr;
  for (const auto& entry : patterns) {
    if (!matches(entry.first, name)) continue;
    if (found)
      throw Error(option, "the parameter " + name + " is matched by two patterns, " + found->first + " and " +
                              entry.first + "; one has to decide");
    found = &entry;
  }
  return found ? &found->second : nullptr;
}

}  // namespace detail

QUIX_INLINE ParameterGroups Groups::split(const NamedTensors& parameters) const {
  for (const auto& [pattern, value] : decay) detail::require_match(parameters, pattern, "groups.decay");
  for (const auto& [pattern, value] : rate) detail::require_match(parameters, pattern, "groups.rate");
  for (const auto& [pattern, value] : start) detail::require_match(parameters, pattern, "groups.start");
  for (const auto& pattern : freeze) detail::require_match(parameters, pattern, "groups.freeze");

  std::vector<std::string> layers;
  for (const auto& [name, tensor] : parameters)
    if (auto layer = detail::layer_of(name); std::find(layers.begin(), layers.end(), layer) == layers.end())
      layers.push_back(std::move(layer));

  ParameterGroups out;
  std::vector<const void*> seen;
  std::vector<at::Tensor> frozen;
  for (const auto& [name, tensor] : parameters) {
    // A parameter that two modules share steps once, under its first name.
    if (std::find(seen.begin(), seen.end(), tensor.unsafeGetTensorImpl()) != seen.end()) continue;
    seen.push_back(tensor.unsafeGetTensorImpl());
    if (std::any_of(freeze.begin(), freeze.end(), [&](const auto& p) { return detail::matches(p, name); })) {
      frozen.push_back(tensor);
      continue;
    }
    if (!tensor.requires_grad()) continue;
    ParameterGroup group{.name = "weights"};
    const bool bias = name == "bias" || name.ends_with(".bias"), norm = !bias && tensor.dim() <= 1;
    if ((bias && !decay_biases) || (norm && !decay_norms))
      group.weight_decay = 0, group.name = decay_norms ? "biases" : decay_biases ? "norms" : "norms and biases";
    if (const auto* custom = detail::find_pattern(decay, name, "groups.decay"))
      group.weight_decay = static_cast<double>(*custom), group.name = "decay " + detail::short_number(*custom);
    if (const auto* custom = detail::find_pattern(rate, name, "groups.rate")) group.rate = static_cast<double>(*custom);
    if (layer_decay < 1) {
      const auto depth = std::find(layers.begin(), layers.end(), detail::layer_of(name)) - layers.begin();
      group.rate *= std::pow(static_cast<double>(layer_decay),
                             static_cast<double>(layers.size()) - 1 - static_cast<double>(depth));
    }
    if (const auto* later = detail::find_pattern(start, name, "groups.start")) group.start = *later;
    if (group.start.amount > 0) group.name += ", from " + detail::write_extent(group.start);
    if (group.rate != 1) group.name += ", rate × " + detail::short_number(group.rate);
    auto same = std::find_if(out.begin(), out.end(), [&](const auto& other) {
      return other.rate == group.rate && other.weight_decay == group.weight_decay && other.start == group.start;
    });
    if (same == out.end()) same = out.insert(out.end(), std::move(group));
    same->parameters.emplace_back(name, tensor);
  }
  if (out.empty()) throw Error("groups.freeze", "leaves no parameter that learns");
  for (const auto& tensor : frozen) tensor.requires_grad_(false);
  return out;
}

QUIX_INLINE std::string describe(const ParameterGroups& groups, double weight_decay) {
  std::string out;
  for (const auto& group : groups) {
    std::int64_t numbers = 0;
    for (const auto& [name, tensor] : group.parameters) numbers += tensor.numel();
    char line[160];
    std::snprintf(line, sizeof line, "%-32s %5zu tensors %12lld parameters  rate × %-8.4g decay %.4g\n",
                  group.name.c_str(), group.parameters.size(), static_cast<long long>(numbers), group.rate,
                  group.weight_decay.value_or(weight_decay));
    out += line;
  }
  return out;
}

}  // namespace quix
