#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <quix/detail/separate.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

/// Copies the weights of a file into a model's tensors, by name. The file: safetensors, or what Python's torch.save
/// wrote (a state dict, a module, or a dict that has one of them under some key), whatever its name.
///
/// A prefix that the model's names have in the file (`module.`, `_orig_mod.`, `state_dict.model.`) is stripped, and
/// floating-point types convert; both are reported. `strict`: throws Error naming each tensor that is missing, unknown
/// or of another shape. Otherwise those are left out and listed; a file of which nothing fits is still an error.
/// `advice` ends the error of a strict load. Returns one sentence for each thing to report.
std::vector<std::string> load_weights_file(const std::filesystem::path& path, const NamedTensors& model,
                                           bool strict = true, std::string_view advice = {});

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/run/weights.ipp>
#endif
