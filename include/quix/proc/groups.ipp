#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include <quix/cfg/suggest.hpp>
#include <quix/cfg/terminal.hpp>
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

/// The layer of a parameter, from its name: the name up to the first part that ends in a digit and the numbers that
/// follow it, else its first part.
struct LayerName {
  std::string text;
  bool numbered = false;
};
inline LayerName layer_of(const std::string& name) {
  bool numbered = false;
  for (std::size_t begin = 0, end = 0; begin < name.size(); begin = end + 1) {
    end = std::min(name.find('.', begin), name.size());
    const auto part = std::string_view(name).substr(begin, end - begin);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (numbered && !std::all_of(part.begin(), part.end(), digit)) return {name.substr(0, begin - 1), true};
    numbered |= !part.empty() && digit(part.back());
  }
  return {name.substr(0, name.find('.')), numbered};
}

/// The layer index of each parameter, from 0, and the number of layers. Names without a number before and after
/// numbered layers are different layers: the last normalization layer of a transformer.
inline std::pair<std::vector<std::size_t>, std::size_t> layers_of(const NamedTensors& parameters) {
  std::vector<LayerName> layers;
  std::vector<std::size_t> out;
  for (const auto& [name, tensor] : parameters) {
    auto layer = layer_of(name);
    auto same =
        std::find_if(layers.rbegin(), layers.rend(), [&](const auto& other) { return other.text == layer.text; });
    const bool behind = same != layers.rend() && !layer.numbered &&
                        std::any_of(layers.rbegin(), same, [](const auto& other) { return other.numbered; });
    if (same == layers.rend() || behind) {
      out.push_back(layers.size());
      layers.push_back(std::move(layer));
    } else {
      out.push_back(static_cast<std::size_t>(layers.rend() - same) - 1);
    }
  }
  return {std::move(out), layers.size()};
}

QUIX_INLINE void require_match(const NamedTensors& parameters, const std::string& pattern, const std::string& option) {
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

/// Every name of each parameter: one that several modules share has as many.
inline std::map<const void*, std::vector<std::string>> names_of(const NamedTensors& parameters) {
  std::map<const void*, std::vector<std::string>> out;
  for (const auto& [name, tensor] : parameters) out[tensor.unsafeGetTensorImpl()].push_back(name);
  return out;
}

inline bool matches_one(const std::string& pattern, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const auto& name) { return matches(pattern, name); });
}

QUIX_INLINE void assign_schedule(ParameterGroups& groups, const NamedTensors& all,
                                 const std::vector<std::string>& patterns, std::size_t schedule,
                                 const std::string& option) {
  std::string list;
  for (const auto& pattern : patterns) {
    require_match(all, pattern, option);
    list += (list.empty() ? "" : ", ") + pattern;
  }
  const auto names = names_of(all);
  ParameterGroups out;
  for (auto& group : groups) {
    auto part = group;
    part.parameters.clear();
    std::erase_if(group.parameters, [&](const auto& entry) {
      const auto claims = [&](const auto& pattern) {
        return matches_one(pattern, names.at(entry.second.unsafeGetTensorImpl()));
      };
      if (std::none_of(patterns.begin(), patterns.end(), claims)) return false;
      const auto by_first_name = [&](const auto& pattern) { return matches(pattern, entry.first); };
      if (group.schedule != 0 && std::none_of(patterns.begin(), patterns.end(), by_first_name)) return false;
      if (group.schedule != 0)
        throw Error(option, "the parameter " + entry.first + " matches patterns of two schedules; remove one pattern");
      part.parameters.push_back(entry);
      return true;
    });
    part.schedule = schedule, part.name += ", schedule of " + list;
    if (!group.parameters.empty()) out.push_back(std::move(group));
    if (!part.parameters.empty()) out.push_back(std::move(part));
  }
  groups = std::move(out);
}

/// Throws Error for a factor or weight decay that is negative or not finite.
inline void require_factors(const std::map<std::string, float>& values, const char* option) {
  for (const auto& [pattern, value] : values)
    if (!std::isfinite(value) || value < 0)
      throw Error(option, pattern + ": must be finite and at least 0, got " + short_number(static_cast<double>(value)));
}

