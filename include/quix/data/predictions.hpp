#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <quix/cfg/error.hpp>

namespace quix {

/// A model's predictions for the samples of a split: written in the order of batches, read by sample index (a
/// quix::Index field), independent of order, ranks and threads.
///
///     quix::Predictions predictions(split.size(), classes);
///     for (auto& batch : loader.epoch(order)) predictions.put(batch.number, batch.size, logits_of(batch));
///     predictions.best(7) == split.class_numbers(split.class_field())[7];
template <class T = float>
class Predictions {
 public:
  /// `width` values for each sample.
  Predictions(std::size_t samples, std::size_t width) : width_(width), values_(samples * width), filled_(samples) {}

  std::size_t size() const { return filled_.size(); }
  std::size_t width() const { return width_; }
  /// Samples without a prediction.
  std::size_t missing() const { return static_cast<std::size_t>(std::count(filled_.begin(), filled_.end(), 0)); }

  /// Row-major values [samples, width] of some samples; later ones replace earlier ones. Throws Error for a sample that
  /// is not in the split, and for another number of values.
  void put(std::span<const std::int64_t> samples, std::span<const T> values) {
    if (values.size() != samples.size() * width_)
      throw Error("predictions", "expected " + std::to_string(samples.size()) + " × " + std::to_string(width_) +
                                     " values, got " + std::to_string(values.size()));
    for (std::size_t row = 0; row < samples.size(); ++row) {
      const auto sample = static_cast<std::size_t>(samples[row]);
      if (samples[row] < 0 || sample >= size())
        throw Error("predictions", "sample " + std::to_string(samples[row]) + " not found; there are " +
                                       std::to_string(size()) + " samples");
      std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(row * width_), width_,
                  values_.begin() + static_cast<std::ptrdiff_t>(sample * width_));
      filled_[sample] = 1;
    }
  }
  /// The first `rows` rows of a batch: `number` is its quix::Index field.
  template <class Array>
  void put(const Array& number, std::size_t rows, std::span<const T> values) {
    put(std::span(number.template data<std::int64_t>(), rows), values);
  }

  /// Throws Error for a sample without a prediction.
  std::span<const T> operator[](std::size_t sample) const {
    if (sample >= size() || !filled_[sample])
      throw Error("predictions", "no prediction for the sample " + std::to_string(sample));
    return {values_.data() + sample * width_, width_};
  }
  /// The index of the largest value: the predicted class.
  std::int64_t best(std::size_t sample) const {
    const auto row = (*this)[sample];
    return std::max_element(row.begin(), row.end()) - row.begin();
  }

 private:
  std::size_t width_;
  std::vector<T> values_;
  std::vector<std::uint8_t> filled_;
};

}  // namespace quix
