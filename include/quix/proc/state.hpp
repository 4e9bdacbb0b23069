#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <quix/detail/separate.hpp>
#include <quix/torch/tensor.hpp>

namespace quix {

/// The state of a component for resuming: its tensors and numbers, by name. A component lists each once; saving and
/// loading use the same list. Tensors share their memory with the component, numbers are referred to.
///
///     quix::save_tensors("state.safetensors", processor.state().tensors());
///     processor.state().load("state.safetensors");
class StateList {
 public:
  void add(std::string name, const at::Tensor& tensor) { tensors_.emplace_back(std::move(name), tensor); }
  void add(const NamedTensors& tensors) { tensors_.insert(tensors_.end(), tensors.begin(), tensors.end()); }
  void add(std::string name, std::uint64_t& number);
  void add(std::string name, std::int64_t& number);
  void add(std::string name, double& number);
  void add(std::string name, std::span<double> numbers);

  /// All entries, numbers with their current values.
  NamedTensors tensors() const;
  /// Sets the numbers from the result of tensors(), which may have been changed.
  void set_numbers(const NamedTensors& tensors) const;
  /// Reads all entries from a file. Throws Error as load_tensors() does. The number `optional` becomes 1 if the file
  /// lacks it.
  void load(const std::filesystem::path& file, std::string_view optional = {}) const;

 private:
  struct Number {
    std::size_t index;  // among the tensors
    void* memory;
    std::size_t bytes;
  };
  void add_number(std::string name, void* memory, std::size_t count, at::ScalarType type, bool scalar);

  NamedTensors tensors_;  // of numbers, only type and shape
  std::vector<Number> numbers_;
};

}  // namespace quix

#ifndef QUIX_SEPARATE
#include <quix/proc/state.ipp>
#endif