/// The one entry of a map of patterns that matches a parameter: its first name, or where none does, its others. None
/// when there is none.
template <class T>
const T* find_pattern(const std::map<std::string, T>& patterns, const std::vector<std::string>& names,
                      const char* option) {
  for (const auto& name : names) {
    const std::pair<const std::string, T>* found = nullptr;
    for (const auto& entry : patterns) {
      if (!matches(entry.first, name)) continue;
      if (found)
        throw Error(option, "the parameter " + name + " matches two patterns, " + found->first + " and " + entry.first +
                                "; remove one pattern");
      found = &entry;
    }
    if (found) return &found->second;
  }
  return nullptr;
}

}  // namespace detail

QUIX_INLINE ParameterGroups Groups::split(const NamedTensors& parameters) const {
  for (const auto& [pattern, value] : weight_decay) detail::require_match(parameters, pattern, "groups.weight_decay");
  for (const auto& [pattern, value] : lr_factor) detail::require_match(parameters, pattern, "groups.lr_factor");
  for (const auto& [pattern, value] : start) detail::require_match(parameters, pattern, "groups.start");
  for (const auto& pattern : freeze) detail::require_match(parameters, pattern, "groups.freeze");

  detail::require_factors(weight_decay, "groups.weight_decay");
  detail::require_factors(lr_factor, "groups.lr_factor");
  const auto [layers, layer_count] = detail::layers_of(parameters);
  const auto all_names = detail::names_of(parameters);

  ParameterGroups out;
  std::set<const void*> seen;
  std::vector<at::Tensor> frozen;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, tensor] = parameters[i];
    if (!seen.insert(tensor.unsafeGetTensorImpl()).second) continue;  // a shared parameter is in one group
    const auto& names = all_names.at(tensor.unsafeGetTensorImpl());
    if (std::any_of(freeze.begin(), freeze.end(), [&](const auto& p) { return detail::matches_one(p, names); })) {
      frozen.push_back(tensor);
      continue;
    }
    if (!tensor.requires_grad()) continue;
    ParameterGroup group{.name = "weights"};
    const bool bias = name.ends_with("bias"), norm = !bias && tensor.dim() <= 1;
    if ((bias && !decay_biases) || (norm && !decay_norms))
      group.weight_decay = 0, group.name = decay_norms ? "biases" : decay_biases ? "norms" : "norms and biases";
    if (const auto* custom = detail::find_pattern(weight_decay, names, "groups.weight_decay"))
      group.weight_decay = static_cast<double>(*custom), group.name = "decay " + detail::short_number(*custom);
    if (const auto* custom = detail::find_pattern(lr_factor, names, "groups.lr_factor"))
      group.lr_factor = static_cast<double>(*custom);
    if (layer_decay < 1)
      group.lr_factor *= std::pow(static_cast<double>(layer_decay), static_cast<double>(layer_count - 1 - layers[i]));
    if (const auto* later = detail::find_pattern(start, names, "groups.start")) group.start = *later;
    if (group.start.amount > 0) group.name += ", from " + detail::write_extent(group.start);
    if (group.lr_factor != 1) group.name += ", rate × " + detail::short_number(group.lr_factor);
    auto same = std::find_if(out.begin(), out.end(), [&](const auto& other) {
      return other.lr_factor == group.lr_factor && other.weight_decay == group.weight_decay &&
             other.start == group.start;
    });
    if (same == out.end()) same = out.insert(out.end(), std::move(group));
    same->parameters.emplace_back(name, tensor);
  }
  if (out.empty()) throw Error("groups.freeze", "matches every parameter; leave some trainable");
  for (const auto& tensor : frozen) tensor.requires_grad_(false);
  return out;
}

QUIX_INLINE std::string describe(const ParameterGroups& groups, double weight_decay) {
  std::string out;
  for (const auto& group : groups) {
    std::int64_t numbers = 0;
    for (const auto& [name, tensor] : group.parameters) numbers += tensor.numel();
    char line[128];
    std::snprintf(line, sizeof line, " %5zu tensors %12lld parameters  rate × %-8.4g decay %.4g\n",
                  group.parameters.size(), static_cast<long long>(numbers), group.lr_factor,
                  group.weight_decay.value_or(weight_decay));
    out += group.name + std::string(group.name.size() < 32 ? 32 - group.name.size() : 0, ' ') + line;
  }
  return out;
}

}  // namespace quix
