#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include <ATen/ops/all.h>
#include <ATen/ops/isfinite.h>
#include <c10/core/ScalarType.h>
#include <c10/util/StringUtil.h>

#include <quix/cfg/suggest.hpp>
#include <quix/io/format.hpp>
#include <quix/io/pt.hpp>
#include <quix/io/safetensors.hpp>
#include <quix/run/weights.hpp>

namespace quix {
namespace detail {

/// How well known a prefix is as that of weights: of several that fit, the lowest is taken.
inline std::size_t prefix_rank(std::string_view prefix) {
  constexpr std::string_view known[] = {"",           "state_dict.", "model_state_dict.", "model.",  "module.",
                                        "_orig_mod.", "net.",        "network.",          "params.", "model_state.",
                                        "weights."};
  std::size_t rank = 0;
  for (const auto one : known) {
    if (prefix == one) return 2 * rank;
    if (!one.empty() && prefix.starts_with(one)) return 2 * rank + 1;
    ++rank;
  }
  return 2 * rank;
}

/// "a, b, c and 4 more".
inline std::string listed(const std::vector<std::string>& names, std::size_t most = 12) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) out += (i ? ", " : "") + names[i];
  if (names.size() > most) out += " and " + std::to_string(names.size() - most) + " more";
  return out;
}

/// One file of weights and one model.
template <class File>
class WeightsLoader {
 public:
  WeightsLoader(const File& file, const NamedTensors& model, std::map<std::string, std::string> names)
      : file_(file), where_(file.path().string()), model_(model), names_(std::move(names)) {}

  std::vector<std::string> load(bool strict, std::string_view advice) {
    find_prefix();
    match();
    if (strict && found_ && !problems_.empty()) {
      constexpr std::size_t most = 40;
      if (const auto all = problems_.size(); all > most) {
        problems_.resize(most);
        problems_.push_back({where_, "and " + std::to_string(all - most) + " more", {}});
      }
      if (!advice.empty()) problems_.push_back({where_, std::string(advice), {}});
      throw Error(std::move(problems_));
    }
    if (names_.empty() && !model_.empty()) throw Error(where_, "no tensors found");
    if (fitting_.empty() && !model_.empty())
      throw Error(where_, "none of its " + std::to_string(names_.size()) + " tensors fits the model; it has " +
                              listed(file_names(), 4) + ", the model " + listed(model_names(), 4));
    const at::NoGradGuard no_grad;
    for (const auto& [target, entry] : fitting_) {
      copy(*target, *entry);
      const auto& tensor = target->second;
      if (tensor.is_floating_point() && !at::isfinite(tensor).all().template item<bool>())
        not_finite_.push_back(target->first);
    }
    report();
    return std::move(notices_);
  }

 private:
  std::vector<std::string> file_names() const {
    std::vector<std::string> out;
    for (const auto& [name, entry] : names_) out.push_back(name);
    return out;
  }
  std::vector<std::string> model_names() const {
    std::vector<std::string> out;
    for (const auto& [name, tensor] : model_) out.push_back(name);
    return out;
  }

  /// The prefix under which most of the model's names stand.
  void find_prefix() {
    std::set<std::string_view> wanted;
    for (const auto& [name, tensor] : model_) wanted.insert(name);
    std::map<std::string_view, std::size_t> counts;
    for (const auto& [name, entry] : names_) {
      const std::string_view whole = name;
      for (std::size_t begin = 0;;) {
        if (wanted.contains(whole.substr(begin))) ++counts[whole.substr(0, begin)];
        const auto dot = whole.find('.', begin);
        if (dot == whole.npos) break;
        begin = dot + 1;
      }
    }
    std::size_t most = 0;
    for (const auto& [prefix, count] : counts) most = std::max(most, count);
    std::vector<std::string> others;
    for (const auto& [prefix, count] : counts) {
      if (count != most) continue;
      const auto key = [](std::string_view one) { return std::tuple(prefix_rank(one), one.size(), one); };
      if (found_ && key(prefix) > key(prefix_)) {
        others.emplace_back(prefix);
        continue;
      }
      if (found_) others.push_back(prefix_);
      prefix_ = prefix, found_ = true;
    }
    if (!prefix_.empty())
      notices_.push_back("stripped the prefix " + prefix_ + " from the names of " + where_ +
                         (others.empty() ? "" : "; the same names have the prefix " + listed(others)));
  }

