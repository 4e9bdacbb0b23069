#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace quix {

/// Facts about the data, for building a model.
struct TaskInfo {
  std::vector<std::int64_t> shape;  ///< of one sample's first input: [C, H, W]
  std::int64_t inputs = 0;          ///< its number of elements
  std::int64_t classes = 0;         ///< class indices are 0 … classes-1; 0 without a class field
  std::size_t train_samples = 0;
  std::size_t val_samples = 0;
  std::vector<std::string> class_names{};  ///< by class index; empty if the dataset declares none
};

}  // namespace quix