  void match() {
    std::set<std::string> used;
    std::vector<std::string_view> names;
    for (const auto& [name, entry] : names_) names.push_back(name);
    for (const auto& target : model_) {
      const auto& [name, tensor] = target;
      const auto found = names_.find(prefix_ + name);
      if (found == names_.end() && name.ends_with("num_batches_tracked")) {  // files from before torch 0.4.1
        counters_.push_back(name);
        continue;
      }
      if (found == names_.end()) {
        const auto near = problems_.size() < 8 ? nearest(prefix_ + name, names) : std::string_view{};
        problems_.push_back(
            {where_,
             "has no tensor " + prefix_ + name + (near.empty() ? "" : "; the nearest name is " + std::string(near)),
             {}});
        missing_.push_back(name);
        continue;
      }
      used.insert(found->first);
      const auto& entry = file_.entries().at(found->second);
      const std::vector<std::int64_t> shape(entry.shape.begin(), entry.shape.end());
      const auto from = scalar_type(entry.dtype), to = tensor.scalar_type();
      const bool converts = at::isFloatingType(from) && at::isFloatingType(to);
      if (at::IntArrayRef(shape) != tensor.sizes() || (from != to && !converts)) {
        const auto file_side = c10::str(name_of(entry.dtype), " ", at::IntArrayRef(shape)),
                   model_side = c10::str(name_of(dtype_of(to)), " ", tensor.sizes());
        problems_.push_back({where_, "tensor " + name + " is " + file_side + ", the model has " + model_side, {}});
        unfit_.push_back(name + " (" + file_side + " in the file, " + model_side + " in the model)");
        continue;
      }
      if (from != to) ++converted_[{name_of(entry.dtype), name_of(dtype_of(to))}];
      fitting_.emplace_back(&target, &entry);
    }
    // What other keys of the file hold (an optimizer's state) is not for the model.
    const auto top = prefix_.substr(0, prefix_.find('.') + 1);
    for (const auto& [name, entry] : names_) {
      if (used.contains(name)) continue;
      if (!prefix_.empty() && !name.starts_with(top)) {
        other_keys_.insert(name.substr(0, name.find('.')));
        continue;
      }
      problems_.push_back({where_, "unexpected tensor " + name, {}});
      unknown_.push_back(name);
    }
  }

  void copy(const NamedTensors::value_type& target, const typename File::Entry& entry) const {
    const auto& [name, tensor] = target;
    if (tensor.numel() == 0) return;
    const auto type = scalar_type(entry.dtype);
    if (type == tensor.scalar_type() && is_plain(tensor)) return file_.read(entry, tensor.data_ptr());
    const auto dense = at::empty(tensor.sizes(), at::TensorOptions(type));
    file_.read(entry, dense.data_ptr());
    copy_repeated(dense, tensor, where_ + ", tensor " + name);
  }

  void report() {
    for (const auto& [types, count] : converted_)
      notices_.push_back("converted " + std::to_string(count) + (count == 1 ? " tensor" : " tensors") + " from " +
                         std::string(types.first) + " to " + std::string(types.second));
    if (!other_keys_.empty())
      notices_.push_back("ignored what else the file has: " +
                         listed(std::vector<std::string>(other_keys_.begin(), other_keys_.end())));
    const auto left_out = [&](const char* what, const std::vector<std::string>& names) {
      if (!names.empty()) notices_.push_back("left out, " + std::string(what) + ": " + listed(names, 40));
    };
    if (!not_finite_.empty())
      notices_.push_back("not all numbers are finite (NaN or infinite) in " + listed(not_finite_));
    if (!counters_.empty())
      notices_.push_back("the file has no counters of batches, and the model keeps its own: " + listed(counters_, 4));
    left_out("of another shape or type", unfit_);
    left_out("not in the file", missing_);
    left_out("not in the model", unknown_);
  }

  const File& file_;
  std::string where_;
  const NamedTensors& model_;
  std::map<std::string, std::string> names_;  // of tensors; in the file it may be that of another with the same bytes
  std::string prefix_;
  bool found_ = false;
  std::vector<Problem> problems_;
  std::vector<std::pair<const NamedTensors::value_type*, const typename File::Entry*>> fitting_;
  std::map<std::pair<std::string_view, std::string_view>, int> converted_;
  std::set<std::string> other_keys_;
  std::vector<std::string> missing_, unfit_, unknown_, counters_, not_finite_, notices_;
};

}  // namespace detail

QUIX_INLINE std::vector<std::string> load_weights_file(const std::filesystem::path& path, const NamedTensors& model,
                                                       bool strict, std::string_view advice) {
  std::map<std::string, std::string> names;
  const auto load = [&](const auto& file) {
    for (const auto& [name, entry] : file.entries()) names.emplace(name, name);
    return detail::WeightsLoader(file, model, std::move(names)).load(strict, advice);
  };
  if (io::tensor_format(io::File(path)) == io::TensorFormat::pt) return load(io::PtFile(path));
  const io::Safetensors file(path);
  constexpr std::string_view alias = "alias.";
  for (const auto& [key, value] : file.metadata())
    if (key.starts_with(alias) && file.entries().contains(value)) names.emplace(key.substr(alias.size()), value);
  return load(file);
}

}  // namespace quix
